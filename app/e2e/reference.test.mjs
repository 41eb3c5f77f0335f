// The description of the management API as a page, which is in English alone.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { assertAccessible, assertNoSidewaysScroll, open, origin, widths } from './support.mjs';

const path = '/v1/docs';

const unfold = (page) => page.locator('details').evaluateAll((all) => all.forEach((one) => (one.open = true)));

test('the description of the API: accessible, never wider than its window, nothing on the console', async (t) => {
  const page = await open(t, path);
  for (const folded of [true, false]) {
    if (!folded) await unfold(page);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await assertNoSidewaysScroll(page);
    }
  }
  for (const [colorScheme, width] of [['light', 1280], ['dark', 390]]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    await assertAccessible(page);
  }
  const foreign = page.requests.filter((address) => new URL(address).origin !== origin);
  assert.deepEqual(foreign, [], 'no third party is asked');
  assert.deepEqual(page.problems, []);
});

test('the description of the API: valid HTML without a script, and every link within it leads somewhere', async (t) => {
  const html = await (await fetch(origin + path)).text();
  assert.ok(!html.includes('<script'));
  const report = await new HtmlValidate({ extends: ['html-validate:standard'] }).validateString(html);
  const told = report.results.flatMap(({ messages }) =>
    messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
  );
  assert.equal(told.slice(0, 20).join('\n'), '');
  const page = await open(t, path, { javaScriptEnabled: false });
  const lost = await page.locator('a[href^="#"]').evaluateAll((all) =>
    all.map((link) => link.hash.slice(1)).filter((id) => !document.getElementById(id)),
  );
  assert.deepEqual(lost, []);
});

test('the description of the API: every operation of the document is there', async (t) => {
  const document = await (await fetch(`${origin}/v1/openapi.json`)).json();
  const page = await open(t, path);
  const shown = await page.locator('main h3 code').allInnerTexts();
  for (const place of Object.keys(document.paths)) assert.ok(shown.includes(place), place);
  await page.locator('summary', { hasText: 'Makes a component.' }).click();
  assert.ok(await page.getByText('curl -X POST "$SERVER/v1/pages/$PAGE_ID/components"').isVisible());
});
