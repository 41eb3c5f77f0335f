// Takes the pictures of the documentation from a running server with the demo page:
//   pharos serve --demo
//   node app/e2e/screenshots.mjs http://127.0.0.1:8080 docs/screens

import { chromium } from 'playwright-core';
import { args, executablePath } from './chromium.mjs';
import { places } from './places.mjs';

const [origin, folder] = process.argv.slice(2);
if (!origin || !folder) {
  console.error('usage: node screenshots.mjs ADDRESS FOLDER');
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
await browser.close();
