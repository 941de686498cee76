import { afterAll, beforeAll, expect, it } from 'vitest';
import { builtInRoleFacts } from '#shared/access.ts';
import type { Factors, Me } from '#shared/accounts.ts';
import { startAgent, untilServing, type AgentProcess } from '#agent/testing/agent-process.ts';
import { makeWorld, type World } from '#agent/testing/world.ts';
import { totpAt, totpStep } from '#server/core/agent-fake/totp.ts';
import { firstRunLink } from '#server/features/accounts/accounts.logic.ts';
import { cookiesOf, makeTestApp, type TestAnswer, type TestApp } from '#server/testing.ts';
import { createCredential, getAssertion, newSecurityKey } from '#server/testing/passkey.ts';

/*
 * The whole web process with the real agent in a process of its own: what both must agree on to the byte, such as what a
 * ticket is bound to, is seen here.
 */

let world: World;
let agent: AgentProcess;
let test: TestApp;
let cookie = '';
const password = 'a long password of the owner';

beforeAll(async () => {
  world = await makeWorld({ nginx: 'missing' });
  agent = startAgent(world);
  await untilServing(world, agent);
  test = await makeTestApp({
    agent: 'real',
    env: { AAPANEL_AGENT_SOCKET: world.settings.socketPath },
    config: { publicUrl: 'http://localhost:5000' },
  });
});
afterAll(async () => {
  await test.close();
  agent.child.kill('SIGTERM');
  await agent.ended;
  world.destroy();
});

async function send(
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<TestAnswer> {
  const headers = cookie === '' ? {} : { cookie };
  const answer = await test.anonymous.request(path, { method, headers, ...(body === undefined ? {} : { body }) });
  const next = cookiesOf(answer);
  if (next !== '') cookie = merge(cookie, next);
  return answer;
}

function merge(old: string, next: string): string {
  const pairs = `${old}; ${next}`.split('; ').filter((pair) => pair.includes('='));
  return [...new Map(pairs.map((pair) => [pair.split('=')[0], pair])).values()].join('; ');
}

const elevate = (proof: object) => send('POST', '/api/v1/me/elevation', { proof });

it('an owner is founded, confirms, invites, adds factors and signs in with each of them', async () => {
  const token = (await firstRunLink(test.ctx))?.split('#token=')[1];
  const made = await send('POST', '/api/v1/first-run', { token, name: 'mona', displayName: '', password });
  expect(made.status).toBe(201);
  const { id } = (made.json as Me).person;
  expect((await send('POST', '/api/v1/people', { name: 'sami', role: 'viewer' })).json).toMatchObject({
    code: 'elevation_required',
  });
  expect((await elevate({ kind: 'password', password })).status).toBe(200);
  const invited = await send('POST', '/api/v1/people', { name: 'sami', role: 'viewer' });
  expect(invited.status).toBe(201);
  const { person, invitation } = invited.json as { person: { id: string }; invitation: { url: string } };
  expect(
    (await send('PATCH', `/api/v1/people/${person.id}`, { role: 'operator', mustHaveSecondFactor: true })).status,
  ).toBe(200);

  const { secret } = (await send('POST', '/api/v1/me/totp/secret')).json as { secret: string };
  // Blanks as people type them: what is signed and what is sent are the same all the same.
  const code = totpAt(secret, totpStep(Date.now()) - 1);
  const added = await send('POST', '/api/v1/me/totp', { secret, code: `${code.slice(0, 3)} ${code.slice(3)}` });
  expect([added.status, (added.json as { recoveryCodes: string[] }).recoveryCodes?.length]).toEqual([201, 10]);
  const { recoveryCodes } = added.json as { recoveryCodes: string[] };
  expect((await elevate({ kind: 'password', password })).json).toMatchObject({ reason: 'stronger_factor_needed' });
  expect((await elevate({ kind: 'totp', code: totpAt(secret, totpStep(Date.now())) })).status).toBe(200);

  const key = newSecurityKey();
  const place = { rpId: 'localhost', origin: 'http://localhost:5000' };
  const asked = (await send('POST', '/api/v1/me/passkeys/challenge')).json as { challenge: string };
  const registration = createCredential(key, { ...place, challenge: asked.challenge });
  expect((await send('POST', '/api/v1/me/passkeys', { name: 'مفتاح', registration })).status).toBe(201);
  expect((await send('GET', '/api/v1/me/factors')).json as Factors).toMatchObject({
    passkeys: [{ name: 'مفتاح' }],
    elevationKinds: ['passkey', 'totp', 'recovery'],
  });

  cookie = '';
  const start = (await send('POST', '/api/v1/sign-in', { name: 'mona', password })).json as { step: string };
  const proof = { kind: 'recovery', code: recoveryCodes[0] };
  expect((await send('POST', '/api/v1/sign-in/second', { step: start.step, proof })).json).toMatchObject({
    state: 'signed_in',
  });
  cookie = '';
  const { challenge } = (await send('POST', '/api/v1/sign-in/passkey/challenge', { step: null })).json as {
    challenge: string;
  };
  const assertion = getAssertion(key, { ...place, challenge }, id);
  expect((await send('POST', '/api/v1/sign-in/passkey', { assertion })).json).toMatchObject({ state: 'signed_in' });
  const again = (await send('POST', '/api/v1/me/elevation/challenge')).json as { challenge: string };
  const confirmed = getAssertion(key, { ...place, challenge: again.challenge }, id);
  expect((await elevate({ kind: 'passkey', assertion: confirmed })).status).toBe(200);

  const before = cookie;
  cookie = '';
  const body = { token: invitation.url.split('#token=')[1], password: 'chosen by sami himself' };
  const accepted = await send('POST', '/api/v1/invitation/accept', body);
  expect(accepted.json).toMatchObject({ state: 'signed_in', me: { mustAddSecondFactor: true } });
  expect((await send('GET', '/api/v1/sites')).json).toMatchObject({ reason: 'second_factor_needed' });
  cookie = before;
});

it('an agent that is started again knows no tickets, and the confirmation goes on', async () => {
  agent.child.kill('SIGTERM');
  await agent.ended;
  agent = startAgent(world);
  await untilServing(world, agent);
  expect((await send('POST', '/api/v1/people', { name: 'after-restart', role: 'viewer' })).status).toBe(201);
});

it('a token that was made for it does dangerous things by itself', async () => {
  // A viewer's rights, to be able to give them.
  const scopes = [...builtInRoleFacts.viewer.permissions, 'people.read', 'people.write'];
  const made = await send('POST', '/api/v1/me/tokens', { name: 'ci', scopes, isElevated: true, expiresInDays: 1 });
  expect(made.status).toBe(201);
  const { secret } = made.json as { secret: string };
  const headers = { authorization: `Bearer ${secret}`, origin: undefined, 'x-aapanel': undefined };
  const body = { name: 'by-token', role: 'viewer' };
  expect((await test.anonymous.request('/api/v1/people', { method: 'POST', body, headers })).status).toBe(201);
});

it('AUD-1 chain and index agree, and a row that was changed is found', async () => {
  expect((await send('POST', '/api/v1/audit/verify')).json).toMatchObject({ fault: null });
  await test.ctx.db.updateTable('audit').set({ actor_name: 'nobody' }).where('action', '=', 'createOwner').execute();
  expect((await send('POST', '/api/v1/audit/verify')).json).toMatchObject({ fault: { kind: 'index_differs' } });
});
