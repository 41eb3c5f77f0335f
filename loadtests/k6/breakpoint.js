// More and more until an objective is missed: then it stops, and the rate of that moment is what one server carries.
// PEAK (requests a second that it would reach), DURATION (until there).
import { arrivals, thresholds } from './lib/model.js';
import { anybody, scene } from './lib/people.js';
import { report, summaryTrendStats } from './lib/report.js';

const abort = (rules) => rules.map((threshold) => ({ threshold, abortOnFail: true, delayAbortEval: '10s' }));

export const options = {
  scenarios: {
    everybody: arrivals([{ target: Number(__ENV.PEAK || 20000), duration: `${__ENV.DURATION || 300}s` }], { startRate: 50, vus: 200, maxVUs: 4000 }),
  },
  thresholds: Object.fromEntries(Object.entries(thresholds()).map(([name, rules]) => [name, abort(rules)])),
  summaryTrendStats,
};

export default anybody;
export const setup = scene;
export const handleSummary = report;
