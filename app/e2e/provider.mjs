// A real provider of OpenID Connect, with people who are in groups.

import { once } from 'node:events';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

/** Starts it where PHAROS_E2E_OIDC says; `people` are the groups of each, by name. Whoever names themselves is let in. */
export async function provider(t, callback, people) {
  const issuer = process.env.PHAROS_E2E_OIDC;
  const oidc = new Provider(issuer, {
    clients: [{ client_id: 'pharos', client_secret: 'of-the-tests', redirect_uris: [callback] }],
    scopes: ['openid', 'email', 'profile', 'groups'],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'], groups: ['groups'] },
    pkce: { required: () => true },
    cookies: { keys: ['of the tests'] },
    findAccount: (_, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.com`,
        email_verified: !id.startsWith('unverified'),
        name: id,
        groups: people[id] ?? [],
      }),
    }),
  });
  const server = createServer(oidc.callback());
  server.listen(new URL(issuer).port, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return oidc;
}

/** Says at the provider who one is. */
export async function say(page, name) {
  await page.locator('input[name=login]').fill(name);
  await page.locator('input[name=password]').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).waitFor();
}

/** The same, and that this may be told. */
export async function enter(page, name) {
  await say(page, name);
  await page.getByRole('button', { name: 'Continue' }).click();
}
