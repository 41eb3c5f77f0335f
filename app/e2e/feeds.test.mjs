// What other people's readers make of the feeds and the calendar: those of npm.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import ICAL from 'ical.js';
import Parser from 'rss-parser';

const origin = process.env.PHAROS_E2E_URL;
assert.ok(origin, 'PHAROS_E2E_URL names no server: run ./test.sh e2e');

const text = async (path) => {
  const answer = await fetch(origin + path);
  assert.equal(answer.status, 200, path);
  return answer.text();
};
const { incidents } = JSON.parse(await text('/api/v2/incidents.json'));
const { scheduled_maintenances: maintenances } = JSON.parse(await text('/api/v2/scheduled-maintenances.json'));
const attached = incidents.find(({ components }) => components.length > 0);
const places = {
  'the page': '',
  'a component': `/components/${attached.components[0].id}`,
  'an incident': `/incidents/${incidents[0].id}`,
};

for (const [name, place] of Object.entries(places)) {
  test(`the feeds of ${name} say the same`, async () => {
    const parser = new Parser();
    const atom = await parser.parseString(await text(`${place}/history.atom`));
    const rss = await parser.parseString(await text(`${place}/history.rss`));
    const json = JSON.parse(await text(`${place}/feed.json`));
    assert.ok(atom.items.length > 0);
    assert.deepEqual(
      rss.items.map(({ title, link, isoDate }) => ({ title, link, isoDate })),
      atom.items.map(({ title, link, pubDate }) => ({ title, link, isoDate: new Date(pubDate).toISOString() })),
    );
    assert.deepEqual(
      json.items.map(({ id, title, url, content_html: content }) => ({ id, title, url, content })),
      atom.items.map(({ id, title, link, content }) => ({ id, title, url: link, content })),
    );
  });

  test(`the JSON feed of ${name} has what version 1.1 asks for`, async () => {
    const feed = JSON.parse(await text(`${place}/feed.json`));
    assert.equal(feed.version, 'https://jsonfeed.org/version/1.1');
    assert.ok(feed.title && new URL(feed.home_page_url) && new URL(feed.feed_url) && feed.authors[0].name);
    assert.equal(new Set(feed.items.map(({ id }) => id)).size, feed.items.length);
    for (const item of feed.items) {
      assert.ok(typeof item.id === 'string' && item.content_html && new URL(item.url));
      for (const date of [item.date_published, item.date_modified]) {
        assert.match(date, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)$/);
      }
    }
  });
}

test('the calendar holds every maintenance', async () => {
  const calendar = new ICAL.Component(ICAL.parse(await text('/history.ics')));
  const events = calendar.getAllSubcomponents('vevent').map((event) => new ICAL.Event(event));
  assert.ok(events.length > 0);
  const told = events.map(({ uid, startDate, endDate }) => [
    uid.split('@')[0],
    startDate.toJSDate().getTime(),
    endDate.toJSDate().getTime(),
  ]);
  const expected = maintenances.map((one) => [
    one.id,
    Math.floor(Date.parse(one.scheduled_for) / 1000) * 1000,
    Math.floor(Date.parse(one.scheduled_until) / 1000) * 1000,
  ]);
  assert.deepEqual(told.sort(), expected.sort());
});
