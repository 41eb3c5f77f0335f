// What is asked of every page that visitors see, in every way that it is looked at.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { unfoldAll } from './front.mjs';
import { places } from './places.mjs';
import { assertAccessible, assertNoSidewaysScroll, open, origin, widths } from './support.mjs';

const right = process.env.PHAROS_E2E_RTL_URL;
assert.ok(right, 'PHAROS_E2E_RTL_URL names no server: run ./test.sh e2e');

// The same pages in English, in German, and in a language that is written from the right.
const sites = [
  { site: '', base: origin, prefix: '', lang: 'en', dir: 'ltr', locale: 'en-GB' },
  { site: 'in German, ', base: origin, prefix: '/de', lang: 'de', dir: 'ltr', locale: 'de-DE' },
  // A visitor who likes none of the languages that are offered is sent to none.
  { site: 'from the right, ', base: right, prefix: '', lang: 'ar-XB', dir: 'rtl', locale: 'ar' },
];

/** What the browser notes by itself about an answer of 404 is no problem of the page. */
const problems = (page) => page.problems.filter((problem) => !problem.includes('status of 404'));

for (const { site, base, prefix, lang, dir, locale } of sites) {
  for (const [name, path] of Object.entries(await places(base))) {
    const place = base + prefix + path;

    test(`${site}${name}: accessible, never wider than its window, nothing on the console`, async (t) => {
      const page = await open(t, place, { locale });
      assert.equal(await page.locator('html').getAttribute('lang'), lang);
      assert.equal((await page.locator('html').getAttribute('dir')) ?? 'ltr', dir);
      for (const folded of [true, false]) {
        if (!folded) await unfoldAll(page);
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 });
          await assertNoSidewaysScroll(page);
        }
      }
      // Colours and words do not depend on each other, so English alone is tried in every combination.
      const looks = [['light', 1280], ['dark', 390]];
      if (lang === 'en') looks.push(['light', 390], ['dark', 1280]);
      for (const [colorScheme, width] of looks) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        await assertAccessible(page);
      }
      const foreign = page.requests.filter(
        (address) => !address.startsWith('data:') && new URL(address).origin !== new URL(base).origin,
      );
      assert.deepEqual(foreign, [], 'no third party is asked');
      assert.deepEqual(problems(page), []);
    });

    test(`${site}${name}: reached whole with the keyboard, and stands on paper`, async (t) => {
      const page = await open(t, place, { locale });
      await assertTabbable(page);
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      await assertPrintable(page);
    });

    test(`${site}${name}: valid HTML, which says the same without a script`, async (t) => {
      const html = await (await fetch(place)).text();
      const report = await new HtmlValidate({ extends: ['html-validate:standard'] }).validateString(html);
      const told = report.results.flatMap(({ messages }) =>
        messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
      );
      assert.equal(told.join('\n'), '');
      const plain = await open(t, place, { locale, javaScriptEnabled: false });
      const full = await open(t, place, { locale });
      assert.deepEqual(await said(plain), await said(full));
      assert.deepEqual(await leads(plain), await leads(full));
      assert.ok(await plain.locator('h1').isVisible());
    });
  }
}

/** Headings and names, but for times, which the script writes its own way and which move on between two looks. */
const said = (page) =>
  page.locator('h1, h2, h3, h4, dt, th, label, summary').evaluateAll((all) =>
    all
      .map((element) => {
        const copy = element.cloneNode(true);
        copy.querySelectorAll('time').forEach((time) => time.remove());
        return copy.textContent.trim();
      })
      .filter((text) => text !== ''),
  );

/** Where the links of a page lead. */
const leads = (page) => page.locator('a').evaluateAll((all) => all.map((link) => link.href));

/** Fails unless the Tab key stops at everything that can be used, and each stop can be seen. */
async function assertTabbable(page) {
  const reachable = await page.evaluate(() => {
    const all = document.querySelectorAll('a[href], button, input, select, summary, [tabindex="0"]');
    const seen = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled;
    return [...all].filter(seen).length;
  });
  const stops = new Set();
  for (let count = 0; count <= reachable + 5; count++) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (element === document.body) return undefined;
      element.dataset.stop ??= String(Math.random());
      const { outlineStyle, outlineWidth } = getComputedStyle(element);
      const { width, height, top, bottom } = element.getBoundingClientRect();
      const told = (element.textContent.trim() || element.ariaLabel || element.name || element.tagName).slice(0, 40);
      const ring = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
      const inView = width > 0 && height > 0 && bottom > 0 && top < innerHeight;
      return { id: element.dataset.stop, told, ring, inView };
    });
    if (!stop || stops.has(stop.id)) break;
    assert.ok(stop.ring, `"${stop.told}" shows that it has the focus`);
    assert.ok(stop.inView, `"${stop.told}" is in view when it has the focus`);
    stops.add(stop.id);
  }
  assert.ok(stops.size >= reachable, `${stops.size} stops for ${reachable} things to use`);
}

/** Fails when something is dark on paper, or what matters is not on it. */
async function assertPrintable(page) {
  const { ground, title, controls } = await page.evaluate(() => {
    const seen = (selector) =>
      [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility()).map((one) => one.textContent.trim());
    return {
      ground: getComputedStyle(document.body).backgroundColor,
      title: seen('h1'),
      controls: seen('button, input, select'),
    };
  });
  assert.equal(ground, 'rgb(255, 255, 255)');
  assert.equal(title.length, 1);
  assert.deepEqual(controls, [], 'nothing to press on paper');
}
