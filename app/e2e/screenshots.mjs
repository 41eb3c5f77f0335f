// Takes the pictures of the documentation from a running server with the demo page:
//   pharos serve --demo
//   node app/e2e/screenshots.mjs http://127.0.0.1:8080 docs/screens
// Those of the console are taken too if the link to set it up, which the server logged, is named at the end.

import { chromium } from 'playwright-core';
import { args, executablePath } from './chromium.mjs';
import { setUp, signIn } from './console.mjs';
import { places } from './places.mjs';

const [origin, folder, link] = process.argv.slice(2);
if (!origin || !folder) {
  console.error('usage: node screenshots.mjs ADDRESS FOLDER [LINK]');
  process.exit(64);
}

const browser = await chromium.launch({ executablePath, args });

const place = await places(origin);
const wide = { width: 1280, height: 1000 };
const phone = { width: 390, height: 1250 };
const pictures = [
  { name: 'front-wide', path: '/', width: 1280, height: 1250 },
  { name: 'front-phone', path: '/', ...phone },
  { name: 'front-dark', path: '/', width: 1280, height: 1250, colorScheme: 'dark' },
  { name: 'front-phone-dark', path: '/', ...phone, colorScheme: 'dark' },
  { name: 'front-german', path: '/de/', ...wide },
  { name: 'incident-wide', path: place['an open incident'], ...wide },
  { name: 'postmortem-wide', path: place['an incident with a postmortem'], ...wide },
  { name: 'maintenance-phone', path: place['a planned maintenance'], ...phone },
  { name: 'component-wide', path: place['a component'], ...wide },
  { name: 'metric-wide', path: place['a metric'], ...wide },
  { name: 'metric-phone-dark', path: place['a metric'], ...phone, colorScheme: 'dark' },
  { name: 'history-wide', path: place['the history'], ...wide },
  { name: 'history-phone', path: place['the history'], ...phone },
  { name: 'search-wide', path: place['a search'], ...wide },
  { name: 'uptime-wide', path: place['the uptime'], ...wide },
  { name: 'uptime-phone-dark', path: place['the uptime'], ...phone, colorScheme: 'dark' },
  { name: 'not-found-wide', path: '/nowhere', width: 1280, height: 700 },
];
for (const { name, path, width, height, colorScheme = 'light' } of pictures) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme, locale: 'en-GB', timezoneId: 'UTC', reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(origin + path, { waitUntil: 'load' });
  await page.screenshot({ path: `${folder}/${name}.png` });
  await context.close();
}
if (link) await pictureConsole();
await browser.close();

/** Each screen of the console, wide, on a phone, and in the dark. */
async function pictureConsole() {
  const looks = [
    { look: 'wide', viewport: { width: 1280, height: 1000 }, colorScheme: 'light' },
    { look: 'phone', viewport: { width: 390, height: 1250 }, colorScheme: 'light' },
    { look: 'dark', viewport: { width: 1280, height: 1000 }, colorScheme: 'dark' },
  ];
  const first = await browser.newPage({ baseURL: origin });
  await setUp(first, new URL(link).pathname);
  const [, id] = new URL(first.url()).pathname.match(/pages\/([^/]+)/);
  await first.close();
  const base = `/admin/pages/${id}`;
  for (const { look, ...options } of looks) {
    const context = await browser.newContext({ baseURL: origin, locale: 'en-GB', timezoneId: 'UTC', ...options });
    const page = await context.newPage();
    const shot = async (name) => page.screenshot({ path: `${folder}/console-${name}-${look}.png` });
    await page.goto('/admin/sign-in');
    await shot('sign-in');
    await signIn(page);
    await page.waitForURL('**/incidents');
    await shot('incidents');
    await page.goto(await page.locator('a.name').first().getAttribute('href'));
    await page.locator('.more > summary').first().click();
    await shot('incident');
    await page.goto(`${base}/incidents/new`);
    await page.getByLabel('What do people notice?').fill('Uploads fail');
    await page.getByLabel('What do you know?').fill('Files above 5 MB are refused. We are looking into it.');
    for (const at of [0, 1]) {
      await page.locator('fieldset.of').nth(at).locator('label', { hasText: 'Partial outage' }).click();
    }
    await page.locator('#outcome .moved li').nth(1).waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await shot('compose');
    for (const [name, path] of [
      ['maintenances', `${base}/maintenances`], ['month', `${base}/maintenances?month=now`], ['plan', `${base}/maintenances/new`],
      ['settings', `${base}/settings`], ['system', '/admin/system'], ['alert-rules', `${base}/alert-rules`],
      ['components', `${base}/components`], ['audit', `${base}/audit`], ['start', `${base}/start`],
      ['people', '/admin/people'], ['tokens', '/admin/tokens'], ['account', '/admin/account'],
    ]) {
      await page.goto(path);
      await shot(name);
    }
    await context.close();
  }
}
