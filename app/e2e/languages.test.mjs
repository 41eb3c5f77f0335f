// The page in its languages: nothing of one is left in another, the switch works and is remembered,
// and a page that is written from right to left holds together.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tooltip, unfoldAll, visibleBars } from './front.mjs';
import { assertAccessible, assertNoSidewaysScroll, open, origin, summary, widths } from './support.mjs';

const turned = process.env.PHAROS_E2E_RTL_URL;
assert.ok(turned, 'PHAROS_E2E_RTL_URL names no server: run ./test.sh e2e');

const { incidents, components } = await summary();
const paths = ['/', `/incidents/${incidents[0].id}`, `/components/${components[0].id}`, '/nowhere'];

/** Opens a page as somebody who likes no language that is offered, and is sent to none. */
const openTurned = (t, path, options) => open(t, turned + path, { ...options, locale: 'ar' });

/** The texts of a page, but for what its operators wrote. */
function texts(page) {
  return page.evaluate(() => {
    const written = '.m, .n, .d, .about, .home, article h3, article h4, h1 + .name, #named, [href*="/metrics/"], time';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const found = new Set();
    while (walker.nextNode()) {
      const text = walker.currentNode.data.trim();
      if (/\p{L}{2}/u.test(text) && !walker.currentNode.parentElement.closest(written)) found.add(text);
    }
    return [...found];
  });
}

test('nothing English is left in German', async (t) => {
  const { page: about, components: all, groups, maintenances } = await summary();
  const written = [about, ...all, ...groups, ...incidents, ...maintenances];
  const names = written.flatMap(({ name, description }) => [name, description]);
  const past = await (await fetch(`${origin}/api/v2/incidents.json`)).json();
  const planned = await (await fetch(`${origin}/api/v2/scheduled-maintenances.json`)).json();
  names.push(...past.incidents.map(({ name }) => name), ...planned.scheduled_maintenances.map(({ name }) => name));
  for (const path of paths) {
    const english = new Set(await texts(await open(t, path)));
    const page = await open(t, `/de${path}`);
    assert.equal(await page.locator('html').getAttribute('lang'), 'de');
    const left = (await texts(page)).filter((text) => english.has(text) && !names.includes(text));
    // Names of things that are called the same in both, addresses, and numbers with their unit.
    const common = /^(Status|Pharos|Atom|RSS|JSON Feed|https?:\S+|\d+\s[a-z]+)$/;
    assert.deepEqual(left.filter((text) => !common.test(text)), [], path);
  }
});

test('German pages are accessible', async (t) => {
  for (const path of paths) {
    const page = await open(t, `/de${path}`, { width: 390 });
    await unfoldAll(page);
    await assertAccessible(page);
    await assertNoSidewaysScroll(page);
  }
});

for (const [lang, path] of [['en-GB', '/'], ['de', '/de/']]) {
  test(`the script writes times as the server does, ${lang}`, async (t) => {
    // The same moments, once by the server in UTC and once by the script, which believes that it
    // is somewhere else at the same hour.
    const server = await open(t, path, { javaScriptEnabled: false });
    const browser = await open(t, path, { timezoneId: 'Africa/Abidjan' });
    const read = (page) => page.locator('time[datetime*=T]').allTextContents();
    const [written, rewritten] = [await read(server), await read(browser)];
    assert.ok(written.length > 5);
    // What the script adds, how long ago it was, has no counterpart.
    const bare = (text) => text.replace(/ · .*$/, '').replace(/ (UTC|GMT(\+0)?)$/, '');
    const same = written.map((text, place) => bare(text) === bare(rewritten[place]) || text.length < 12);
    const other = written.filter((_, place) => !same[place]);
    assert.deepEqual(other, [], `the script writes ${rewritten.filter((_, place) => !same[place])}`);
  });
}

test('the switch leads to the same place, and is remembered', async (t) => {
  const page = await open(t, paths[1], { locale: 'en-GB' });
  await page.getByRole('link', { name: 'Deutsch', exact: true }).click();
  await page.waitForURL(`**/de${paths[1]}`);
  await page.goto(origin);
  await page.waitForURL('**/de/');
  await page.getByRole('link', { name: 'English', exact: true }).click();
  await page.waitForURL(`${origin}/`);
  await page.goto(`${origin}/`);
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
});

test('the switch needs no script', async (t) => {
  const page = await open(t, '/', { javaScriptEnabled: false });
  await page.getByRole('link', { name: 'Deutsch', exact: true }).click();
  await page.waitForURL('**/de/');
  await page.getByRole('link', { name: 'English', exact: true }).click();
  await page.waitForURL(`${origin}/`);
});

test('who would rather have German is led to it', async (t) => {
  const page = await open(t, '/', { locale: 'de-DE' });
  assert.equal(new URL(page.url()).pathname, '/de/');
});

test('from right to left it is accessible and never scrolls sideways', async (t) => {
  const list = await (await fetch(`${turned}/api/v2/components.json`)).json();
  for (const path of ['/', `/components/${list.components[0].id}`, '/nowhere']) {
    for (const colorScheme of ['light', 'dark']) {
      const page = await openTurned(t, path, { colorScheme });
      assert.equal(await page.locator('html').getAttribute('dir'), 'rtl');
      await unfoldAll(page);
      await assertAccessible(page);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        await assertNoSidewaysScroll(page);
      }
    }
  }
});

test('from right to left today stands at the left', async (t) => {
  for (const width of [1280, 390]) {
    const page = await openTurned(t, '/', { width });
    const bar = visibleBars(page).first();
    const day = async () => (await tooltip(page).locator('b').innerText()).trim();
    await bar.scrollIntoViewIfNeeded();
    const { width: wide, height } = await bar.boundingBox();
    await bar.hover({ position: { x: 2, y: height / 2 } });
    const leftmost = await day();
    await bar.hover({ position: { x: wide - 2, y: height / 2 } });
    const rightmost = await day();
    await page.mouse.move(0, 0);
    await tooltip(page).waitFor({ state: 'detached' });
    await bar.focus();
    assert.equal(await day(), leftmost, 'the newest day is shown first, and stands at the left');
    await page.keyboard.press('ArrowRight');
    assert.notEqual(await day(), leftmost, 'to the right there are earlier days');
    for (let press = 0; press < 90; press++) await page.keyboard.press('ArrowRight');
    assert.equal(await day(), rightmost);
    const { tip, cursor, edge } = await page.evaluate(() => ({
      tip: document.querySelector('.tip').getBoundingClientRect(),
      cursor: document.querySelector('.cursor').getBoundingClientRect(),
      edge: document.activeElement.getBoundingClientRect(),
    }));
    assert.ok(tip.left >= 0 && tip.right <= width, 'the tooltip stays in the window');
    assert.ok(edge.right - (cursor.left + cursor.right) / 2 < wide / 30, 'the tip is under the day');
  }
});
