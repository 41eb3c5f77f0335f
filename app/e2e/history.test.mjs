// The past as it is read: quarters, the calendar, an incident's own page.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { assertAccessible, assertNoSidewaysScroll, open, origin, widths } from './support.mjs';

const { months } = await (await fetch(`${origin}/history.json`)).json();
const past = months.flatMap(({ incidents }) => incidents);
const pages = {
  'the history': '/history',
  'an earlier quarter': '/history?page=3',
  'the history in German': '/de/history',
  'a search': '/history?q=in',
  'a search for too little': '/history?q=x',
  'the calendar': '/uptime',
  'an earlier calendar': '/uptime?page=2',
  'the calendar in German': '/de/uptime',
  'an incident of the past': `/incidents/${past.at(-1).code}`,
};

for (const [name, path] of Object.entries(pages)) {
  for (const colorScheme of ['light', 'dark']) {
    test(`${name} is accessible, ${colorScheme}`, async (t) => {
      for (const width of [390, 1280]) await assertAccessible(await open(t, path, { colorScheme, width }));
    });
  }

  test(`${name} never scrolls sideways`, async (t) => {
    const page = await open(t, path);
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      await assertNoSidewaysScroll(page);
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
}

test('the past is walked back to its beginning without a script', async (t) => {
  const page = await open(t, '/', { javaScriptEnabled: false });
  await page.locator('a[href="/history"]').last().click();
  const seen = new Set();
  for (;;) {
    const title = await page.title();
    assert.ok(!seen.has(title), `"${title}" comes once`);
    seen.add(title);
    const older = page.locator('a[rel=prev]');
    if ((await older.count()) === 0) break;
    await older.click();
  }
  assert.equal(seen.size, 5, 'a year touches five quarters');
});

test('a search works with the keyboard alone and without a script', async (t) => {
  const page = await open(t, '/history', { javaScriptEnabled: false });
  await page.getByRole('searchbox').focus();
  await page.keyboard.type(past[0].name);
  await page.keyboard.press('Enter');
  await page.waitForURL(/q=/);
  await page.locator(`a[href="/incidents/${past[0].code}"]`).click();
  assert.equal(await page.getByRole('heading', { level: 1 }).innerText(), past[0].name);
});

test('a component is chosen for the calendar without a script', async (t) => {
  const page = await open(t, '/uptime', { javaScriptEnabled: false });
  const options = await page.locator('#component option').evaluateAll((all) => all.map(({ value }) => value));
  await page.locator('#component').selectOption(options.at(-1));
  await page.locator('form').getByRole('button').click();
  await page.waitForURL(`**/uptime?component=${options.at(-1)}`);
  assert.equal(await page.locator('#component').inputValue(), options.at(-1));
});

test('a day of the calendar leads to what happened on it', async (t) => {
  const page = await open(t, '/uptime');
  const days = page.locator('.cal td > a');
  for (const day of await days.all()) {
    const row = page.locator(await day.getAttribute('href'));
    assert.equal(await row.count(), 1);
  }
  if ((await days.count()) > 0) {
    await days.first().focus();
    await page.keyboard.press('Enter');
    assert.match(new URL(page.url()).hash, /^#d\d{4}-/);
  }
});

test('an incident leads to the one before it and back', async (t) => {
  const path = pages['an incident of the past'];
  const page = await open(t, path);
  await page.locator('a[rel=prev]').click();
  await page.locator('a[rel=next]').click();
  assert.equal(new URL(page.url()).pathname, path);
});
