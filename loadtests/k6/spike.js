// The incident of the model: from a few requests a second to its peak within a minute, and held. PEAK and RISE and HOLD
// (seconds) for a smaller machine.
import { arrivals, model, thresholds } from './lib/model.js';
import { anybody, scene } from './lib/people.js';
import { report, summaryTrendStats } from './lib/report.js';

const { spike } = model;
const peak = Number(__ENV.PEAK || spike.to);
const rise = Number(__ENV.RISE || spike.rise_seconds), hold = Number(__ENV.HOLD || spike.hold_seconds);

export const options = {
  scenarios: {
    everybody: arrivals(
      [{ target: peak, duration: `${rise}s` }, { target: peak, duration: `${hold}s` }, { target: spike.from, duration: '5s' }],
      { startRate: spike.from, vus: 100, maxVUs: 2000 },
    ),
  },
  thresholds: thresholds(),
  summaryTrendStats,
};

export default anybody;
export const setup = scene;
export const handleSummary = report;
