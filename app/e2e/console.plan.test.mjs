// The console as operators plan, look back and configure with it: on a server of its own. The tests
// follow each other, since each stands on what was done before.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { deflateSync, crc32 } from 'node:zlib';
import { setUp, setUpLink, signIn } from './console.mjs';
import { assertAccessible, assertNoSidewaysScroll, open as openAnywhere } from './support.mjs';

const origin = process.env.PHAROS_E2E_PLAN_URL;
assert.ok(origin, 'PHAROS_E2E_PLAN_URL and PHAROS_E2E_PLAN_LOG are set by ./test.sh e2e');

const open = (t, path, options = {}) => openAnywhere(t, path, { baseURL: origin, ...options });
const said = (page, text) => page.getByRole('status').filter({ hasText: text }).waitFor();

let base;

/** Signed in, at a place below the page. */
async function at(t, place, options = {}) {
  const page = await open(t, '/admin/sign-in', options);
  await signIn(page);
  await page.waitForURL('**/incidents');
  base = new URL(page.url()).pathname.replace('/incidents', '');
  await page.goto(`${base}/${place}`);
  return page;
}

/** An instant as a field for a date and a time takes it, in UTC. */
const minute = (at) => new Date(at).toISOString().slice(0, 16);

test('somebody sets it up', async (t) => {
  const page = await open(t, '/admin');
  await setUp(page, setUpLink(process.env.PHAROS_E2E_PLAN_LOG));
  await page.getByLabel('Name', { exact: true }).fill('Northwind Cloud');
  await page.getByLabel('Time zone').fill('UTC');
  await page.getByRole('button', { name: 'Save and go on' }).click();
  await said(page, 'Saved.');
});

test('a maintenance is planned, begins and ends by the clock', async (t) => {
  const visitor = await open(t, '/');
  const page = await at(t, 'maintenances');
  await page.getByRole('link', { name: 'Plan a maintenance', exact: true }).first().click();
  await page.getByLabel('What is done?').fill('Router upgrade');
  // It begins with the minute that has begun, and ends with the next.
  const now = Date.now();
  await page.getByLabel('Begins (').fill(minute(now));
  await page.getByLabel('Ends (').fill(minute(now + 60_000));
  const component = page.locator('.components input').first();
  await component.check();
  await page.getByText('it begins as soon as it is posted').waitFor();
  await page.locator('#outcome .moved').getByText('Under maintenance').waitFor();
  await page.getByRole('button', { name: 'Plan it' }).click();
  await said(page, 'Planned.');
  const stage = async (word) => {
    for (let tries = 0; tries < 150; tries += 1) {
      await page.reload();
      if (await page.locator('main > p').filter({ hasText: word }).count()) return;
      await page.waitForTimeout(1_000);
    }
    assert.fail(`it is never ${word}`);
  };
  await stage('In progress');
  // Whoever has the page open sees it without a reload.
  await visitor.getByText('Router upgrade').first().waitFor();
  await stage('Completed');
  assert.deepEqual(page.problems, []);
});

test('what is at the same time is told of, with the times of the reader', async (t) => {
  const page = await at(t, 'maintenances/new?day=2030-05-15', { timezoneId: 'America/New_York' });
  await page.getByLabel('What is done?').fill('First');
  await page.locator('.components input').first().check();
  await page.getByText('05:00 where you are').waitFor();
  await page.getByRole('button', { name: 'Plan it' }).click();
  await said(page, 'Planned.');
  await page.goto(`${base}/maintenances/new?day=2030-05-15`);
  await page.locator('.components input').first().check();
  await page.locator('#outcome').getByText('At the same time as the maintenance').waitFor();
  await page.getByLabel('Begins (').fill('2030-05-15T12:00');
  await page.getByLabel('Ends (').fill('2030-05-15T13:00');
  await page.locator('#outcome').getByText('At the same time').waitFor({ state: 'detached' });
  assert.deepEqual(page.problems, []);
});

test('a maintenance is replanned and called off without a script', async (t) => {
  const page = await at(t, 'maintenances', { javaScriptEnabled: false });
  await page.getByRole('link', { name: 'First' }).click();
  await page.getByText('Change the plan').first().click();
  const plan = page.locator('form[action$="/plan"]');
  await plan.getByLabel('Ends (').fill('2030-05-15T11:30');
  await plan.getByRole('button', { name: 'Change the plan' }).click();
  await said(page, 'The plan is changed.');
  await page.getByText('11:30').first().waitFor();
  await page.locator('summary', { hasText: 'Call it off' }).click();
  const cancel = page.locator('form[action$="/cancel"]');
  await cancel.getByLabel('Yes, call it off').check();
  await cancel.getByRole('button', { name: 'Call it off' }).click();
  await said(page, 'It is called off.');
});

test('a month is walked through with the keyboard alone', async (t) => {
  const page = await at(t, 'maintenances?month=2030-05');
  await page.getByRole('table', { name: 'Maintenances in May 2030' }).waitFor();
  const { keyboard } = page;
  const tabTo = async (matches) => {
    for (let tries = 0; tries < 120; tries += 1) {
      await keyboard.press('Tab');
      if (await page.evaluate((text) => document.activeElement?.textContent.includes(text), matches)) return;
    }
    assert.fail(`the keyboard does not reach "${matches}"`);
  };
  await tabTo('First');
  await keyboard.press('Enter');
  await page.getByRole('heading', { name: 'First' }).waitFor();
  await page.goBack();
  await tabTo('June 2030');
  await keyboard.press('Enter');
  await page.getByText('Nothing is planned in these weeks.').waitFor();
});

test('a series is planned, and its addresses for calendars made', async (t) => {
  const page = await at(t, 'maintenances/new');
  await page.getByLabel('What is done?').fill('Backups are moved');
  await page.getByLabel('Comes again').selectOption({ label: 'every two weeks' });
  await page.locator('#outcome').getByText('It comes again:').waitFor();
  await page.getByRole('button', { name: 'Plan it' }).click();
  await said(page, 'Planned.');
  await page.getByText('FREQ=WEEKLY;INTERVAL=2').first().waitFor();
  await page.getByRole('link', { name: 'maintenances', exact: true }).click();
  await page.getByRole('button', { name: 'Make an address' }).click();
  const address = await page.locator('#feed code').innerText();
  const calendar = await fetch(new URL(new URL(address).pathname, origin));
  assert.match(await calendar.text(), /Backups are moved/);
  await page.getByRole('button', { name: 'Revoke it' }).click();
  await said(page, 'The address leads nowhere any more.');
  await page.getByRole('link', { name: 'Backups are moved' }).last().click();
  await page.locator('summary', { hasText: 'End it' }).click();
  await page.getByLabel('Yes, end the series').check();
  await page.getByRole('button', { name: 'End it' }).click();
  await said(page, 'The series has ended.');
  assert.deepEqual(page.problems, []);
});

test('everything is a key away', async (t) => {
  const page = await at(t, 'components');
  await page.keyboard.press('/');
  await page.keyboard.type('router');
  await page.keyboard.press('Enter');
  await page.getByRole('link', { name: 'Router upgrade' }).waitFor();
  const plain = await at(t, 'components', { javaScriptEnabled: false });
  await plain.getByLabel('Search everywhere').fill('router');
  await plain.getByLabel('Search everywhere').press('Enter');
  await plain.getByRole('link', { name: 'Router upgrade' }).waitFor();
});

test('a past is corrected, and a badge copied', async (t) => {
  const page = await at(t, 'components', { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.locator('a.name').first().click();
  await page.getByLabel('It was').selectOption('major_outage');
  await page.getByRole('button', { name: 'See the uptime it gives' }).click();
  await page.getByText('With that:').waitFor();
  await page.getByRole('button', { name: 'Correct it' }).click();
  await said(page, 'Corrected.');
  await page.getByRole('button', { name: 'Copy' }).first().click();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /badge\.svg/);
  assert.deepEqual(page.problems, []);
});

test('an alert rule is made and tried without a script', async (t) => {
  const page = await at(t, 'alert-rules', { javaScriptEnabled: false });
  const made = page.locator('form').filter({ has: page.getByRole('button', { name: 'Make it' }) });
  await made.getByLabel('Name', { exact: true }).fill('Routers are down');
  await made.getByLabel('Fits labels').fill('severity = critical');
  await made.getByLabel('Moves the component').selectOption({ index: 1 });
  await made.getByLabel('to', { exact: true }).selectOption('major_outage');
  await made.getByRole('button', { name: 'Make it' }).click();
  await said(page, 'Saved.');
  await page.getByLabel('Labels of the alert').fill('severity = critical');
  await page.getByRole('button', { name: 'Test' }).click();
  await said(page, 'It would be for “Routers are down”.');
});

test('the audit is looked through and taken away', async (t) => {
  const page = await at(t, 'audit');
  await page.getByLabel('By', { exact: true }).selectOption({ label: 'Ada Lovelace' });
  await page.getByLabel('To', { exact: true }).selectOption('incident');
  await page.getByRole('button', { name: 'Show', exact: true }).click();
  await page.getByText('incident create').first().waitFor();
  assert.equal(await page.getByText('page update').count(), 0);
  const coming = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download as CSV' }).click();
  const file = await coming;
  assert.match(file.suggestedFilename(), /^audit-.*\.csv$/);
  const text = readFileSync(await file.path(), 'utf8');
  assert.match(text, /Ada Lovelace/);
});

/** A square of one colour. */
function png(side) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const ends = [Buffer.alloc(4), Buffer.alloc(4)];
    ends[0].writeUInt32BE(data.length);
    ends[1].writeUInt32BE(crc32(body));
    return Buffer.concat([ends[0], body, ends[1]]);
  };
  const header = Buffer.from([0, 0, 0, side, 0, 0, 0, side, 8, 2, 0, 0, 0]);
  const row = Buffer.concat([Buffer.from([0]), Buffer.alloc(side * 3, 0x5a)]);
  const pixels = deflateSync(Buffer.concat(Array(side).fill(row)));
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([signature, chunk('IHDR', header), chunk('IDAT', pixels), chunk('IEND', Buffer.alloc(0))]);
}

test('a look is seen before it is worn, and a logo is used', async (t) => {
  const page = await at(t, 'settings');
  const frame = page.frameLocator('iframe[name=look]');
  await frame.getByText('Northwind Cloud').first().waitFor();
  await page.getByLabel('Colour of links and buttons').fill('#9fc3ff');
  await page.locator('#contrast').getByText("can't be read").waitFor();
  await page.getByLabel('Colour of links and buttons').fill('#0a5add');
  await page.locator('#contrast').getByText("can't be read").waitFor({ state: 'detached' });
  await page.getByLabel('At the top of each page').fill('**Hello** there');
  await frame.getByText('Hello').waitFor();
  assert.ok(!(await (await fetch(origin)).text()).includes('Hello'), 'it is not worn yet');
  await page.locator('#part-look').getByRole('button', { name: 'Save' }).click();
  await said(page, 'Saved.');
  const visitor = await open(t, '/');
  await visitor.getByText('Hello').waitFor();
  const logo = page.locator('form[action$="/logo"]').first();
  await logo.locator('input[type=file]').setInputFiles({ name: 'logo.png', mimeType: 'image/png', buffer: png(24) });
  await logo.getByRole('button', { name: 'Use this picture' }).click();
  await said(page, 'Saved.');
  await page.getByRole('img', { name: 'As it is now' }).waitFor();
  await visitor.reload();
  await visitor.getByRole('img', { name: 'Northwind Cloud' }).waitFor();
  assert.deepEqual(page.problems, []);
});

test('an announcement is pinned and goes without a script', async (t) => {
  const page = await at(t, 'settings', { javaScriptEnabled: false });
  await page.getByLabel('Pinned to the front page').fill('We **move** in May.');
  await page.locator('#part-announcement').getByRole('button', { name: 'Save' }).click();
  await said(page, 'Saved.');
  const visitor = await open(t, '/');
  await visitor.getByText('We move in May.').waitFor();
  await page.getByLabel('Pinned to the front page').fill('');
  await page.locator('#part-announcement').getByRole('button', { name: 'Save' }).click();
  await said(page, 'Saved.');
  await visitor.getByText('We move in May.').waitFor({ state: 'detached' });
});

test('the system says how it is', async (t) => {
  const page = await at(t, '../../system');
  await page.getByText('All is well.').waitFor();
  await page.getByText('(this one)').waitFor();
});

test('every screen is accessible, light and dark, and fits a phone', async (t) => {
  for (const [colorScheme, width] of [['light', 1280], ['dark', 1280], ['light', 390], ['dark', 320]]) {
    const page = await at(t, 'maintenances', { colorScheme, width });
    const one = await page.locator('a.name').first().getAttribute('href');
    await page.goto(`${base}/components`);
    const component = await page.locator('a.name').first().getAttribute('href');
    const places = [
      `${base}/maintenances`, `${base}/maintenances?month=2030-05`, `${base}/maintenances/new`, one, `${base}/audit`,
      `${base}/audit?kind=incident`, `${base}/settings`, '/admin/system', `${base}/alert-rules`, `${base}/search?q=router`, component,
    ];
    for (const place of places) {
      await page.goto(place);
      // What is folded up is a part of the screen too.
      await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
      await assertAccessible(page).catch((error) => assert.fail(`${place}, ${colorScheme}, ${width}: ${error.message}`));
      await assertNoSidewaysScroll(page).catch((error) => assert.fail(`${place}, ${width}: ${error.message}`));
    }
    assert.deepEqual(page.problems, []);
  }
});
