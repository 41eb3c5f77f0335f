// What the tests and the pictures of the console share: getting in, and the way through it.

import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const owner = { name: 'Ada Lovelace', email: 'ada@example.com', password: 'correct horse battery staple' };

/** The path of the link that a server which nobody has set up writes to its log. */
export function setUpLink(log) {
  const links = readFileSync(log, 'utf8').match(/\/admin\/links\/[0-9a-z]+/g);
  if (!links) throw new Error(`${log} holds no link to set the server up`);
  return links.at(-1);
}

/** Becomes the first owner, and arrives at the start. */
export async function setUp(page, link) {
  await page.goto(link);
  await page.getByLabel('Your name').fill(owner.name);
  await page.getByLabel('E-mail').fill(owner.email);
  await page.getByLabel('Password').fill(owner.password);
  await page.getByRole('button', { name: 'Create the owner' }).click();
  await page.waitForURL('**/start?**');
}

/** Signs in, and arrives at the incidents. */
export async function signIn(page, { email, password } = owner) {
  await page.goto('/admin/sign-in');
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** The code that a device with this secret shows at a time (RFC 6238). */
export function code(secret, at = Date.now()) {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(/[^A-Z2-7]/g, '')].map((c) => alphabet.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const digest = createHmac('sha1', key).update(counter).digest();
  const number = digest.readUInt32BE(digest.at(-1) & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, '0');
}
