// The embed on another site: it comes when something is wrong, stays away when all is well, and goes when told.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import axe from 'axe-core';
import { places } from './places.mjs';
import { assertNoSidewaysScroll, open, origin, summary } from './support.mjs';

/**
 * A site of another origin that includes the script. The script names the page by its public address, which is not
 * where the test's server listens, so what goes there is answered from there.
 */
async function foreignSite(t) {
  const script = (await (await fetch(`${origin}/embed/script.js`)).text()).replaceAll(/"origin":"[^"]*"/g, `"origin":"${origin}"`);
  const server = createServer((request, response) => {
    const isScript = request.url === '/script.js';
    response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(isScript ? script : '<!doctype html><html lang="en"><title>Elsewhere</title><main><h1>Elsewhere</h1></main><script src="/script.js"></script></html>');
  });
  await new Promise((listens) => server.listen(0, '127.0.0.1', listens));
  t.after(() => server.close());
  return `http://127.0.0.1:${server.address().port}/`;
}

/** Whether the frame can be seen on the foreign page. */
async function isShown(page) {
  const box = await page.locator('iframe').boundingBox();
  const { width, height } = page.viewportSize();
  return box.x >= 0 && box.y >= 0 && box.x < width && box.y < height;
}

/** Until the frame has told what it has to tell. */
const settled = (page, shown) =>
  page.waitForFunction((shown) => {
    const { visibility } = document.querySelector('iframe').style;
    return (visibility === 'visible') === shown;
  }, shown);

const calm = (html) => html.replace(/ data-about="[^"]*"/, '');

test('the embed shows what is wrong, and goes when it is closed', async (t) => {
  const site = await foreignSite(t);
  const page = await open(t, site);
  await settled(page, true);
  assert.ok(await isShown(page));
  const frame = page.frameLocator('iframe');
  const { incidents } = await summary();
  assert.equal((await frame.locator('h1').innerText()).trim(), incidents[0].name);
  assert.ok((await frame.getByRole('link').getAttribute('href')).endsWith(`/incidents/${incidents[0].id}`));
  await frame.getByRole('button').click();
  await settled(page, false);
  assert.ok(!(await isShown(page)));
  await page.reload();
  await page.locator('iframe').waitFor({ state: 'attached' });
  await page.frames()[1].waitForLoadState('load');
  assert.ok(!(await isShown(page)), 'what was closed stays closed');
  assert.deepEqual(page.problems, []);
});

test('the embed spans a phone', async (t) => {
  const page = await open(t, await foreignSite(t), { width: 390 });
  await settled(page, true);
  const box = await page.locator('iframe').boundingBox();
  assert.equal(box.width, 390);
  assert.match(await page.locator('iframe').getAttribute('src'), /\?mobile=true$/);
  await assertNoSidewaysScroll(page);
});

test('the embed stays away while all is well', async (t) => {
  const page = await open(t, await foreignSite(t), {
    prepare: (page) =>
      page.route('**/embed/frame', async (route) => {
        const answer = await route.fetch();
        await route.fulfill({ response: answer, body: calm(await answer.text()) });
      }),
  });
  await page.frames()[1].waitForLoadState('load');
  await page.frameLocator('iframe').locator('h1').waitFor({ state: 'attached' });
  assert.ok(!(await isShown(page)));
  assert.deepEqual(page.problems, []);
});

test('only the frame itself is heard', async (t) => {
  const page = await open(t, await foreignSite(t));
  await settled(page, true);
  await page.evaluate(() => window.postMessage({ action: 'dismissFrame' }, '*'));
  await page.evaluate(() => new Promise((done) => setTimeout(done, 100)));
  assert.ok(await isShown(page));
});

const own = await places(origin);
const cards = ['an open incident', 'a planned maintenance', 'a component', 'a group'].map((name) => own[name]);
for (const path of ['/embed/frame', '/embed/card', ...cards.map((place) => `${place}/card`)]) {
  test(`${path} is accessible and fits where it is shown`, async (t) => {
    const page = await open(t, path, { width: 320 });
    await page.setViewportSize({ width: 320, height: 115 });
    await page.evaluate(axe.source);
    const { violations } = await page.evaluate(() => globalThis.axe.run(document));
    assert.deepEqual(violations.map(({ id }) => id), []);
    await assertNoSidewaysScroll(page);
    const tall = await page.evaluate(() => document.documentElement.scrollHeight);
    assert.ok(tall <= 115, `${tall} pixels high`);
    assert.deepEqual(page.problems, []);
  });
}
