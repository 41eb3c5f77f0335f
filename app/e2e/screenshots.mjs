// Takes the pictures of the documentation from a running server with the demo page:
//   pharos serve --demo
//   node app/e2e/screenshots.mjs http://127.0.0.1:8080 docs/screens

import { chromium } from 'playwright-core';

const [origin, folder] = process.argv.slice(2);
if (!origin || !folder) {
  console.error('usage: node screenshots.mjs ADDRESS FOLDER');
  process.exit(64);
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});

/** The first incident and the first component that the page names. */
async function examples() {
  const { incidents, components } = await (await fetch(`${origin}/api/v2/summary.json`)).json();
  const down = components.find(({ group, status }) => !group && status !== 'operational');
  return { incident: incidents[0].id, component: down.id };
}

const { incident, component } = await examples();
const pictures = [
  { name: 'front-wide', path: '/', width: 1280, height: 1250 },
  { name: 'front-phone', path: '/', width: 390, height: 1250 },
  { name: 'front-dark', path: '/', width: 1280, height: 1250, colorScheme: 'dark' },
  { name: 'front-phone-dark', path: '/', width: 390, height: 1250, colorScheme: 'dark' },
  { name: 'incident-wide', path: `/incidents/${incident}`, width: 1280, height: 1000 },
  { name: 'component-wide', path: `/components/${component}`, width: 1280, height: 1000 },
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
