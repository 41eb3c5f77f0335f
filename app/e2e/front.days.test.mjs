// The front page as it is worked: its groups fold, its days tell what happened on them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bars, date, fold, groups, tooltip, unfoldAll, visibleBars } from './front.mjs';
import { assertAccessible, open } from './support.mjs';

/** The elements that Tab stops at, in order, each as its place among the groups or the bars. */
async function tabStops(page) {
  const stops = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      const place = (selector, part) => [...document.querySelectorAll(selector)].indexOf(part);
      globalThis.visited ??= new Set([document.body]);
      if (visited.has(element)) return null;
      visited.add(element);
      return {
        href: element.getAttribute('href'),
        bar: place('[data-days]', element.closest('[data-days]')),
        group: place('details[data-group] > summary', element),
      };
    });
    if (!stop) return stops;
    stops.push(stop);
  }
}

test('is walked with Tab: skip link, groups, one stop for each bar', async (t) => {
  const page = await open(t, '/');
  await unfoldAll(page);
  const stops = await tabStops(page);
  const places = (kind) => stops.map((stop) => stop[kind]).filter((place) => place >= 0);
  assert.match(stops[0].href, /^#./, 'the first stop is a link into the page');
  assert.deepEqual(places('group'), [...Array(await groups(page).count()).keys()]);
  assert.deepEqual(places('bar'), [...Array(await bars(page).count()).keys()]);
});

test('skips to the status', async (t) => {
  const page = await open(t, '/');
  await page.keyboard.press('Tab');
  const link = page.locator(':focus');
  const box = await link.boundingBox();
  assert.ok(box.x >= 0 && box.y >= 0 && box.width > 1 && box.height > 1, 'the link is seen once it has the focus');
  const target = await link.getAttribute('href');
  await page.keyboard.press('Enter');
  await page.waitForFunction((id) => document.querySelector(id).matches(':target'), target);
});

test('bars say what they are', async (t) => {
  const page = await open(t, '/');
  await unfoldAll(page);
  for (const bar of await bars(page).all()) {
    assert.match(await bar.getAttribute('role'), /^(group|img)$/);
    assert.ok((await bar.getAttribute('aria-label')).length > 0);
    assert.equal(await bar.locator('a, button, [tabindex]').count(), 0);
  }
});

/** The text of the tooltip, once it is another than the one before. */
async function nextTold(page, before = '') {
  await page.waitForFunction((before) => {
    const tip = document.querySelector('[role=tooltip]');
    return tip?.checkVisibility() && tip.innerText !== before;
  }, before);
  const told = await tooltip(page).innerText();
  assert.match(told, date);
  return told;
}

test('arrow keys go from day to day, Escape ends it', async (t) => {
  const page = await open(t, '/');
  await visibleBars(page).first().focus();
  const today = await nextTold(page);
  await page.keyboard.press('ArrowLeft');
  const yesterday = await nextTold(page, today);
  await page.keyboard.press('ArrowLeft');
  const before = await nextTold(page, yesterday);
  await assertAccessible(page);
  await page.keyboard.press('ArrowRight');
  assert.equal(await nextTold(page, before), yesterday);
  await page.keyboard.press('Escape');
  await tooltip(page).waitFor({ state: 'hidden' });
  assert.ok(await page.evaluate(() => document.activeElement.matches('[data-days]')), 'the focus stays on the bar');
});

test('pointing at a day tells about it', async (t) => {
  const page = await open(t, '/');
  const bar = visibleBars(page).first();
  const { width, height } = await bar.boundingBox();
  await bar.hover({ position: { x: width * 0.25, y: height / 2 } });
  const early = await nextTold(page);
  await bar.hover({ position: { x: width * 0.75, y: height / 2 } });
  await nextTold(page, early);
  await tooltip(page).hover();
  assert.ok(await tooltip(page).isVisible(), 'the pointer can go onto the tooltip');
  await page.mouse.move(1, 1);
  await tooltip(page).waitFor({ state: 'hidden' });
});

test('tapping on a day tells about it, inside the window', async (t) => {
  const page = await open(t, '/', { width: 390, hasTouch: true, isMobile: true });
  const bar = visibleBars(page).first();
  const { width, height } = await bar.boundingBox();
  let told = '';
  for (const x of [1, width / 2, width - 2]) {
    await bar.tap({ position: { x, y: height / 2 } });
    told = await nextTold(page, told);
    const box = await tooltip(page).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 390, `the tooltip is cut off at ${x}`);
  }
});

test('groups stay as the visitor left them', async (t) => {
  const page = await open(t, '/');
  const states = () => groups(page).evaluateAll((all) => all.map((group) => group.open));
  const before = await states();
  assert.ok(before.includes(true) && before.includes(false), 'some groups are unfolded, some are not');
  for (const open of [true, false]) await fold(groups(page).nth(before.indexOf(open)));
  const left = await states();
  assert.notDeepEqual(left, before);
  await page.reload();
  assert.deepEqual(await states(), left);
});
