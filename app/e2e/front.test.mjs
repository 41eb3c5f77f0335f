// The front page as it is read: by everybody, with little or nothing working.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bars, groups, visibleBars } from './front.mjs';
import { open, summary } from './support.mjs';

async function assertShown(page, name) {
  const shown = page.getByText(name, { exact: true }).filter({ visible: true });
  assert.ok((await shown.count()) > 0, `"${name}" is to be seen`);
}

/** All that a visitor has to be told without a script: the verdict, what is going on, every component. */
async function assertReadable(page) {
  const { incidents, maintenances, groups: grouped, components } = await summary();
  assert.equal(await page.getByRole('heading', { level: 1 }).filter({ visible: true }).count(), 1);
  for (const { name } of [...incidents, ...maintenances, ...grouped]) await assertShown(page, name);
  assert.equal(await bars(page).count(), components.filter(({ showcase }) => showcase).length);
  assert.ok((await visibleBars(page).count()) > 0, 'the group with trouble is unfolded');
  for (const group of await groups(page).all()) {
    if ((await group.getAttribute('open')) === null) await group.locator('> summary').click();
  }
  for (const { name } of components) await assertShown(page, name);
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

test('says its days in words too, without scripts', async (t) => {
  const page = await open(t, '/', { javaScriptEnabled: false });
  const row = page.locator('[data-component-id]:has([data-days])').filter({ visible: true }).first();
  const id = await row.getAttribute('data-component-id');
  await row.locator(`a[href="/components/${id}"]`).click();
  await page.waitForURL(`**/components/${id}`);
  const { components } = await summary();
  const { name } = components.find((component) => component.id === id);
  assert.ok((await page.getByRole('heading', { level: 1 }).innerText()).includes(name));
});

/** How bright the page's ground is, from 0 to 255, whatever notation its colour is in. */
function brightness(page) {
  return page.evaluate(() => {
    const ground = getComputedStyle(document.body).backgroundColor;
    const canvas = new OffscreenCanvas(1, 1).getContext('2d');
    canvas.fillStyle = ground;
    canvas.fillRect(0, 0, 1, 1);
    const [red, green, blue, seen] = canvas.getImageData(0, 0, 1, 1).data;
    return seen === 255 ? (red + green + blue) / 3 : NaN;
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

  const { address, width, shapes } = await page.evaluate(async () => {
    const icon = new Image();
    icon.src = document.querySelector('link[rel~=icon]').href;
    await icon.decode();
    const sign = document.querySelector('h1 use').getAttribute('href');
    const shapes = [...document.querySelectorAll(`${sign} path`)].map((path) => path.getAttribute('d'));
    return { address: decodeURIComponent(icon.src), width: icon.naturalWidth, shapes };
  });
  assert.ok(width > 0, 'the icon can be drawn');
  assert.ok(shapes.length > 0);
  for (const shape of shapes) assert.ok(address.includes(shape), 'the icon shows the same sign as the headline');
});

test('a time with both ends tells its zone once', async (t) => {
  const { maintenances } = await summary();
  const page = await open(t, `/incidents/${maintenances[0].id}`, { timezoneId: 'Europe/Berlin' });
  const both = await page.locator('dd:has([data-t=b])').textContent();
  assert.match(both, /^\w{3}, [^–]* \d\d:\d\d – [^–]*\d\d:\d\d CES?T$/);
  assert.equal(both.match(/CES?T/g).length, 1, both);
});

test('tells the time as the visitor has it', async (t) => {
  const page = await open(t, '/', { timezoneId: 'Asia/Tokyo' });
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Asia/Tokyo', hour: '2-digit', minute: '2-digit' });
  const times = await page.locator('time[datetime*=T]').evaluateAll((all) =>
    all.map((element) => ({
      moment: element.dateTime,
      // The end of a window names the zone of both.
      text: element.textContent + (element.dataset.t === 'b' ? element.nextElementSibling.textContent : ''),
      title: element.title,
    })),
  );
  const told = times.filter(({ text }) => /\d:\d\d/.test(text));
  assert.ok(told.length > 0);
  for (const { moment, text, title } of told) {
    assert.ok(text.includes(clock.format(new Date(moment))), `${moment} is shown as "${text}"`);
    assert.match(text, /GMT\+9|UTC\+9|JST/);
    assert.ok(title.includes(moment.slice(11, 16)) && title.includes('UTC'), `"${title}" gives ${moment} in UTC`);
  }
});
