// A long time at the same rate, with a change each ten seconds. RATE, DURATION. What memory does meanwhile is watched by
// run.sh.
import { arrivals, thresholds, token } from './lib/model.js';
import { machine, operator, scene, visitor } from './lib/people.js';
import { report, summaryTrendStats } from './lib/report.js';

const rate = Number(__ENV.RATE || 200), seconds = Number(__ENV.DURATION || 3600);
const steady = (exec, rate) => ({ ...arrivals([{ target: rate, duration: `${seconds}s` }], { startRate: rate }), exec });

export const options = {
  scenarios: {
    visitors: steady('visitor', Math.ceil(rate * 0.8)),
    machines: steady('machine', Math.ceil(rate * 0.2)),
    ...(token
      ? { operators: { executor: 'constant-arrival-rate', rate: 1, timeUnit: '10s', duration: `${seconds}s`, preAllocatedVUs: 1, exec: 'operator' } }
      : {}),
  },
  thresholds: thresholds({ strict: true }),
  summaryTrendStats,
};

export { machine, operator, visitor };
export const setup = scene;
export const handleSummary = report;
