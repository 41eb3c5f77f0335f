// The front page while somebody looks at it and something changes: on a server of its own, since the
// other tests look at a page that stays as it is.

import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { assertAccessible, open } from './support.mjs';

const origin = process.env.PHAROS_E2E_LIVE_URL;
const token = process.env.PHAROS_E2E_LIVE_TOKEN;
assert.ok(origin && token, 'PHAROS_E2E_LIVE_URL and PHAROS_E2E_LIVE_TOKEN are set by ./test.sh e2e');

async function summary() {
  return (await fetch(`${origin}/api/v2/summary.json`)).json();
}

/** Gives a component a status, as an operator's script does. */
async function set({ id, page_id: page }, status) {
  const answer = await fetch(`${origin}/v1/pages/${page}/components/${id}`, {
    method: 'PATCH',
    headers: { authorization: `OAuth ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ component: { status } }),
  });
  assert.equal(answer.status, 200, await answer.text());
}

const { components } = await summary();
const well = components.filter(({ group, status, showcase }) => !group && status === 'operational' && showcase);
/** What the tests change. */
const [changed] = well;
/** A component that nothing happens to, in another group, which can be folded. */
const calm = well.find(({ group_id: group }) => group && group !== changed.group_id);
afterEach(() => set(changed, 'operational'));

/** Opens the front page and waits until its stream is open. */
async function watch(t, options = {}) {
  let opened;
  const listening = new Promise((done) => (opened = done));
  const { prepare = () => {}, ...rest } = options;
  const page = await open(t, '/', {
    baseURL: origin,
    ...rest,
    prepare: async (page) => {
      page.on('response', (answer) => answer.url() === `${origin}/events` && opened());
      await prepare(page);
    },
  });
  page.listening = listening;
  return page;
}

const headline = (page) => page.getByRole('heading', { level: 1 });

/** A page that got an older answer asks again after a while, which a busy machine makes longer. */
const patience = { timeout: 60_000 };

/** Waits until the page says another thing than before, without being loaded again. */
async function turned(page, before) {
  await page.waitForFunction((before) => document.querySelector('h1').textContent !== before, before, patience);
  assert.equal(await page.evaluate(() => globalThis.kept), true, 'the page was not loaded again');
}

/** Leaves a mark that a page loaded again would not have, and gives what the headline says. */
async function mark(page) {
  await page.evaluate(() => (globalThis.kept = true));
  return headline(page).textContent();
}

test('a change is shown at once, and everything else stays as the visitor has it', async (t) => {
  const page = await watch(t, { reducedMotion: 'reduce' });
  await page.listening;
  const before = await mark(page);
  const icon = await page.locator('link[rel=icon]').getAttribute('href');
  const row = page.locator(`[data-component-id="${calm.id}"]`);
  const fold = page.locator(`details[data-group="${calm.group_id}"]`);
  if (!(await row.isVisible())) await fold.locator('> summary').click();
  const link = row.locator('a').last();
  await link.focus();
  await row.evaluate((element) => element.scrollIntoView({ block: 'start' }));
  await page.evaluate((id) => {
    const name = document.querySelector(`[data-component-id="${id}"] .n`);
    getSelection().selectAllChildren(name);
  }, calm.id);
  const place = (await row.boundingBox()).y;

  await set(changed, 'major_outage');
  await turned(page, before);
  const now = (await headline(page).textContent()).trim();
  assert.ok(now.includes(changed.name) || /components have problems/.test(now), now);
  assert.ok((await page.title()).includes(now), `"${await page.title()}" holds "${now}"`);
  assert.notEqual(await page.locator('link[rel=icon]').getAttribute('href'), icon, 'the icon shows it too');
  assert.equal(
    await page.locator(`[data-component-id="${changed.id}"]`).getAttribute('data-component-status'),
    'major_outage',
  );
  assert.equal((await page.locator('[role=status]').textContent()).trim(), now, 'it is said to screen readers');
  assert.equal(await page.evaluate(() => document.activeElement.getAttribute('href')), await link.getAttribute('href'));
  assert.equal(await page.evaluate(() => getSelection().toString()), calm.name);
  assert.notEqual(await fold.getAttribute('open'), null, 'what was unfolded stays so');
  const moved = (await row.boundingBox()).y - place;
  assert.ok(Math.abs(moved) < 3, `what is looked at moves by ${moved} pixels`);
  assert.equal(await page.evaluate(() => document.getAnimations().length), 0);
  // The times that came with the change are told like the others.
  const times = await page.locator('time[datetime*=T]').evaluateAll((all) => all.filter((time) => !time.title).length);
  assert.equal(times, 0);
  await assertAccessible(page);

  await set(changed, 'operational');
  await page.waitForFunction((before) => document.querySelector('h1').textContent === before, before, patience);
  assert.equal(await page.locator('link[rel=icon]').getAttribute('href'), icon);
  assert.deepEqual(page.problems, []);
});

test('a tab that nobody sees holds no stream, and is true again when it is seen', async (t) => {
  const hide = (page, hidden) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
      document.dispatchEvent(new Event('visibilitychange'));
    }, hidden);
  const [seen, unseen] = [await watch(t), await watch(t)];
  await Promise.all([seen.listening, unseen.listening]);
  const [before, same] = [await mark(seen), await mark(unseen)];
  assert.equal(before, same);
  const closed = unseen.waitForEvent('requestfailed', (request) => request.url() === `${origin}/events`);
  await hide(unseen, true);
  await closed;
  const asked = unseen.requests.length;
  await set(changed, 'major_outage');
  await turned(seen, before);
  assert.equal(await headline(unseen).textContent(), before);
  assert.equal(unseen.requests.length, asked, 'it asks for nothing');
  await hide(unseen, false);
  await turned(unseen, before);
  assert.equal(await headline(unseen).textContent(), await headline(seen).textContent());
});

test('where streams are refused, the page asks by itself', async (t) => {
  const page = await watch(t, {
    prepare: async (page) => {
      await page.clock.install();
      await page.route('**/events', (route) => route.fulfill({ status: 204 }));
    },
  });
  const refused = page.waitForRequest((request) => request.method() === 'HEAD');
  await page.clock.runFor(1_000);
  await refused;
  const before = await mark(page);
  await set(changed, 'major_outage');
  assert.equal(await headline(page).textContent(), before);
  // Time is only moved on when what the page waits for has been set.
  const moving = setInterval(() => page.clock.fastForward(100_000).catch(() => {}), 200);
  t.after(() => clearInterval(moving));
  await turned(page, before);
  clearInterval(moving);
});

test('a copy of the page, which has no streams, asks for nothing', async (t) => {
  const page = await watch(t, {
    prepare: async (page) => {
      await page.clock.install();
      await page.route('**/events', (route) => route.fulfill({ status: 404 }));
    },
  });
  const answered = page.waitForResponse((answer) => answer.request().method() === 'HEAD');
  await page.clock.runFor(1_000);
  await answered;
  const asked = page.requests.length;
  for (let turn = 0; turn < 5; turn++) await page.clock.fastForward(600_000);
  assert.equal(page.requests.length, asked, page.requests.slice(asked).join(' '));
});

test('an older page from a cache is not believed', async (t) => {
  const page = await watch(t);
  await page.listening;
  const before = await mark(page);
  const older = await (await fetch(origin)).text();
  let asked = 0;
  await page.route('**/?v=*', (route) => {
    asked += 1;
    return asked < 3 ? route.fulfill({ contentType: 'text/html; charset=utf-8', body: older }) : route.continue();
  });
  await set(changed, 'major_outage');
  await turned(page, before);
  assert.equal(asked, 3);
});

test('a server that lags behind takes nobody back, though it speaks first', async (t) => {
  const older = await (await fetch(origin)).text();
  const [, version] = older.match(/data-v="?([^"\s>]+)/);
  await set(changed, 'major_outage');
  let asked = 0;
  let twice;
  const again = new Promise((done) => (twice = done));
  const page = await watch(t, {
    prepare: async (page) => {
      const events = `retry: 600000\n\nid: ${version}\nevent: revision\ndata: {"spread_ms":0}\n\n`;
      await page.route('**/events', (route) => route.fulfill({ contentType: 'text/event-stream', body: events }));
      await page.route('**/?v=*', (route) => {
        if (++asked === 2) twice();
        return route.fulfill({ contentType: 'text/html; charset=utf-8', body: older });
      });
    },
  });
  const before = await mark(page);
  await again;
  assert.equal(await headline(page).textContent(), before, 'what was asked first is not believed');
  assert.equal(await page.evaluate(() => globalThis.kept), true);
});
