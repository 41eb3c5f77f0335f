// Visitors and machines while the database and the cache are taken away and come back (run.sh does that meanwhile): what
// is in the snapshot is answered as if nothing were. RATE, DURATION.
import http from 'k6/http';

import { arrivals, model, thresholds } from './lib/model.js';
import { machine, scene, visitor } from './lib/people.js';
import { report, summaryTrendStats } from './lib/report.js';

// What is too old for the snapshot is the store's alone, and may be 503 now.
for (const name of ['permalink', 'history', 'search', 'uptime', 'component', 'unknown incident']) {
  delete model.visitors.requests[name];
}
http.setResponseCallback(http.expectedStatuses({ min: 200, max: 399 }));

const rate = Number(__ENV.RATE || 100), seconds = Number(__ENV.DURATION || 60);
const steady = (exec, rate) => ({ ...arrivals([{ target: rate, duration: `${seconds}s` }], { startRate: rate }), exec });

export const options = {
  scenarios: { visitors: steady('visitor', rate), machines: steady('machine', Math.ceil(rate / 2)) },
  thresholds: thresholds({ strict: true, latencies: false }),
  summaryTrendStats,
};

export { machine, visitor };
export const setup = scene;
export const handleSummary = report;
