// A few visitors, machines, clients and operators for a few seconds: does it answer, and with what it should?
//
//   docker-compose --profile load run --rm k6 run /scripts/k6/smoke.js
import { arrivals, thresholds, token } from './lib/model.js';
import { client, machine, operator, scene, visitor } from './lib/people.js';
import { report, summaryTrendStats } from './lib/report.js';

const steady = (exec, rate, duration = '6s') => ({
  ...arrivals([{ target: rate, duration }], { startRate: rate, vus: 10, maxVUs: 50 }),
  exec,
});

export const options = {
  scenarios: {
    visitors: steady('visitor', 30),
    machines: steady('machine', 30),
    ...(token ? { clients: steady('client', 5), operators: steady('operator', 3) } : {}),
  },
  // Latencies of so short a run say nothing.
  thresholds: thresholds({ strict: true, latencies: false }),
  summaryTrendStats,
};

export { client, machine, operator, visitor };
export const setup = scene;
export const handleSummary = report;
