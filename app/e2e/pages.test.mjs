// What is asked of every page that visitors see.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { unfoldAll } from './front.mjs';
import { assertAccessible, assertNoSidewaysScroll, open, origin, summary, widths } from './support.mjs';

const { incidents, components } = await summary();
const pages = {
  'the front page': '/',
  'an incident': `/incidents/${incidents[0].id}`,
  'a component': `/components/${components[0].id}`,
  'an error': '/nowhere',
};

for (const [name, path] of Object.entries(pages)) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [390, 1280]) {
      test(`${name} is accessible, ${colorScheme}, ${width} pixels wide`, async (t) => {
        const page = await open(t, path, { colorScheme, width });
        await unfoldAll(page);
        await assertAccessible(page);
      });
    }
  }

  test(`${name} never scrolls sideways`, async (t) => {
    const page = await open(t, path);
    for (const folded of [true, false]) {
      if (!folded) await unfoldAll(page);
      for (const width of widths) {
        await page.setViewportSize({ width, height: 900 });
        await assertNoSidewaysScroll(page);
      }
    }
  });

  test(`${name} is valid HTML`, async () => {
    const html = await (await fetch(origin + path)).text();
    const report = await new HtmlValidate({ extends: ['html-validate:standard'] }).validateString(html);
    const told = report.results.flatMap(({ messages }) =>
      messages.map(({ line, column, ruleId, message }) => `${line}:${column} ${ruleId}: ${message}`),
    );
    assert.equal(told.join('\n'), '');
  });

  test(`${name} asks no third party and leaves nothing on the console`, async (t) => {
    const page = await open(t, path);
    await unfoldAll(page);
    const foreign = page.requests.filter((address) => !address.startsWith('data:') && new URL(address).origin !== origin);
    assert.deepEqual(foreign, []);
    // The browser itself notes an answer of 404.
    assert.deepEqual(page.problems.filter((problem) => !problem.includes('status of 404')), []);
  });
}
