// The console as operators use it, from the first run on: on a server of its own. The tests follow each
// other, since each stands on what was done before.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { code, owner, setUp, setUpLink, signIn } from './console.mjs';
import { assertAccessible, assertNoSidewaysScroll, open as openAnywhere } from './support.mjs';

const origin = process.env.PHAROS_E2E_CONSOLE_URL;
assert.ok(origin, 'PHAROS_E2E_CONSOLE_URL and PHAROS_E2E_CONSOLE_LOG are set by ./test.sh e2e');

const open = (t, path, options = {}) => openAnywhere(t, path, { baseURL: origin, ...options });
const responder = { email: 'bob@example.com', password: 'seven purple cobblers whistle' };

/** Signed in, with a page of their own. */
async function signedIn(t, options = {}, who = owner) {
  const page = await open(t, '/admin/sign-in', options);
  await signIn(page, who);
  await page.waitForURL('**/incidents');
  return page;
}

const said = (page, text) => page.getByRole('status').filter({ hasText: text }).waitFor();

test('from the first run to the first incident', async (t) => {
  const page = await open(t, '/admin');
  assert.ok(page.url().includes('/admin/sign-in'));
  await setUp(page, setUpLink(process.env.PHAROS_E2E_CONSOLE_LOG));
  await page.getByLabel('Name', { exact: true }).fill('Northwind Cloud');
  await page.getByRole('button', { name: 'Save and go on' }).click();
  await said(page, 'Saved.');
  await page.getByRole('link', { name: 'New incident' }).click();
  await page.getByLabel('What do people notice?').fill('Sign-in is slow');
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await said(page, 'Posted.');
  const visitor = await open(t, '/');
  await visitor.getByText('Sign-in is slow').first().waitFor();
  assert.deepEqual(page.problems, []);
});

test('posts an incident with three components within six clicks', async (t) => {
  const visitor = await open(t, '/');
  const page = await open(t, '/admin/sign-in');
  let clicks = 0;
  const click = async (what) => {
    clicks += 1;
    await what.click();
  };
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByLabel('Password').fill(owner.password);
  await click(page.getByRole('button', { name: 'Sign in' }));
  await click(page.getByRole('link', { name: 'New incident' }));
  await page.getByLabel('What do people notice?').fill('Uploads fail');
  const groups = page.locator('fieldset.of');
  const status = (at) => groups.nth(at).locator('label', { hasText: 'Major outage' });
  for (const at of [0, 1, 2]) await click(status(at));
  await page.locator('#outcome .moved li').nth(2).waitFor();
  await click(page.getByRole('button', { name: 'Post', exact: true }));
  await said(page, 'Posted.');
  assert.ok(clicks <= 6, `${clicks} clicks`);
  // Whoever has the page open sees it without a reload.
  await visitor.getByText('Uploads fail').first().waitFor();
  assert.deepEqual(page.problems, []);
});

test('shows what visitors will see while it is typed', async (t) => {
  const page = await signedIn(t);
  await page.getByRole('link', { name: 'New incident' }).click();
  await page.getByLabel('What do people notice?').fill('Exports are late');
  await page.frameLocator('iframe').getByText('Exports are late').first().waitFor();
  await page.getByLabel('What do people notice?').press('Enter');
  await page.getByRole('heading', { name: 'What visitors will see' }).waitFor();
  const told = await (await fetch(`${origin}/api/v2/incidents.json`)).json();
  assert.ok(!told.incidents.some(({ name }) => name === 'Exports are late'), 'the return key posts nothing');
  assert.deepEqual(page.problems, []);
});

test('an incident goes from open to its postmortem without a script', async (t) => {
  const page = await signedIn(t, { javaScriptEnabled: false });
  await page.getByRole('link', { name: 'Uploads fail' }).first().click();
  await page.getByLabel('What do you know?').fill('A disk is full.');
  await page.getByRole('button', { name: 'Identified' }).click();
  await said(page, 'Posted.');
  await page.getByRole('button', { name: 'Resolved' }).click();
  await page.getByRole('button', { name: 'Resolve, and all operational' }).click();
  await said(page, 'Posted.');
  await page.getByLabel('What happened, and what you learned').fill('We watch **disks** now.');
  await page.getByRole('button', { name: 'Publish' }).click();
  await said(page, 'The postmortem is published.');
  await page.getByRole('link', { name: 'As visitors see it' }).waitFor();
  const visitor = await open(t, new URL(page.url()).pathname.replace(/^.*(?=\/incidents\/)/, ''));
  await visitor.getByText('We watch disks now.').first().waitFor();
});

test('what was typed comes back after signing in again', async (t) => {
  const page = await signedIn(t);
  await page.getByRole('link', { name: 'New incident' }).click();
  await page.getByLabel('What do people notice?').fill('Nothing is lost');
  await page.getByLabel('What do you know?').fill('Not even\ntwo lines.');
  await page.context().clearCookies();
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await page.getByText('What you typed is kept').waitFor();
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByLabel('Password').fill(owner.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Go on where I was' }).click();
  assert.equal(await page.getByLabel('What do people notice?').inputValue(), 'Nothing is lost');
  assert.equal(await page.getByLabel('What do you know?').inputValue(), 'Not even\ntwo lines.');
});

test('somebody is invited, and may do no more than their role', async (t) => {
  const page = await signedIn(t);
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByLabel('E-mail').fill(responder.email);
  await page.getByLabel('Role').last().selectOption('responder');
  await page.getByRole('button', { name: 'Invite' }).click();
  const link = new URL(await page.locator('code.link').innerText()).pathname;
  const theirs = await open(t, link);
  await theirs.getByLabel('Password').fill(responder.password);
  await theirs.getByRole('button', { name: 'Set the password and sign in' }).click();
  await theirs.getByRole('heading', { name: 'Incidents' }).waitFor();
  assert.equal(await theirs.getByRole('link', { name: 'People' }).count(), 0);
  const answer = await theirs.goto('/admin/people');
  assert.equal(answer.status(), 403);
  await theirs.getByText('Your role lacks').waitFor();
});

test('two operators at once: nobody overwrites', async (t) => {
  const [ada, bob] = [await signedIn(t), await signedIn(t, {}, responder)];
  // Without a script nobody sees what others say before it is sent.
  const plain = await signedIn(t, { javaScriptEnabled: false });
  for (const page of [ada, bob, plain]) await page.getByRole('link', { name: 'Sign-in is slow' }).first().click();
  await bob.getByLabel('What do you know?').fill('Bob still looks.');
  await plain.getByLabel('What do you know?').fill('So does the other.');
  await ada.getByLabel('What do you know?').fill('Ada found it.');
  await ada.getByRole('button', { name: 'Identified' }).click();
  await said(ada, 'Posted.');
  await said(bob, 'Something was said of it just now');
  await bob.locator('ol.said').getByText('Ada found it.').first().waitFor();
  assert.equal(await bob.getByLabel('What do you know?').inputValue(), 'Bob still looks.');
  await assertAccessible(bob);
  await bob.getByRole('button', { name: 'I have read it' }).click();
  await bob.getByRole('button', { name: 'Monitoring' }).click();
  await said(bob, 'Posted.');
  await plain.getByRole('button', { name: 'Monitoring' }).click();
  await plain.getByText('Somebody else changed this').waitFor();
  await plain.getByText('Bob still looks.').first().waitFor();
  assert.equal(await plain.getByLabel('What do you know?').inputValue(), 'So does the other.');
  await plain.getByRole('button', { name: 'Monitoring' }).click();
  await said(plain, 'Posted.');
});

test('what was posted a moment ago is taken back', async (t) => {
  const [page, visitor] = [await signedIn(t), await open(t, '/')];
  await page.getByRole('link', { name: 'New incident' }).click();
  await page.getByLabel('What do people notice?').fill('Posted by mistake');
  await page.getByRole('button', { name: 'Post', exact: true }).click();
  await said(page, 'Posted.');
  await visitor.getByText('Posted by mistake').first().waitFor();
  await assertAccessible(page);
  await page.getByRole('button', { name: 'Take it back' }).click();
  await said(page, 'Taken back');
  await visitor.getByText('Posted by mistake').first().waitFor({ state: 'detached' });
});

test('an incident is posted at the time that was chosen', async (t) => {
  const page = await signedIn(t);
  await page.getByRole('link', { name: 'New incident' }).click();
  await page.getByLabel('What do people notice?').fill('Switched off as announced');
  await page.getByText('Publish it later').click();
  await page.getByLabel('When', { exact: true }).fill('2020-01-01T00:00');
  await page.getByRole('button', { name: 'Publish it then' }).click();
  await page.getByText('Choose a time to come').first().waitFor();
  await assertAccessible(page);
  // The next minute, unless it is too near to be chosen.
  const ahead = new Date().getSeconds() > 45 ? 2 : 1;
  const next = new Date(Date.now() + ahead * 60_000).toISOString().slice(0, 16);
  await page.getByLabel('When', { exact: true }).fill(next);
  await page.getByRole('button', { name: 'Publish it then' }).click();
  await said(page, 'The clock posts it');
  await assertAccessible(page);
  const visitor = await open(t, '/');
  assert.equal(await visitor.getByText('Switched off as announced').count(), 0);
  // At most a minute, and the pause between two looks at the clock.
  await visitor.getByText('Switched off as announced').first().waitFor({ timeout: 90_000 });
});

test('signs in with a code of a device', async (t) => {
  const page = await signedIn(t, {}, responder);
  await page.getByRole('link', { name: responder.email }).click();
  await page.getByRole('button', { name: 'Set up the second step' }).click();
  const secret = await page.locator('.steps code').innerText();
  await page.getByRole('img', { name: 'Code for your authenticator app' }).waitFor();
  await page.getByLabel('The code that it shows').fill(code(secret));
  await page.getByRole('button', { name: 'Turn it on' }).click();
  const recovery = await page.locator('.codes code').first().innerText();
  const again = await open(t, '/admin/sign-in');
  await signIn(again, responder);
  await again.getByLabel('Code from your device').fill(recovery);
  await again.getByRole('button', { name: 'Go on' }).click();
  await again.getByRole('heading', { name: 'Incidents' }).waitFor();
  const next = await open(t, '/admin/sign-in');
  await signIn(next, responder);
  // The code of the next step, which nobody has used.
  await next.getByLabel('Code from your device').fill(code(secret, Date.now() + 30_000));
  await next.getByRole('button', { name: 'Go on' }).click();
  await next.getByRole('heading', { name: 'Incidents' }).waitFor();
});

test('an incident is posted with the keyboard alone', async (t) => {
  const page = await open(t, '/admin/sign-in');
  const { keyboard } = page;
  const focused = () => page.evaluate(() => document.activeElement?.textContent.trim() + '|' + (document.activeElement?.id ?? ''));
  const tabTo = async (text) => {
    for (let at = 0; at < 400; at += 1) {
      await keyboard.press('Tab');
      if ((await focused()).includes(text)) return;
    }
    assert.fail(`the keyboard does not reach "${text}"`);
  };
  await tabTo('|email');
  await keyboard.type(owner.email);
  await keyboard.press('Tab');
  await keyboard.type(owner.password);
  await keyboard.press('Enter');
  await page.waitForURL('**/incidents');
  await tabTo('New incident');
  await keyboard.press('Enter');
  await page.waitForURL('**/new');
  await tabTo('|name');
  await keyboard.type('Reports are late');
  await tabTo('|body');
  await keyboard.type('We look into it.');
  const first = page.locator('fieldset.of').first().getByRole('radio').first();
  for (let at = 0; at < 40 && !(await first.evaluate((radio) => radio === document.activeElement)); at += 1) {
    await keyboard.press('Tab');
  }
  await keyboard.press('ArrowRight');
  await tabTo('Post|');
  await keyboard.press('Enter');
  await said(page, 'Posted.');
  assert.match(await page.locator('.said .moved').first().innerText(), /→/);
});

test('every screen is accessible, light and dark, and fits a phone', async (t) => {
  for (const [colorScheme, width] of [['light', 1280], ['dark', 1280], ['light', 390], ['dark', 320]]) {
    const page = await signedIn(t, { colorScheme, width });
    const incidents = page.url();
    const one = await page.locator('a.name').first().getAttribute('href');
    const places = [
      incidents, `${incidents}/new`, one, incidents.replace('/incidents', '/components'), incidents.replace('/incidents', '/audit'),
      incidents.replace('/incidents', '/start'), '/admin/people', '/admin/tokens', '/admin/account', '/admin/pages/nowhere/audit',
    ];
    for (const place of places) {
      await page.goto(place);
      // What is folded up is a part of the screen too.
      await page.evaluate(() => document.querySelectorAll('details').forEach((details) => (details.open = true)));
      await assertAccessible(page).catch((error) => assert.fail(`${place}, ${colorScheme}, ${width}: ${error.message}`));
      await assertNoSidewaysScroll(page).catch((error) => assert.fail(`${place}, ${width}: ${error.message}`));
    }
    const out = await open(t, '/admin/sign-in', { colorScheme, width });
    await assertAccessible(out);
    await assertNoSidewaysScroll(out);
    const noise = page.problems.filter((problem) => !problem.includes('404'));
    assert.deepEqual(noise, []);
  }
});
