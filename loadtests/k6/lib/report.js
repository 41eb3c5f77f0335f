// What a run leaves: its numbers as JSON and as a page, in the folder that REPORT names, and a few lines at the end.
const folder = __ENV.REPORT;
const round = (value) => (value === undefined ? '' : Number(value).toFixed(2));
const escape = (text) => String(text).replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);

const rows = (data) =>
  Object.entries(data.metrics)
    .filter(([, metric]) => metric.type === 'trend')
    .map(([name, { values }]) => [name, values.avg, values.med, values['p(95)'], values['p(99)'], values.max])
    .sort();

const broken = (data) =>
  Object.entries(data.metrics).flatMap(([name, metric]) =>
    Object.entries(metric.thresholds || {}).filter(([, one]) => !one.ok).map(([rule]) => `${name} ${rule}`));

const checks = (group) => [...(group.checks || []), ...(group.groups || []).flatMap(checks)];

function html(data) {
  const cells = (row) => row.map((cell, i) => `<td>${i ? round(cell) : escape(cell)}`).join('');
  const failed = broken(data);
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Load test</title>
<style>body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem;color-scheme:light dark}td,th{padding:.2rem .8rem;text-align:right}td:first-child,th:first-child{text-align:left}</style>
<h1>Load test</h1><p>${failed.length ? `Missed: ${failed.map(escape).join(', ')}` : 'Every objective was met.'}</p>
<p>${data.metrics.http_reqs.values.count} requests, ${round(data.metrics.http_reqs.values.rate)} a second,
${round(100 * (data.metrics.http_req_failed?.values.rate || 0))} % failed.</p>
<table><tr><th>milliseconds<th>mean<th>median<th>95th<th>99th<th>longest${rows(data).map((row) => `<tr>${cells(row)}`).join('\n')}</table>
<h2>Checks</h2><table><tr><th>check<th>passed<th>failed
${checks(data.root_group).map((one) => `<tr>${cells([one.name, one.passes, one.fails])}`).join('\n')}</table></html>`;
}

export function report(data) {
  const lines = checks(data.root_group).filter((one) => one.fails).map((one) => `FAILED ${one.fails} times: ${one.name}`);
  lines.push(...broken(data).map((rule) => `missed: ${rule}`));
  const { count, rate } = data.metrics.http_reqs.values;
  const p99 = data.metrics.http_req_duration.values['p(99)'];
  lines.push(`${count} requests, ${round(rate)} a second, 99th percentile ${round(p99)} ms, ${data.metrics.dropped_iterations?.values.count || 0} arrivals dropped`, '');
  const files = { stdout: lines.join('\n') };
  if (folder) Object.assign(files, { [`${folder}/k6.json`]: JSON.stringify(data, null, 1), [`${folder}/k6.html`]: html(data) });
  return files;
}

export const summaryTrendStats = ['avg', 'min', 'med', 'p(95)', 'p(99)', 'max'];
