// Ends TLS before a server, as a load balancer does, with a certificate that is made on the spot:
//   node app/e2e/tls.mjs 8443 8080

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';

const [port, behind] = process.argv.slice(2).map(Number);
if (!port || !behind) {
  console.error('usage: node tls.mjs PORT PORT_OF_THE_SERVER');
  process.exit(64);
}

/** A key and a certificate for this machine, for a day. */
function identity() {
  const folder = mkdtempSync(`${tmpdir()}/tls-`);
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => `${folder}/${name}`);
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1',
    '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost', '-keyout', key, '-out', cert,
  ], { stdio: 'ignore' });
  const made = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return made;
}

const server = https.createServer(identity(), (request, answer) => {
  const { method, url: path, headers } = request;
  const asked = http.request({ host: '127.0.0.1', port: behind, method, path, headers }, (got) => {
    answer.writeHead(got.statusCode, got.headers);
    got.pipe(answer);
  });
  asked.on('error', () => answer.destroy());
  answer.on('close', () => asked.destroy());
  request.pipe(asked);
});
server.listen(port, '127.0.0.1');
