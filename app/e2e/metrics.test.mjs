// The charts of metrics, on the front page and on the pages of metrics.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { unfoldAll } from './front.mjs';
import { assertAccessible, assertNoSidewaysScroll, open, origin, widths } from './support.mjs';

const periods = ['hour', 'day', 'week', 'month'];
const front = await (await fetch(origin)).text();
const paths = [...front.matchAll(/href="(\/metrics\/[0-9a-z]+)"/g)].map(([, path]) => path);

test('the front page shows every metric in a chart', async (t) => {
  const page = await open(t, '/', { javaScriptEnabled: false });
  assert.ok(paths.length > 0, 'the demo has metrics');
  const charts = page.locator('section[aria-labelledby=metrics] [role=img]');
  assert.equal(await charts.count(), paths.length);
  for (const chart of await charts.all()) {
    const [box, line] = await Promise.all([chart.boundingBox(), chart.locator('.line').boundingBox()]);
    assert.ok(line.width > box.width / 2, 'the line spans the chart');
    assert.ok(line.x >= box.x && line.x + line.width <= box.x + box.width + 2, 'and stays within it');
    assert.match(await chart.getAttribute('aria-label'), /the last 24 hours$/);
  }
  await page.locator(`a[href="${paths[0]}"]`).click();
  assert.equal(new URL(page.url()).pathname, paths[0]);
});

for (const colorScheme of ['light', 'dark']) {
  for (const width of [390, 1280]) {
    test(`a metric is accessible, ${colorScheme}, ${width} pixels wide`, async (t) => {
      const page = await open(t, paths[0], { colorScheme, width });
      await unfoldAll(page);
      await assertAccessible(page);
    });
  }
}

for (const path of [paths[0], `/de${paths[0]}`]) {
  test(`${path.startsWith('/de') ? 'a German' : 'an English'} metric never scrolls sideways, even unfolded`, async (t) => {
    const page = await open(t, path);
    await unfoldAll(page);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await assertNoSidewaysScroll(page);
    }
  });
}

test('the words of a chart never overlap', async (t) => {
  for (const width of [320, 1280]) {
    const page = await open(t, paths[0], { width });
    const times = await page.locator('.chart').evaluateAll((charts) =>
      charts.map((chart) => [...chart.querySelectorAll('.x')].map((text) => text.getBoundingClientRect().toJSON())),
    );
    assert.equal(times.length, periods.length);
    for (const boxes of times) {
      boxes.sort((one, other) => one.left - other.left);
      for (const [at, box] of boxes.entries()) {
        assert.ok(box.left >= 0 && box.right <= width, 'a time within the window');
        assert.ok(at === 0 || boxes[at - 1].right < box.left, `times apart from each other at ${width} pixels`);
      }
    }
  }
});

test('each period has its figures, its chart and its table without a script', async (t) => {
  const page = await open(t, paths[0], { javaScriptEnabled: false });
  for (const period of periods) {
    const section = page.locator(`section[aria-labelledby=${period}]`);
    assert.equal(await section.locator('dd').count(), 3);
    assert.match(await section.locator('svg[role=img]').getAttribute('aria-label'), /on average\.$/);
    await section.locator('summary').click();
    assert.ok((await section.locator('tbody tr').count()) > 2);
    const document = await (await fetch(origin + (await section.locator('a').getAttribute('href')))).json();
    assert.equal(document.period.identifier, period);
  }
});

test('a metric is valid HTML and leaves nothing on the console', async (t) => {
  const html = await (await fetch(origin + paths[0])).text();
  const report = await new HtmlValidate({ extends: ['html-validate:standard'] }).validateString(html);
  const told = report.results.flatMap(({ messages }) => messages.map(({ ruleId, message }) => `${ruleId}: ${message}`));
  assert.equal(told.join('\n'), '');
  const page = await open(t, paths[0]);
  assert.deepEqual(page.problems, []);
});

test('forced colours still show the line', async (t) => {
  const page = await open(t, paths[0], { forcedColors: 'active' });
  const line = page.locator('.line').first();
  const [stroke, back] = await line.evaluate((path) => [
    getComputedStyle(path).stroke,
    getComputedStyle(document.body).backgroundColor,
  ]);
  assert.notEqual(stroke, back);
});
