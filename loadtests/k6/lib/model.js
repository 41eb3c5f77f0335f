// The model that goose reads too, and what follows from it: thresholds, rates, a draw by weight.
export const model = JSON.parse(open('../../model.json'));

/** One or several servers, with commas between: each person stays with one of them. */
const urls = (__ENV.PHAROS_URL || 'http://localhost:8080').split(',').map((url) => url.replace(/\/$/, ''));
export const url = urls[__VU % urls.length];
/** A token of the management API and the id of its page. Without them nobody writes. */
export const token = __ENV.PHAROS_TOKEN;
export const page = __ENV.PHAROS_PAGE_ID;

/** One of the names of `weights`, as often as its weight says. */
export function draw(weights) {
  const names = Object.keys(weights);
  let left = Math.random() * names.reduce((sum, name) => sum + weights[name], 0);
  return names.find((name) => (left -= weights[name]) < 0) || names[0];
}

/** Whoever comes, as the model has them. Operators and clients need a token. */
export function drawPerson() {
  const { visitors, machines, clients, operators } = model.weights;
  return draw(token ? { visitors, machines, clients, operators } : { visitors, machines });
}

const kindOf = (name) => Object.keys(model.kinds).find((kind) => model.kinds[kind].includes(name)) || 'snapshot';

/** How a request is counted: by its name, and by what has to be asked for it. */
export const tags = (name) => ({ name, kind: kindOf(name) });

/**
 * The objectives, as k6 holds them. `strict` is for a run in which nothing may go wrong at all; latencies of a run that
 * is too short for them are only told of (LATENCIES=report).
 */
export function thresholds({ strict = false, latencies = __ENV.LATENCIES !== 'report' } = {}) {
  const { answered, right, p99_ms } = model.slo;
  const limits = {
    http_req_failed: [strict ? 'rate==0' : `rate<=${(1 - answered).toFixed(6)}`],
    checks: [strict ? 'rate==1' : `rate>=${right}`],
  };
  if (latencies) {
    for (const kind of Object.keys(p99_ms)) {
      limits[`http_req_duration{kind:${kind}}`] = [`p(99)<=${p99_ms[kind]}`];
    }
  }
  return limits;
}

/** Arrivals as an open model has them: they come, whether or not the last ones were answered. */
export function arrivals(stages, { startRate = 1, vus = 50, maxVUs = 1000 } = {}) {
  return { executor: 'ramping-arrival-rate', startRate, timeUnit: '1s', stages, preAllocatedVUs: vus, maxVUs };
}
