// The frame around every page: the ways to be told, near times, other colours, paper.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAccessible, assertNoSidewaysScroll, open, origin, summary } from './support.mjs';

const { incidents } = await summary();
const ways = (page) => page.locator('#ways');
const button = (page) => page.locator('[popovertarget=ways]');

test('the ways to be told open by keyboard and give the focus back', async (t) => {
  const page = await open(t, '/');
  assert.equal(await ways(page).isVisible(), false);
  await button(page).focus();
  await page.keyboard.press('Enter');
  assert.equal(await ways(page).isVisible(), true);
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => document.activeElement.closest('#ways')), 'the next stop is in it');
  await assertAccessible(page);
  await page.keyboard.press('Escape');
  assert.equal(await ways(page).isVisible(), false);
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('popovertarget')), 'ways');
});

test('the ways to be told open without scripts and lead somewhere', async (t) => {
  const page = await open(t, '/', { javaScriptEnabled: false, width: 390 });
  await button(page).click();
  assert.equal(await ways(page).isVisible(), true);
  const links = await ways(page).locator('a').evaluateAll((all) => all.map((link) => link.href));
  assert.ok(links.length >= 4, links.join());
  for (const link of links.filter((link) => link.startsWith('http'))) {
    const { pathname } = new URL(link);
    assert.equal((await fetch(origin + pathname)).status, 200, pathname);
  }
});

test('the ways to be told never stand out of the window', async (t) => {
  const page = await open(t, '/');
  await button(page).click();
  for (const width of [320, 390, 768, 1280, 1920, 3840]) {
    await page.setViewportSize({ width, height: 900 });
    await assertNoSidewaysScroll(page);
    const box = await ways(page).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= width, `${width}: ${JSON.stringify(box)}`);
  }
});

test('the skip link is the first stop and leads to the status', async (t) => {
  const page = await open(t, '/');
  await page.keyboard.press('Tab');
  assert.equal(await page.evaluate(() => document.activeElement.hash), '#main');
  const box = await page.locator(':focus').boundingBox();
  assert.ok(box.y >= 0, 'it is to be seen');
});

test('what is near is told by its distance and stays true', async (t) => {
  const [open_] = incidents;
  const shownAt = new Date(open_.incident_updates[0].display_at);
  const page = await open(t, `/incidents/${open_.id}`, {
    prepare: (page) => page.clock.install({ time: new Date(shownAt.getTime() + 12 * 60_000) }),
  });
  const newest = page.locator('ol.u time').first();
  const before = await newest.innerText();
  assert.match(before, /\d\d:\d\d.*12 minutes ago/);
  // It is told once a minute and at the next frame drawn: half a minute more is past the second time for sure.
  await page.clock.runFor(150_000);
  assert.match(await newest.innerText(), /14 minutes ago/);
});

test('stays readable where the colours are the visitor’s own', async (t) => {
  const page = await open(t, '/', { forcedColors: 'active' });
  const seen = await page.locator('h1 svg, .card .s').first().isVisible();
  assert.ok(seen);
  const border = await button(page).evaluate((one) => getComputedStyle(one).borderTopWidth);
  assert.notEqual(border, '0px');
});

test('paper says where it came from, each component in trouble, and each group', async (t) => {
  const page = await open(t, '/');
  await page.emulateMedia({ media: 'print' });
  const address = page.locator('footer .url');
  assert.equal(await address.isVisible(), true);
  assert.match(await address.innerText(), /^https?:/);
  assert.equal(await button(page).isVisible(), false);
  const inTrouble = page.locator('[data-component-id]:not([data-component-status=operational])');
  assert.ok((await inTrouble.count()) > 0);
  assert.equal(await inTrouble.filter({ visible: true }).count(), await inTrouble.count());
  const outer = page.locator('.card > details[data-group] > summary');
  assert.equal(await outer.filter({ visible: true }).count(), await outer.count());
  assert.equal(await page.locator('[data-component-id] [role=group]').filter({ visible: true }).count(), 0, 'no bars');
});
