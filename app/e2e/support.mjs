// What the tests of the pages share: the browser, a page for a test, and the rules of accessibility.

import assert from 'node:assert/strict';
import { after } from 'node:test';
import axe from 'axe-core';
import { chromium } from 'playwright-core';
import { args, executablePath } from './chromium.mjs';

/** Where the server listens that the tests look at. */
export const origin = process.env.PHAROS_E2E_URL;
assert.ok(origin, 'PHAROS_E2E_URL names no server: run ./test.sh e2e');

/** The widths that every page is looked at: an old phone, a phone, a desktop, a wall. */
export const widths = [320, 390, 1280, 3840];

let browser;
after(() => browser?.close());

async function launch() {
  browser ??= chromium.launch({ executablePath, args });
  return (browser = await browser);
}

/**
 * Opens a path in a browser context of its own, which ends with the test.
 *
 * The options are Playwright's for a context, with `width` for the viewport and `prepare`, which gets
 * the page before it goes anywhere. On the page, `problems` lists what its console and its scripts
 * complained of, violations of its content security policy among them, and `requests` the addresses it asked for.
 */
export async function open(t, path, { width = 1280, prepare = () => {}, ...options } = {}) {
  const context = await (await launch()).newContext({
    baseURL: origin,
    locale: 'en-GB',
    timezoneId: 'UTC',
    viewport: { width, height: 900 },
    ...options,
  });
  t.after(() => context.close());
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.problems = [];
  page.requests = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) page.problems.push(message.text());
  });
  page.on('pageerror', (error) => page.problems.push(String(error)));
  page.on('request', (request) => page.requests.push(request.url()));
  await prepare(page);
  await page.goto(path, { waitUntil: 'load' });
  return page;
}

/** What the public API says that is to be seen, to compare with the page. */
export async function summary() {
  const answer = await fetch(`${origin}/api/v2/summary.json`);
  assert.equal(answer.status, 200);
  const { components, incidents, scheduled_maintenances: maintenances, ...rest } = await answer.json();
  return {
    ...rest,
    incidents,
    maintenances,
    groups: components.filter((component) => component.group),
    components: components.filter(
      ({ group, status, only_show_if_degraded: shy }) => !group && !(shy && status === 'operational'),
    ),
  };
}

/** Fails with every rule of axe that the page breaks and the elements that break it. */
export async function assertAccessible(page) {
  // Evaluated, not added as a script, which the content security policy would refuse.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => globalThis.axe.run(document));
  const told = violations.flatMap(({ id, help, nodes }) => [
    `${id}: ${help}`,
    ...nodes.map((node) => `  ${node.target.join(' ')}: ${node.failureSummary.replaceAll('\n', ' ')}`),
  ]);
  assert.equal(told.join('\n'), '');
}

/** Fails when the page is wider than the window. */
export async function assertNoSidewaysScroll(page) {
  const { wide, window } = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth,
    window: document.documentElement.clientWidth,
  }));
  assert.ok(wide <= window, `the page is ${wide} pixels wide in a window of ${window}`);
}
