// The front page as it is read: by everybody, on every screen, with little or nothing working.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { bars, groups, unfoldAll, visibleBars } from './front.mjs';
import { assertAccessible, assertNoSidewaysScroll, open, origin, summary, widths } from './support.mjs';

for (const colorScheme of ['light', 'dark']) {
  for (const width of [390, 1280]) {
    test(`is accessible, ${colorScheme}, ${width} pixels wide`, async (t) => {
      const page = await open(t, '/', { colorScheme, width });
      await assertAccessible(page);
      await unfoldAll(page);
      await assertAccessible(page);
    });
  }
}

for (const width of widths) {
  test(`never scrolls sideways, ${width} pixels wide`, async (t) => {
    const page = await open(t, '/', { width });
    await assertNoSidewaysScroll(page);
    await unfoldAll(page);
    await assertNoSidewaysScroll(page);
  });
}

test('is valid HTML', async () => {
  const html = await (await fetch(origin)).text();
  const report = await new HtmlValidate({ extends: ['html-validate:standard'] }).validateString(html);
  const told = report.results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
  );
  assert.equal(told.join('\n'), '');
});

/** All that a visitor has to be told without a script: the verdict, what is going on, every component. */
async function assertReadable(page) {
  const { incidents, maintenances, groups: grouped, components } = await summary();
  assert.equal(await page.getByRole('heading', { level: 1 }).filter({ visible: true }).count(), 1);
  for (const { name } of [...incidents, ...maintenances, ...grouped]) {
    assert.ok(await page.getByText(name, { exact: true }).first().isVisible(), `"${name}" is on the page`);
  }
  assert.equal(await bars(page).count(), components.length);
  assert.ok((await visibleBars(page).count()) > 0, 'the group with trouble is unfolded');
  for (const group of await groups(page).all()) {
    if (await group.getAttribute('open') === null) await group.locator('> summary').click();
  }
  for (const { name } of components) {
    assert.ok(await page.getByText(name, { exact: true }).first().isVisible(), `"${name}" is in its group`);
  }
}

test('is readable without scripts', async (t) => {
  await assertReadable(await open(t, '/', { javaScriptEnabled: false }));
});

test('is readable without a second request', async (t) => {
  const page = await open(t, '/', {
    javaScriptEnabled: false,
    prepare: (page) =>
      page.route('**', (route) => (route.request().resourceType() === 'document' ? route.continue() : route.abort())),
  });
  await assertReadable(page);
  assert.equal(await page.locator('link[rel~=stylesheet]').count(), 0);
});

test('asks no third party for anything', async (t) => {
  const page = await open(t, '/');
  await unfoldAll(page);
  const foreign = page.requests.filter((address) => !address.startsWith('data:') && new URL(address).origin !== origin);
  assert.deepEqual(foreign, []);
});

test('leaves nothing on the console', async (t) => {
  const page = await open(t, '/');
  await unfoldAll(page);
  assert.deepEqual(page.problems, []);
});

/** How bright the page's ground is, from 0 to 255, whatever notation its colour is in. */
function brightness(page) {
  return page.evaluate(() => {
    const ground = [document.body, document.documentElement]
      .map((element) => getComputedStyle(element).backgroundColor)
      .find((colour) => !/, 0\)$|transparent/.test(colour));
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    canvas.fillStyle = ground ?? 'white';
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3;
  });
}

test('is dark for those who like it dark', async (t) => {
  assert.ok((await brightness(await open(t, '/', { colorScheme: 'light' }))) > 200);
  assert.ok((await brightness(await open(t, '/', { colorScheme: 'dark' }))) < 60);
});

test('tells its state in the title and the icon', async (t) => {
  const page = await open(t, '/');
  const { page: about } = await summary();
  const verdict = (await page.getByRole('heading', { level: 1 }).innerText()).trim();
  const title = await page.title();
  assert.ok(title.includes(verdict), `"${title}" holds "${verdict}"`);
  assert.ok(title.includes(about.name), `"${title}" holds "${about.name}"`);

  const address = await page.locator('link[rel~=icon]').first().getAttribute('href');
  const icon = await page.request.get(new URL(address, origin).href);
  assert.equal(icon.status(), 200);
  assert.match(icon.headers()['content-type'], /^image\//);
  const well = address.replace(/[a-z_]+(\.\w+)$/, 'operational$1');
  assert.notEqual(address, well, 'the address of the icon names the state');
});

test('tells the time as the visitor has it', async (t) => {
  const page = await open(t, '/', { timezoneId: 'Asia/Tokyo' });
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit' });
  await page.waitForFunction(() => /GMT\+9|UTC\+9|JST/.test(document.body.innerText));
  const times = await page.locator('time[datetime*=T]').evaluateAll((all) =>
    all.map((element) => ({ moment: element.dateTime, text: element.textContent })),
  );
  const told = times.filter(({ text }) => /\d:\d\d/.test(text));
  assert.ok(told.length > 0);
  for (const { moment, text } of told) {
    assert.ok(text.includes(clock.format(new Date(moment))), `${moment} is shown as "${text}"`);
  }
});
