// The places of the demo page that the tests walk through, worked out from what its API says, so that a
// new kind of page is added here once.

import assert from 'node:assert/strict';

/** The places of the page that is served at `origin`: a name and a path for each. */
export async function places(origin) {
  const ask = async (path) => {
    const answer = await fetch(origin + path);
    assert.equal(answer.status, 200, path);
    return answer.json();
  };
  const { incidents, components, scheduled_maintenances: planned } = await ask('/api/v2/summary.json');
  const { incidents: recent } = await ask('/api/v2/incidents.json');
  const leaves = components.filter(({ group }) => !group);
  const over = recent.find(({ status }) => status === 'resolved');
  const told = recent.find(({ status }) => status === 'postmortem');
  assert.ok(incidents[0] && planned[0] && over && told, 'the demo has one incident of each kind');
  return {
    'the front page': '/',
    'an open incident': `/incidents/${incidents[0].id}`,
    'an incident that is over': `/incidents/${over.id}`,
    'an incident with a postmortem': `/incidents/${told.id}`,
    'a planned maintenance': `/incidents/${planned[0].id}`,
    'a component': `/components/${leaves[0].id}`,
    'a group': `/components/${components.find(({ group }) => group).id}`,
    'a metric': `/metrics/${await metric(origin)}`,
    'the history': '/history',
    'the history of an earlier quarter': '/history?page=3',
    'the history of a component': `/history?component=${leaves[0].id}`,
    'a search': '/history?q=database',
    'a search that finds nothing': '/history?q=zebra',
    'the uptime': '/uptime',
    'the uptime of an earlier quarter': `/uptime?component=${leaves[1].id}&page=2`,
    'a page that is not there': '/nowhere',
  };
}

/** The first metric that the front page leads to. */
async function metric(origin) {
  const html = await (await fetch(origin)).text();
  const found = html.match(/href="\/metrics\/([0-9a-z]+)/);
  assert.ok(found, 'the front page shows a metric');
  return found[1];
}
