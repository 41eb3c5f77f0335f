// The ways into the console: invitations and other passwords by mail, a second step that a role needs, passkeys, and
// the organization's own provider. On a server of its own; the tests follow each other.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { code, owner, setUp, setUpLink, signIn } from './console.mjs';
import { enter, provider, say } from './provider.mjs';
import { assertAccessible, assertNoSidewaysScroll, open as openAnywhere, widths } from './support.mjs';

const origin = process.env.PHAROS_E2E_DOOR_URL;
assert.ok(origin && process.env.PHAROS_E2E_OIDC, 'PHAROS_E2E_DOOR_URL and PHAROS_E2E_OIDC are set by ./test.sh e2e');

const open = (t, path, options = {}) => openAnywhere(t, path, { baseURL: origin, ...options });
const back = `${origin}/admin/sign-in/sso/back`;
const editor = { email: 'grace@example.com', password: 'seven purple cobblers whistle' };
const said = (page, text) => page.getByRole('status').filter({ hasText: text }).waitFor();
const atIncidents = (page) => page.getByRole('heading', { name: 'Incidents' }).waitFor();

async function signedIn(t, options = {}, who = owner) {
  const page = await open(t, '/admin/sign-in', options);
  await signIn(page, who);
  await page.waitForURL('**/incidents');
  return page;
}

/** The path in the newest mail to an address, as soon as there are so many. */
async function mailed(to, count = 1) {
  const [, , http] = process.env.PHAROS_TEST_SMTP.split(',');
  for (let tries = 0; tries < 300; tries += 1) {
    const mails = await (await fetch(`http://127.0.0.1:${http}/mails?to=${to}`)).json();
    if (mails.length >= count) return new URL(mails.at(-1).text.match(/http\S+/)[0]).pathname;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(`no mail to ${to}`);
}

/** A device that recognises whoever holds it, and keeps keys. */
async function device(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
  return { session, authenticatorId };
}

test('somebody is invited by mail', async (t) => {
  const first = await open(t, '/admin');
  await setUp(first, setUpLink(process.env.PHAROS_E2E_DOOR_LOG));
  const page = await signedIn(t);
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByLabel('E-mail').fill(editor.email);
  await page.getByLabel('Role').last().selectOption('editor');
  await page.getByRole('button', { name: 'Invite' }).click();
  await said(page, 'Invited.');
  assert.equal(await page.locator('code.link').count(), 0);
  const theirs = await open(t, await mailed(editor.email));
  await theirs.getByLabel('Password').fill(editor.password);
  await theirs.getByRole('button', { name: 'Set the password and sign in' }).click();
  await atIncidents(theirs);
  assert.deepEqual([...page.problems, ...theirs.problems], []);
});

test('a forgotten password is replaced by mail, without a script', async (t) => {
  const page = await open(t, '/admin/sign-in', { javaScriptEnabled: false });
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByLabel('E-mail').fill(editor.email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await said(page, 'If there is an account');
  const path = await mailed(editor.email, 2);
  await page.goto(path);
  await page.getByRole('heading', { name: 'Choose another password' }).waitFor();
  editor.password = 'nine green turtles hum softly';
  await page.getByLabel('Password').fill(editor.password);
  await page.getByRole('button', { name: 'Set the password and sign in' }).click();
  await atIncidents(page);
  assert.equal((await page.goto(path)).status(), 404);
});

test('a role needs a second step, and its people can do nothing before', async (t) => {
  const page = await signedIn(t);
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByLabel('editor', { exact: true }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await said(page, 'Saved.');
  const theirs = await open(t, '/admin/sign-in');
  await signIn(theirs, editor);
  await theirs.getByRole('heading', { name: 'Your role needs a second step' }).waitFor();
  await theirs.getByRole('link', { name: 'Components' }).click();
  await theirs.getByRole('heading', { name: 'Your role needs a second step' }).waitFor();
  await assertAccessible(theirs);
  await theirs.getByRole('button', { name: 'Set up the second step' }).click();
  const secret = await theirs.locator('.steps code').innerText();
  await theirs.getByLabel('The code that it shows').fill(code(secret));
  await theirs.getByRole('button', { name: 'Turn it on' }).click();
  await theirs.getByRole('link', { name: 'I have kept them' }).click();
  await theirs.getByRole('link', { name: 'Components' }).click();
  await theirs.getByRole('heading', { name: 'Components', level: 1 }).waitFor();
  assert.deepEqual(theirs.problems, []);
});

test('a passkey stands for the password and the second step', async (t) => {
  const page = await signedIn(t);
  const { session, authenticatorId } = await device(page);
  await page.getByRole('link', { name: owner.name }).click();
  await page.getByLabel('What you call the device').fill('my laptop');
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await said(page, 'The passkey is added.');
  await page.getByText('my laptop').waitFor();
  await page.getByText('never used').waitFor();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await page.getByText('This device has a passkey already.').waitFor();

  // A role that needs a second step has it in the passkey.
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByLabel('owner', { exact: true }).check();
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('heading', { name: 'Your role needs a second step' }).waitFor();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await atIncidents(page);
  await page.getByRole('link', { name: 'People' }).click();
  await page.getByLabel('owner', { exact: true }).uncheck();
  await page.getByRole('button', { name: 'Save' }).click();
  await said(page, 'Saved.');

  // A device that does not recognise who holds it signs nobody in.
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: false });
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByText('The device was not asked, or did not answer.').waitFor();
  await session.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified: true });
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await atIncidents(page);

  await page.getByRole('link', { name: owner.name }).click();
  await page.getByRole('button', { name: 'Remove my laptop' }).click();
  await said(page, 'The passkey is removed.');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByRole('alert').filter({ hasText: 'does not fit' }).waitFor();
  assert.deepEqual(page.problems.filter((problem) => !problem.includes('422')), []);
});

test('what a passkey signed counts once, for its own browser and question', async (t) => {
  const page = await signedIn(t);
  await device(page);
  await page.getByRole('link', { name: owner.name }).click();
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await said(page, 'The passkey is added.');
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  let sent;
  await page.route('**/admin/sign-in/passkey', async (route) => {
    sent = route.request().postData();
    await route.fulfill({ status: 200, contentType: 'text/html', body: '<h1>Held up</h1>' });
  });
  await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
  await page.getByRole('heading', { name: 'Held up' }).waitFor();
  await page.unroute('**/admin/sign-in/passkey');
  const post = (context, body) => context.request.post(`${origin}/admin/sign-in/passkey`, {
    data: body, headers: { 'content-type': 'application/x-www-form-urlencoded', origin }, maxRedirects: 0,
  });
  const elsewhere = await open(t, '/admin/sign-in');
  const csrf = await elsewhere.locator('input[name=csrf]').first().inputValue();
  const stolen = new URLSearchParams(sent);
  stolen.set('csrf', csrf);
  assert.equal((await post(elsewhere.context(), stolen.toString())).status(), 422, 'of another browser');
  const changed = new URLSearchParams(sent);
  const credential = JSON.parse(changed.get('credential'));
  credential.response.signature = `${credential.response.signature.slice(0, -4)}AAAA`;
  // The question is spent by this, too.
  changed.set('credential', JSON.stringify(credential));
  assert.equal((await post(page.context(), changed.toString())).status(), 422, 'another signature');
  assert.equal((await post(page.context(), sent)).status(), 422, 'answered before');
});

test('the provider signs people in, and their groups say what they may do', async (t) => {
  await provider(t, back, {
    bob: ['operators'], rita: ['readers', 'others'], mallory: ['others'], unverified: ['operators'], grace: ['readers'],
  });
  const bob = await open(t, '/admin/sign-in?next=/admin/account');
  await bob.getByRole('link', { name: 'Sign in with localhost' }).click();
  await enter(bob, 'bob');
  await bob.waitForURL('**/admin/account');
  await bob.getByText('bob@example.com · responder').waitFor();
  assert.equal(new URL(bob.url()).origin, origin);
  // Before something dangerous the provider asks once more, though it knows them.
  await bob.goto('/admin/sign-in/sso?again=yes&next=/admin/account');
  await bob.locator('input[name=login]').waitFor();

  const rita = await open(t, '/admin/sign-in');
  await rita.getByRole('link', { name: 'Sign in with localhost' }).click();
  await enter(rita, 'rita');
  await atIncidents(rita);
  assert.equal(await rita.getByRole('link', { name: 'New incident' }).count(), 0);

  // Who has the address already is the same person, with the role that the groups give.
  const grace = await open(t, '/admin/sign-in?next=/admin/account');
  await grace.getByRole('link', { name: 'Sign in with localhost' }).click();
  await enter(grace, 'grace');
  await grace.getByText(`${editor.email} · viewer`).waitFor();

  for (const [name, text] of [['mallory', 'None of your groups'], ['unverified', 'does not know yet whether']]) {
    const page = await open(t, '/admin/sign-in');
    await page.getByRole('link', { name: 'Sign in with localhost' }).click();
    await enter(page, name);
    await page.getByRole('alert').filter({ hasText: text }).waitFor();
    await assertAccessible(page);
    assert.equal((await page.goto('/admin/account')).url().includes('sign-in'), true);
  }
});

test('what comes back from the provider is for the browser that left', async (t) => {
  await provider(t, back, { bob: ['operators'] });
  const page = await open(t, '/admin/sign-in');
  await page.getByRole('link', { name: 'Sign in with localhost' }).click();
  await say(page, 'bob');
  // The way back, held up before the console sees it.
  let next = new URL(await page.locator('form').getAttribute('action'), page.url()).href;
  const answer = await page.context().request.post(next, { form: { prompt: 'consent' }, maxRedirects: 0 });
  next = new URL(answer.headers().location, next).href;
  const came = (await page.context().request.get(next, { maxRedirects: 0 })).headers().location;
  assert.ok(came.startsWith(back), came);
  const victim = await open(t, '/admin/sign-in');
  assert.equal((await victim.goto(came)).status(), 403, 'nobody is signed in as somebody else');
  const forged = new URL(came);
  forged.searchParams.set('state', 'AAAA');
  assert.equal((await page.goto(forged.href)).status(), 403);
  const other = new URL(came);
  other.searchParams.set('code', 'AAAA');
  assert.equal((await page.goto(other.href)).status(), 403);
  assert.equal((await page.goto('/admin/account')).url().includes('sign-in'), true);
  assert.equal((await page.goto(came)).status(), 200);
  await atIncidents(page);
});

test('a provider that is down leaves the other ways open', async (t) => {
  const page = await open(t, '/admin/sign-in', { width: 390 });
  await page.getByRole('link', { name: 'Sign in with localhost' }).click();
  // It was known a moment ago; what does not answer is the provider itself.
  const url = page.url();
  assert.ok(url.startsWith('chrome-error:') || url.startsWith(process.env.PHAROS_E2E_OIDC) || url.includes('/sso'), url);
  await page.goto('/admin/sign-in');
  await signIn(page);
  await atIncidents(page);
});

test('the screens are accessible, at every width, light and dark', async (t) => {
  for (const colorScheme of ['light', 'dark']) {
    const page = await signedIn(t, { colorScheme });
    const nobody = await open(t, '/admin/sign-in', { colorScheme });
    for (const [who, path] of [
      [nobody, '/admin/sign-in'], [nobody, '/admin/reset'], [page, '/admin/people'], [page, '/admin/account'],
    ]) {
      await who.goto(path);
      for (const width of widths) {
        await who.setViewportSize({ width, height: 900 });
        await assertNoSidewaysScroll(who);
      }
      await assertAccessible(who);
    }
    await nobody.goto('/admin/reset');
    await nobody.getByLabel('E-mail').fill('somebody@example.com');
    await nobody.getByLabel('E-mail').press('Enter');
    await said(nobody, 'If there is an account');
    await assertAccessible(nobody);
    assert.deepEqual([...page.problems, ...nobody.problems], []);
  }
});
