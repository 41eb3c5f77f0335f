// Whether objects of custom kinds are what their types allow: node crds.mjs MODULES FOLDER, the folder being that of
// write_rendered.py, where they are as JSON.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, folder] = process.argv.slice(2);
const packages = {
  'monitoring.coreos.com': 'prometheus-operator',
  'gateway.networking.k8s.io': 'gateway-api',
  'keda.sh': 'keda',
  'external-secrets.io': 'external-secrets',
};
// No package has the types of the AWS Load Balancer Controller.
const untyped = ['TargetGroupBinding'];
const seen = new Set();
let faults = 0;

for (const file of readdirSync(folder).filter((name) => name.endsWith('.json'))) {
  for (const object of JSON.parse(readFileSync(join(folder, file), 'utf8'))) {
    const [group] = object.apiVersion.split('/');
    if (!(group in packages)) continue;
    seen.add(object.kind);
    const path = join(modules, 'node_modules/@kubernetes-models', packages[group], object.apiVersion, `${object.kind}.js`);
    const type = (await import(pathToFileURL(path)))[object.kind];
    try {
      new type(object).validate();
    } catch (error) {
      faults += 1;
      console.error(`${file}: ${object.kind}: ${error.message}`);
    }
  }
}
const wanted = ['ServiceMonitor', 'PodMonitor', 'PrometheusRule', 'HTTPRoute', 'ScaledObject', 'ExternalSecret', 'Probe'];
const missing = wanted.filter((kind) => !seen.has(kind));
console.log(`${[...seen].join(', ')} are as their types say; not looked at: ${untyped.join(', ')}`);
if (faults > 0 || missing.length > 0) {
  console.error(`${faults} faults; never rendered: ${missing.join(', ') || 'none'}`);
  process.exit(1);
}
