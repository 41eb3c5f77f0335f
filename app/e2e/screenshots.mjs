// Takes the pictures of the documentation from a running server with the demo page:
//   pharos serve --demo
//   node app/e2e/screenshots.mjs http://127.0.0.1:8080 docs/screens
// Those of the console are taken too if the link to set it up, which the server logged, is named at the end. It warns
// where it is reached over plain http, so let TLS end before it:
//   PHAROS_BASE_URL=https://localhost:8443 pharos serve --demo &
//   node app/e2e/tls.mjs 8443 8080 &
//   node app/e2e/screenshots.mjs https://localhost:8443 docs/screens https://localhost:8443/admin/links/...
// They are made small by pngquant, which has to be there. With WHOLE=1 a picture is as long as its screen.

import { execFileSync } from 'node:child_process';
import { chromium } from 'playwright-core';
import { args, executablePath } from './chromium.mjs';
import { setUp, signIn } from './console.mjs';
import { places } from './places.mjs';
import { doors, furnish, screens } from './screens.mjs';

const [origin, folder, link] = process.argv.slice(2);
if (!origin || !folder) {
  console.error('usage: node screenshots.mjs ADDRESS FOLDER [LINK]');
  process.exit(64);
}

// What TLS ends with here is nobody's but this machine's.
if (origin.startsWith('https://localhost')) process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
const browser = await chromium.launch({ executablePath, args: [...args, '--ignore-certificate-errors'] });
const everywhere = { baseURL: origin, locale: 'en-GB', reducedMotion: 'reduce', ignoreHTTPSErrors: true };

/** Takes a picture, with no more colours than it needs to be read. */
async function take(page, name, colours) {
  const path = `${folder}/${name}.png`;
  await page.screenshot({ path, fullPage: Boolean(process.env.WHOLE) });
  execFileSync('pngquant', ['--force', '--strip', '--speed', '1', '--output', path, String(colours), path]);
}

await picturePage();
if (link) await pictureConsole();
await browser.close();

/** What visitors see. */
async function picturePage() {
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
    const context = await browser.newContext({ ...everywhere, viewport: { width, height }, colorScheme, timezoneId: 'UTC' });
    const page = await context.newPage();
    await page.goto(path, { waitUntil: 'load' });
    await take(page, name, 256);
    await context.close();
  }
}

/** Each screen of the console, wide, on a phone, and in the dark. */
async function pictureConsole() {
  const looks = [
    { look: 'wide', viewport: { width: 1280, height: 900 }, colorScheme: 'light' },
    { look: 'phone', viewport: { width: 390, height: 1200 }, colorScheme: 'light' },
    { look: 'dark', viewport: { width: 1280, height: 900 }, colorScheme: 'dark' },
  ].map((options) => ({ ...everywhere, timezoneId: 'America/New_York', ...options }));
  const told = (await places(origin))['an incident with a postmortem'];
  for (const { look, ...options } of looks) await visit(look, options, [['set-up', new URL(link).pathname]]);

  const context = await browser.newContext(looks[0]);
  const first = await context.newPage();
  await setUp(first, new URL(link).pathname);
  const made = { ...(await furnish(browser, looks[0], first)), told };
  await Promise.all(looks.map(async ({ look, ...options }) => {
    await visit(look, options, doors(made));
    await visit(look, options, screens(made), signIn);
  }));
  await context.close();
}

/** Goes to each of these and takes its picture: signed in once, or each time as somebody new. */
async function visit(look, options, all, enter) {
  const page = enter && (await open(options));
  if (enter) {
    await enter(page);
    await page.waitForURL('**/incidents');
  }
  for (const [name, path, prepare = () => {}] of all) {
    const shown = page ?? (await open(options));
    try {
      await shown.goto(path);
      await prepare(shown);
      await take(shown, `console-${name}-${look}`, 48);
    } catch (error) {
      // The others are taken all the same.
      console.error(`no picture of ${name}, ${look}: ${error.message}`);
      process.exitCode = 1;
    }
    if (!page) await shown.context().close();
  }
  await page?.context().close();
}

async function open(options) {
  const page = await (await browser.newContext(options)).newPage();
  page.setDefaultTimeout(30_000);
  // Words that are typed and left are no reason to stay.
  page.on('dialog', (dialog) => dialog.accept());
  return page;
}
