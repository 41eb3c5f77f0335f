// The front page as it is worked: its groups fold, its days tell what happened on them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bars, date, fold, groups, tooltip, unfoldAll, visibleBars } from './front.mjs';
import { assertAccessible, open } from './support.mjs';

/** The elements that Tab stops at, in order, each told by what the tests ask of it. */
async function tabStops(page) {
  const stops = [];
  for (;;) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const all = [...document.querySelectorAll('*')];
      const element = document.activeElement;
      return {
        index: all.indexOf(element),
        tag: element.tagName,
        href: element.getAttribute('href'),
        bar: [...document.querySelectorAll('[data-days]')].indexOf(element.closest('[data-days]')),
        group: element.matches('summary') ? all.indexOf(element.parentElement) : -1,
      };
    });
    if (stop.tag === 'BODY' || stops.some(({ index }) => index === stop.index)) return stops;
    stops.push(stop);
  }
}

test('is walked with Tab: skip link, groups, one stop for each bar', async (t) => {
  const page = await open(t, '/');
  await unfoldAll(page);
  const stops = await tabStops(page);
  assert.match(stops[0].href, /^#./, 'the first stop is a link into the page');
  const folds = await groups(page).evaluateAll((all) => {
    const every = [...document.querySelectorAll('*')];
    return all.map((group) => every.indexOf(group));
  });
  assert.deepEqual(stops.map(({ group }) => group).filter((group) => folds.includes(group)), folds);
  const count = await bars(page).count();
  assert.ok(count > 0);
  assert.deepEqual(stops.map(({ bar }) => bar).filter((bar) => bar >= 0), [...Array(count).keys()]);
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
    assert.equal(await bar.getAttribute('tabindex'), '0');
    assert.match(await bar.getAttribute('role'), /^(img|group)$/);
    assert.ok(await bar.getAttribute('aria-label') || (await bar.getAttribute('aria-labelledby')));
  }
});

/** The text of the tooltip, once it is another than the one before. */
async function nextTold(page, before) {
  await page.waitForFunction(
    (before) => [...document.querySelectorAll('[role=tooltip]')].some((tip) => tip.checkVisibility() && tip.innerText !== before),
    before,
  );
  return tooltip(page).innerText();
}

test('arrow keys go from day to day, Escape ends it', async (t) => {
  const page = await open(t, '/');
  await visibleBars(page).first().focus();
  await page.keyboard.press('ArrowLeft');
  const first = await nextTold(page, '');
  assert.match(first, date);
  await page.keyboard.press('ArrowLeft');
  const second = await nextTold(page, first);
  assert.match(second, date);
  await assertAccessible(page);
  await page.keyboard.press('ArrowRight');
  assert.equal(await nextTold(page, second), first);
  await page.keyboard.press('Escape');
  await page.waitForFunction(() => ![...document.querySelectorAll('[role=tooltip]')].some((tip) => tip.checkVisibility()));
  assert.ok(await page.evaluate(() => document.activeElement.matches('[data-days]')), 'the focus stays on the bar');
});

test('pointing at a day tells about it', async (t) => {
  const page = await open(t, '/');
  const bar = visibleBars(page).first();
  const { width, height } = await bar.boundingBox();
  await bar.hover({ position: { x: width * 0.25, y: height / 2 } });
  const early = await nextTold(page, '');
  assert.match(early, date);
  await bar.hover({ position: { x: width * 0.75, y: height / 2 } });
  assert.match(await nextTold(page, early), date);
  await page.mouse.move(1, 1);
  await tooltip(page).waitFor({ state: 'hidden' });
});

test('tapping on a day tells about it, inside the window', async (t) => {
  const window = 390;
  const page = await open(t, '/', { width: window, hasTouch: true, isMobile: true });
  const bar = visibleBars(page).first();
  const { width, height } = await bar.boundingBox();
  let told = '';
  for (const x of [1, width / 2, width - 2]) {
    await bar.tap({ position: { x, y: height / 2 } });
    told = await nextTold(page, told);
    assert.match(told, date);
    const box = await tooltip(page).boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= window, `the tooltip is cut off at ${x}`);
  }
});

test('groups stay as the visitor left them', async (t) => {
  const page = await open(t, '/');
  const states = () => groups(page).evaluateAll((all) => all.map((group) => group.open));
  const before = await states();
  assert.ok(before.includes(true) && before.includes(false), 'some groups are unfolded, some are not');
  for (const open of [true, false]) {
    await fold(groups(page).nth(before.indexOf(open)));
  }
  const left = await states();
  assert.notDeepEqual(left, before);
  await page.reload();
  await page.waitForFunction(
    (left) => [...document.querySelectorAll('details:has([data-days])')].every((group, i) => group.open === left[i]),
    left,
  );
});
