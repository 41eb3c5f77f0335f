// A few visitors for a few seconds: does it answer, and with what it should?
//
//   docker-compose --profile load run --rm k6 run /scripts/smoke.js
import http from 'k6/http';
import { check } from 'k6';

const url = __ENV.PHAROS_URL || 'http://localhost:8080';

export const options = {
  scenarios: {
    visitors: { executor: 'constant-arrival-rate', rate: 20, timeUnit: '1s', duration: '5s', preAllocatedVUs: 10 },
  },
  thresholds: { checks: ['rate==1'], http_req_failed: ['rate==0'] },
};

export default function () {
  const page = http.get(`${url}/`, { tags: { name: '/' } });
  check(page, { 'the page is whole': (answer) => answer.status === 200 && answer.body.includes('</html>') });
  const again = http.get(`${url}/`, { headers: { 'If-None-Match': page.headers.Etag }, tags: { name: '/ again' } });
  check(again, { 'it is not sent twice': (answer) => answer.status === 304 });
  const status = http.get(`${url}/api/v2/status.json`, { tags: { name: '/api/v2/status.json' } });
  check(status, { 'the status is told': (answer) => answer.json('status.indicator') !== undefined });
}
