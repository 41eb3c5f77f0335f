// Who comes, and what each of them asks for: one request an iteration, so that the rate of arrivals is the rate of
// requests. What a person asked for before is remembered by the one that plays them.
import { call, get, has, isUnchanged, isWholePage, saysFirst } from './ask.js';
import { draw, drawPerson, model, page, token, url } from './model.js';
import http from 'k6/http';

const etags = {};
let opened = [];
let count = 0;

/** What there is to ask for; k6 hands it to everybody. */
export function scene() {
  const incidents = http.get(`${url}/api/v2/incidents.json`).json('incidents');
  const components = http.get(`${url}/api/v2/components.json`).json('components');
  if (!Array.isArray(incidents) || !Array.isArray(components)) {
    throw new Error(`${url} is not a status page`);
  }
  return { incidents: incidents.map((one) => one.id), components: components.filter((one) => !one.group).map((one) => one.id) };
}

const any = (list) => list[Math.floor(Math.random() * list.length)];
const place = (language, path) => (language === 'de' ? `/de${path}` : path);

/** Asks again for what was had before, as a browser or a poller does. */
function again(name, first, path, headers, whole) {
  const key = `${path} ${headers['Accept-Encoding']}`;
  if (!etags[key]) {
    etags[key] = get(first, path, headers, { whole }).headers.Etag;
    return;
  }
  const answer = get(name, path, { ...headers, 'If-None-Match': etags[key] }, {
    'unchanged, or whole': (answer) => isUnchanged(answer) || whole(answer),
  });
  etags[key] = answer.headers.Etag || etags[key];
}

export function visitor(scene) {
  const { languages, encodings, requests } = model.visitors;
  const language = draw(languages), name = draw(requests);
  // Who has chosen a language is not sent to another one.
  const headers = { 'Accept-Encoding': draw(encodings), Cookie: `lang=${language}` };
  const of = (path) => place(language, path);
  const ways = {
    front: () => get(name, of('/'), headers, { whole: isWholePage }),
    'front, unchanged': () => again(name, 'front', of('/'), headers, isWholePage),
    permalink: () => scene.incidents.length && get(name, of(`/incidents/${any(scene.incidents)}`), headers, { whole: isWholePage }),
    history: () => get(name, of('/history'), headers, { whole: isWholePage }),
    uptime: () => get(name, of('/uptime'), headers, { whole: isWholePage }),
    component: () => scene.components.length && get(name, of(`/components/${any(scene.components)}`), headers, { whole: isWholePage }),
    search: () => get(name, of(`/history?q=${any(['api', 'database', 'slow'])}`), headers, { whole: isWholePage }),
    'unknown incident': () => get(name, of(`/incidents/${Math.random().toString(36).slice(2, 14)}`), headers, {
      'not found': (answer) => answer.status === 404,
    }),
  };
  ways[name]();
}

export function machine() {
  const name = draw(model.machines.requests);
  const headers = { 'Accept-Encoding': 'gzip' };
  const ways = {
    'summary.json': () => get(name, '/api/v2/summary.json', headers, { whole: has('status.indicator') }),
    'summary.json, unchanged': () => again(name, 'summary.json', '/api/v2/summary.json', headers, has('status.indicator')),
    'status.json': () => get(name, '/api/v2/status.json', headers, { whole: has('status.description') }),
    'components.json': () => get(name, '/api/v2/components.json', headers, { whole: has('components') }),
    'unresolved.json': () => get(name, '/api/v2/incidents/unresolved.json', headers, { whole: has('incidents') }),
    'history.atom': () => get(name, '/history.atom', headers, { whole: saysFirst('<feed') }),
    'history.rss': () => get(name, '/history.rss', headers, { whole: saysFirst('<rss') }),
    'history.ics': () => get(name, '/history.ics', headers, { whole: saysFirst('BEGIN:VCALENDAR') }),
    'badge.svg': () => get(name, '/badge.svg', headers, { whole: saysFirst('<svg') }),
  };
  ways[name]();
}

const keyed = () => ({ Authorization: `Bearer ${token}` });

export function client() {
  const name = draw(model.clients.requests), base = `/v1/pages/${page}`;
  const ways = {
    'list components': () => get(name, `${base}/components`, keyed(), { whole: has('0.id') }),
    'list unresolved incidents': () => get(name, `${base}/incidents/unresolved`, keyed(), {
      whole: (answer) => answer.status === 200 && Array.isArray(answer.json()),
    }),
    'dry run': () => call(name, 'POST', `${base}/incidents?dry_run=true`, keyed(), { incident: { name: 'A rehearsal' } }, {
      'says what would be': (answer) => answer.status < 300 && answer.body.includes('A rehearsal'),
    }),
  };
  ways[name]();
}

/** Posts an incident, tells of it, and resolves it, a step an iteration. */
export function operator() {
  const base = `/v1/pages/${page}/incidents`;
  const step = (name, method, path, incident, status) => call(name, method, path, keyed(), { incident }, {
    'the news is told': (answer) => answer.status < 300 && answer.json('status') === status,
  });
  const [current] = opened;
  count += 1;
  if (!current) {
    const answer = step('post incident', 'POST', base, { name: `Load test ${__VU}.${count}`, body: 'We look into it.', status: 'investigating' }, 'investigating');
    if (answer.status < 300) opened = [{ id: answer.json('id'), told: 0 }];
  } else if (current.told < 3) {
    current.told += 1;
    step('update incident', 'PATCH', `${base}/${current.id}`, { body: `Update ${current.told}`, status: 'monitoring' }, 'monitoring');
  } else {
    step('resolve incident', 'PATCH', `${base}/${current.id}`, { body: 'It is over.', status: 'resolved' }, 'resolved');
    opened = [];
  }
}

/** Whoever the model sends next. */
export function anybody(scene) {
  ({ visitors: visitor, machines: machine, clients: client, operators: operator })[drawPerson()](scene);
}
