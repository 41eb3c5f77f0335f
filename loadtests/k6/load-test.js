// An ordinary day with an incident in it: the model's mix, to RATE requests a second and back. RATE, DURATION.
import { arrivals, thresholds } from './lib/model.js';
import { anybody, scene } from './lib/people.js';
import { report, summaryTrendStats } from './lib/report.js';

const rate = Number(__ENV.RATE || 500), seconds = Number(__ENV.DURATION || 120);

export const options = {
  scenarios: {
    everybody: arrivals([
      { target: rate, duration: `${Math.ceil(seconds / 4)}s` },
      { target: rate, duration: `${Math.ceil(seconds / 2)}s` },
      { target: 2, duration: `${Math.ceil(seconds / 4)}s` },
    ]),
  },
  thresholds: thresholds(),
  summaryTrendStats,
};

export default anybody;
export const setup = scene;
export const handleSummary = report;
