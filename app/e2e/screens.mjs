// The screens of the console: what stands on them, and the way to each. Pictures are taken of them.

import { code, owner, signIn } from './console.mjs';

const responder = { name: 'Bob Stone', email: 'bob@example.com', role: 'responder', password: 'seven purple cobblers whistle' };
const editor = { name: 'Grace Hill', email: 'grace@example.com', role: 'editor', password: 'nine green turtles hum softly' };
const viewer = { name: 'Linus Berg', email: 'linus@example.com', role: 'viewer' };

/** An instant as a field for a date and a time takes it. */
const minute = (days, hour) => `${new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)}T${hour}`;

const said = (page, text) => page.getByRole('status').filter({ hasText: text }).first().waitFor();
const press = (page, name) => page.getByRole('button', { name, exact: true }).first().click();
const unfold = (page, text) => page.locator('summary', { hasText: text }).first().click();

/** What operators would have done by then; gives what the ways to the screens need. */
export async function furnish(browser, options, first) {
  const base = new URL(first.url()).pathname.replace('/start', '');
  await first.getByLabel('Name', { exact: true }).fill('Northwind Cloud');
  await first.getByLabel('Time zone').fill('Europe/Berlin');
  await press(first, 'Save and go on');
  await said(first, 'Saved.');
  const made = { base, invitation: await people(browser, options, first), secret: '' };
  made.secret = await secondStep(browser, options);
  await content(first, base);
  await rule(first, base);
  made.incident = await incident(first, base);
  made.draft = await draft(first, base);
  Object.assign(made, await maintenances(first, base));
  return made;
}

/** Invites three; gives the way in of the last, who has not come yet. */
async function people(browser, options, page) {
  let path;
  for (const who of [responder, editor, viewer]) {
    await page.goto('/admin/people');
    await page.getByLabel('E-mail').fill(who.email);
    await page.getByLabel('Name', { exact: true }).fill(who.name);
    await page.getByLabel('Role').last().selectOption(who.role);
    await press(page, 'Invite');
    path = new URL(await page.locator('code.link').innerText()).pathname;
    if (!who.password) break;
    const theirs = await (await browser.newContext(options)).newPage();
    await theirs.goto(path);
    await theirs.getByLabel('Password').fill(who.password);
    await press(theirs, 'Set the password and sign in');
    await theirs.waitForURL('**/incidents');
    await theirs.context().close();
  }
  await page.goto('/admin/people');
  await page.getByLabel('editor', { exact: true }).check();
  await press(page, 'Save');
  await said(page, 'Saved.');
  return path;
}

/** The responder's second step; gives its secret. */
async function secondStep(browser, options) {
  const page = await (await browser.newContext(options)).newPage();
  await signIn(page, responder);
  await page.waitForURL('**/incidents');
  await page.goto('/admin/account');
  await press(page, 'Set up the second step');
  const secret = await page.locator('.steps code').innerText();
  await page.getByLabel('The code that it shows').fill(code(secret));
  await press(page, 'Turn it on');
  await page.locator('.codes').waitFor();
  await page.context().close();
  return secret;
}

/** Templates and subscribers, which the console does not make, by the management API. */
async function content(page, base) {
  await page.goto('/admin/tokens');
  await page.getByLabel('What is it for?').fill('Deploy pipeline');
  for (const scope of await page.locator('input[name=scope]').all()) await scope.check();
  await press(page, 'Make it');
  const token = await page.locator('code.link').innerText();
  const v1 = base.replace('/admin', '/v1');
  const post = async (place, data) => {
    const answer = await page.request.post(v1 + place, { data, headers: { authorization: `OAuth ${token}` } });
    if (!answer.ok()) throw new Error(`${place}: ${answer.status()} ${await answer.text()}`);
  };
  const title = 'Payments by card fail';
  const body = 'Some payments by card are declined. We are looking into it.';
  await post('/incident_templates', { template: { name: 'Card payments', title, body, update_status: 'investigating' } });
  for (const email of ['ops@globex.example', 'noc@initech.example', 'sam@hooli.example']) {
    await post('/subscribers', { subscriber: { email, skip_confirmation_notification: true } });
  }
}

async function rule(page, base) {
  await page.goto(`${base}/alert-rules`);
  const made = page.locator('form').filter({ has: page.getByRole('button', { name: 'Make it' }) });
  await made.getByLabel('Name', { exact: true }).fill('The API is down');
  await made.getByLabel('Fits labels').fill('severity = critical\njob =~ api-.*');
  await made.getByLabel('Moves the component').selectOption({ index: 1 });
  await made.getByLabel('to', { exact: true }).selectOption('major_outage');
  await made.getByLabel('Opens an incident from the template').selectOption({ index: 1 });
  await press(made, 'Make it');
  await said(page, 'Saved.');
}

/** Picks another status for the first components. */
async function hurt(page, statuses) {
  for (const [at, status] of statuses.entries()) {
    await page.locator('fieldset.of').nth(at).locator('label', { hasText: status }).click();
  }
  await page.locator('#outcome .moved li').nth(statuses.length - 1).waitFor();
}

async function incident(page, base) {
  await page.goto(`${base}/incidents/new`);
  await page.getByLabel('What do people notice?').fill('Uploads of large files fail');
  await page.getByLabel('What do you know?').fill('Uploads above **5 MB** are refused. Smaller ones work.');
  await hurt(page, ['Partial outage', 'Degraded performance']);
  await unfold(page, 'next update');
  await page.getByLabel('Next update').selectOption('60');
  await press(page, 'Post');
  await said(page, 'Posted.');
  await page.getByLabel('What do you know?').fill('A proxy cuts bodies off. We are putting its limit back to what it was.');
  await press(page, 'Identified');
  await said(page, 'Posted.');
  return new URL(page.url()).pathname;
}

async function draft(page, base) {
  await page.goto(`${base}/incidents/new`);
  await page.getByLabel('What do people notice?').fill('Reports may be late tomorrow');
  await page.getByLabel('What do you know?').fill('We move the warehouse to new disks.');
  await press(page, 'Keep as a draft');
  await said(page, 'Kept as a draft');
  const url = new URL(page.url());
  return url.pathname + url.search.replace(/&said=.*/, '');
}

async function plan(page, base, { name, body, days, repeats, rows }) {
  await page.goto(`${base}/maintenances/new`);
  await page.getByLabel('What is done?').fill(name);
  await page.getByLabel('What do visitors notice?').fill(body);
  await page.getByLabel('Begins (').fill(minute(days, '02:00'));
  await page.getByLabel('Ends (').fill(minute(days, '03:30'));
  for (const row of rows) await page.locator('.components input').nth(row).check();
  if (repeats) await page.getByLabel('Comes again').selectOption({ label: repeats });
}

async function maintenances(page, base) {
  await plan(page, base, { name: 'Router upgrade', body: 'Connections may break for **some seconds**.', days: 3, rows: [0, 1] });
  await press(page, 'Plan it');
  await said(page, 'Planned.');
  const maintenance = new URL(page.url()).pathname;
  await plan(page, base, { name: 'Backups are moved', body: '', days: 5, rows: [2], repeats: 'every two weeks' });
  await press(page, 'Plan it');
  await said(page, 'Planned.');
  const series = new URL(page.url()).pathname;
  await plan(page, base, { name: 'New load balancer', body: '', days: 9, rows: [0] });
  await press(page, 'Keep as a draft');
  await said(page, 'Kept as a draft');
  return { maintenance, series };
}

/** Shows the part of a screen that begins with this. */
const top = (page, selector) => page.locator(selector).first().evaluate((part) => part.scrollIntoView());

/** The screens that an owner sees: a name, where each is, and what is done there before it is looked at. */
export function screens({ base, incident, draft, maintenance, series, told }) {
  return [
    ['start', `${base}/start?said=welcome`],
    ['incidents', `${base}/incidents`],
    ['incident', incident, async (page) => {
      await page.getByLabel('What do you know?').fill('The limit is back. Uploads of all sizes go through again.');
      await unfold(page, 'next update');
      await page.locator('#outcome iframe').waitFor();
    }],
    ['resolve', incident, async (page) => {
      await press(page, 'Resolved');
      await page.getByRole('button', { name: 'Resolve, and all operational' }).waitFor();
    }],
    ['postmortem', `${base}${told}`, (page) => top(page, 'section:has(#postmortem)')],
    ['compose', `${base}/incidents/new`, async (page) => {
      await page.getByLabel('What do people notice?').fill('Sign-in is slow');
      await page.getByLabel('What do you know?').fill('Signing in takes **up to a minute**. We are looking into it.');
      await hurt(page, ['Major outage', 'Partial outage', 'Degraded performance']);
      await page.evaluate(() => scrollTo(0, 0));
      await page.frameLocator('#outcome iframe').getByRole('heading', { level: 1 }).waitFor();
    }],
    ['compose-wrong', `${base}/incidents/new`, async (page) => {
      await page.getByLabel('What do people notice?').fill('Switched off as announced');
      await unfold(page, 'Publish it later');
      await page.getByLabel('When', { exact: true }).fill('2020-01-01T00:00');
      await press(page, 'Publish it then');
      await page.getByRole('alert').first().waitFor();
    }],
    ['draft', draft],
    ['maintenances', `${base}/maintenances`],
    ['month', `${base}/maintenances?month=now`],
    ['plan', `${base}/maintenances/new`, async (page) => {
      await plan(page, base, { name: 'Firewall rules are tidied', body: '', days: 3, rows: [0, 3], repeats: 'every month, on that weekday' });
      await page.locator('#outcome').getByText('At the same time').first().waitFor();
      await page.evaluate(() => scrollTo(0, 0));
    }],
    ['maintenance', maintenance, (page) => unfold(page, 'Change the plan')],
    ['series', series],
    ['components', `${base}/components`, async (page) => {
      await page.locator('input[name=component]').nth(1).check();
      await unfold(page, 'Change');
    }],
    ['component', `${base}/components`, async (page) => {
      await page.locator('a.name').first().click();
      await page.getByLabel('It was').selectOption('major_outage');
      await press(page, 'See the uptime it gives');
      await page.getByText('With that:').waitFor();
    }],
    ['alert-rules', `${base}/alert-rules`, async (page) => {
      await page.getByLabel('Labels of the alert').fill('severity = critical\njob = api-gateway');
      await press(page, 'Test');
      await said(page, 'It would be for');
    }],
    ['settings', `${base}/settings`],
    ['settings-look', `${base}/settings`, async (page) => {
      await page.getByLabel('Colour of links and buttons').fill('#9fc3ff');
      await page.locator('#contrast').getByText("can't be read").waitFor();
      await top(page, '#part-look');
    }],
    ['people', '/admin/people', async (page) => {
      await unfold(page, 'Change');
      await press(page, 'Make a link for another password');
      await said(page, 'Give this link');
      await unfold(page, 'Change');
    }],
    ['tokens', '/admin/tokens', async (page) => {
      await page.getByLabel('What is it for?').fill('Monitoring');
      await press(page, 'Make it');
      await said(page, 'This is the token');
    }],
    ['audit', `${base}/audit`, (page) => unfold(page, 'Before and after')],
    ['system', '/admin/system'],
    ['search', `${base}/search?q=upgrade`],
    ['search-nothing', `${base}/search?q=zebra`],
    ['account', '/admin/account'],
    ['not-found', `${base}/incidents/nowhere`],
  ];
}

/** The same for whoever is not signed in, or is and may not. */
export function doors({ base, invitation, secret }) {
  return [
    ['sign-in', '/admin/sign-in'],
    ['sign-in-wrong', '/admin/sign-in', async (page) => {
      await signIn(page, { email: owner.email, password: 'wrong horse' });
      await page.getByRole('alert').filter({ visible: true }).waitFor();
    }],
    ['forgotten', '/admin/reset'],
    ['mail-is-coming', '/admin/reset', async (page) => {
      await page.getByLabel('E-mail').fill('somebody@example.com');
      await press(page, 'Send the link');
      await said(page, 'If there is an account');
    }],
    ['invitation', invitation],
    ['second-step', '/admin/sign-in', async (page) => {
      await signIn(page, responder);
      await page.getByLabel('Code from your device').waitFor();
    }],
    ['second-step-needed', '/admin/sign-in', async (page) => {
      await signIn(page, editor);
      await page.getByRole('heading', { name: 'Your role needs a second step' }).waitFor();
    }],
    ['second-step-made', '/admin/sign-in', async (page) => {
      await signIn(page, editor);
      await press(page, 'Set up the second step');
      await page.locator('.qr').waitFor();
    }],
    ['signed-out', '/admin/sign-in', async (page) => {
      await signIn(page);
      await page.goto(`${base}/incidents/new`);
      await page.getByLabel('What do people notice?').fill('Nothing is lost');
      await page.context().clearCookies();
      await press(page, 'Post');
      await page.getByText('What you typed is kept').waitFor();
    }],
    ['forbidden', '/admin/sign-in', async (page) => {
      await signIn(page, responder);
      await page.getByLabel('Code from your device').fill(await nextCode(secret));
      await press(page, 'Go on');
      await page.waitForURL('**/incidents');
      await page.goto('/admin/people');
    }],
  ];
}

const used = new Set();

/** A code that was not used before: each counts once. */
async function nextCode(secret) {
  for (let at = Date.now(); ; at += 1_000) {
    const next = code(secret, at);
    if (used.has(next)) continue;
    // A device that is half a minute ahead is believed.
    while (at - Date.now() > 29_000) await new Promise((done) => setTimeout(done, 1_000));
    used.add(next);
    return next;
  }
}
