// One request and whether its answer is what it should be: never by its status alone.
import http from 'k6/http';
import { check } from 'k6';

import { tags, url } from './model.js';

// What stands in the fleet's place is a 404 or a 503 that was meant.
const meant = http.expectedStatuses({ min: 200, max: 399 }, 404);

/** GET, and what must be true of the answer by its names. */
export function get(name, path, headers, truths) {
  const answer = http.get(`${url}${path}`, {
    headers,
    tags: tags(name),
    redirects: 0,
    timeout: '20s',
    responseCallback: meant,
  });
  check(answer, named(name, truths), { name });
  return answer;
}

/** A call of the management API with a body. */
export function call(name, method, path, headers, body, truths) {
  const answer = http.request(method, `${url}${path}`, JSON.stringify(body), {
    headers: { 'Content-Type': 'application/json', ...headers },
    tags: tags(name),
    timeout: '20s',
  });
  check(answer, named(name, truths), { name });
  return answer;
}

const named = (name, truths) =>
  Object.fromEntries(Object.entries(truths).map(([truth, holds]) => [`${name}: ${truth}`, holds]));

export const isWholePage = (answer) => answer.status === 200 && answer.body.includes('<main') && answer.body.includes('</html>');
export const isUnchanged = (answer) => answer.status === 304 && !answer.body;
/** A JSON document that has this key. */
export const has = (key) => (answer) => answer.status === 200 && answer.json(key) !== undefined;
export const saysFirst = (word) => (answer) => answer.status === 200 && answer.body.includes(word);
