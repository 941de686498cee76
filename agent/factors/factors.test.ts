import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startTestAgent, type TestAgent } from '../testing/panel.ts';
import {
  askElevated,
  elevate,
  foundOwner,
  mustWork,
  newTotpSecret,
  panel,
  somebody,
  totpCodeAt,
  type TestPerson,
} from '../testing/people.ts';

/* Passwords, codes and recovery codes as the panel asks about them, with a clock of our own. */

const minute = 60_000;
let agent: TestAgent;
let owner: TestPerson;
let secret: string;
let recoveryCodes: string[];

beforeAll(async () => {
  agent = await startTestAgent();
  owner = await foundOwner(agent.ask);
});
// What was wrong in one test must not count in the next, and its codes are used up.
beforeEach(() => agent.wait(25 * 60 * minute));
afterAll(() => agent.close());

const check = (proof: object, personId: string | null = owner.id) =>
  agent.ask('factors.check', { personId, proof }, panel);
const password = (text = owner.password) => ({ kind: 'password', password: text });
const totp = (steps = 0) => ({ kind: 'totp', code: totpCodeAt(secret, agent.now(), steps) });
const wrongCode = () => ({ kind: 'totp', code: totpCodeAt(secret, agent.now(), 500) });
const wrong = { code: 'not_signed_in', reason: 'wrong_credentials' };
const limited = { code: 'rate_limited', reason: 'sign_in_rate_limited' };

async function change(given: object) {
  const elevation = await elevate(agent.ask, owner, secret === undefined ? undefined : totp());
  return await askElevated(agent.ask, owner, elevation, 'factors.change', { change: given });
}

const statePath = (name: string): string => `${agent.world.settings.stateFolder}/${name}`;

describe('with a password alone', () => {
  it('USER-7 the right one is in, a wrong one, an unknown person and nobody are refused alike', async () => {
    expect((await check(password())).result).toEqual({ personId: owner.id, needs: [] });
    const refused = [
      await check(password('wrong password')),
      await check(password(), somebody('else').id),
      await check(password(), null),
    ];
    for (const answer of refused) expect(answer).toEqual(refused[0]);
    expect(refused[0]).toMatchObject(wrong);
  });

  it('no code and no recovery code is right', async () => {
    expect(await check({ kind: 'totp', code: '000000' })).toMatchObject(wrong);
    expect(await check({ kind: 'recovery', code: 'aaaaaaaaaa' })).toMatchObject(wrong);
  });

  it('there are no recovery codes before there is a second factor', async () => {
    expect(await change({ kind: 'new_recovery_codes' })).toMatchObject({ reason: 'second_factor_needed' });
  });

  it('is changed by who knows it, and the old one is void', async () => {
    const next = 'another password';
    expect(await change({ kind: 'set_password', current: 'no', password: next })).toMatchObject({
      code: 'invalid_request',
      fields: [{ field: 'current', code: 'password_wrong' }],
    });
    mustWork(await change({ kind: 'set_password', current: owner.password, password: next }));
    expect(await check(password())).toMatchObject(wrong);
    expect((await check(password(next))).code).toBeUndefined();
    owner = { ...owner, password: next };
  });

  it('S-6 of two changes at once one counts, and the other is refused', async () => {
    const elevation = await elevate(agent.ask, owner);
    const wishes = ['one of two passwords', 'the other of two passwords'];
    const answers = await Promise.all(
      wishes.map((next) =>
        askElevated(agent.ask, owner, elevation, 'factors.change', {
          change: { kind: 'set_password', current: owner.password, password: next },
        }),
      ),
    );
    const winners = wishes.filter((_, index) => answers[index]?.code === undefined);
    expect(winners).toHaveLength(1);
    const [next = ''] = winners;
    for (const text of [owner.password, ...wishes])
      expect([text, (await check(password(text))).code]).toEqual([text, text === next ? undefined : wrong.code]);
    owner = { ...owner, password: next };
  });
});

describe('an authenticator app', () => {
  it('is added with a code that it shows, and ten recovery codes come with the first', async () => {
    const fresh = newTotpSecret();
    const add = (code: string) => change({ kind: 'add_totp', secret: fresh, code });
    expect(await add(totpCodeAt(fresh, agent.now(), 9))).toMatchObject({
      code: 'invalid_request',
      fields: [{ field: 'code', code: 'totp_code_wrong' }],
    });
    const code = totpCodeAt(fresh, agent.now());
    recoveryCodes = mustWork(await add(code)).result?.['recoveryCodes'] as string[];
    expect(recoveryCodes).toHaveLength(10);
    secret = fresh;
    // The code that proved it cannot be used once more.
    expect(await check({ kind: 'totp', code })).toMatchObject(wrong);
  });

  it('a right password then asks for it, strongest first', async () => {
    expect((await check(password())).result?.['needs']).toEqual(['totp', 'recovery']);
    const { result } = await agent.ask('factors.list', { personId: owner.id }, panel);
    expect(result).toMatchObject({ recoveryCodesLeft: 10, elevationKinds: ['totp', 'recovery'], passkeys: [] });
  });

  it('a code is taken once, also after a restart and by two at once', async () => {
    const proof = totp();
    mustWork(await check(proof));
    expect(await check(proof)).toMatchObject(wrong);
    await agent.restart();
    expect(await check(proof)).toMatchObject(wrong);
    const next = totp(1);
    const both = await Promise.all([check(next), check(next)]);
    expect(both.map(({ code }) => code ?? 'in').sort()).toEqual(['in', 'not_signed_in']);
    expect(await check(totp(0))).toMatchObject(wrong);
  });

  it('a recovery code is taken once, however it is typed', async () => {
    const typed = ` ${recoveryCodes[0]?.toUpperCase().replace('-', ' ')} `;
    mustWork(await check({ kind: 'recovery', code: typed }));
    expect(await check({ kind: 'recovery', code: typed })).toMatchObject(wrong);
    const { result } = await agent.ask('factors.list', { personId: owner.id }, panel);
    expect(result?.['recoveryCodesLeft']).toBe(9);
  });

  it('new recovery codes make the old ones void', async () => {
    const codes = mustWork(await change({ kind: 'new_recovery_codes' })).result?.['recoveryCodes'] as string[];
    expect(await check({ kind: 'recovery', code: recoveryCodes[5] })).toMatchObject(wrong);
    mustWork(await check({ kind: 'recovery', code: codes[5] }));
    recoveryCodes = codes;
  });

  it('a password alone no longer confirms', async () => {
    const params = { sessionId: owner.sessionId, proof: password() };
    expect(await agent.ask('elevation.open', params, owner)).toMatchObject({
      code: 'not_allowed',
      reason: 'stronger_factor_needed',
    });
  });

  it('S-9 after ten wrong codes in five minutes the right one is refused too, at sign-in and when confirming', async () => {
    for (let round = 0; round < 10; round++) expect(await check(wrongCode())).toMatchObject(wrong);
    expect(await check(totp())).toMatchObject({ ...limited, params: { retryAfterSeconds: 300 } });
    expect(await check(password())).toMatchObject(limited);
    expect(await check({ kind: 'recovery', code: recoveryCodes[7] })).toMatchObject(limited);
    const params = { sessionId: owner.sessionId, proof: totp() };
    expect(await agent.ask('elevation.open', params, owner)).toMatchObject(limited);
    // The agent ends when idle: guessing does not begin anew with the next one.
    await agent.restart();
    expect(await check(totp())).toMatchObject(limited);
    agent.wait(5 * minute + 1);
    mustWork(await check(totp()));
  });

  it('S-9 of many guesses at once no more than ten are judged', async () => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => check(wrongCode())));
    expect(answers.filter(({ code }) => code === 'not_signed_in')).toHaveLength(10);
    expect(answers.filter(({ code }) => code === 'rate_limited')).toHaveLength(30);
  });

  it('after thirty wrong codes in a day no code is judged, while a password still is', async () => {
    for (let round = 0; round < 30; round++) {
      expect(await check(wrongCode())).toMatchObject(wrong);
      agent.wait(minute);
    }
    agent.wait(10 * minute);
    expect(await check(totp())).toMatchObject(limited);
    mustWork(await check(password()));
  });

  it('is removed, and the recovery codes go with the last second factor', async () => {
    mustWork(await change({ kind: 'remove_totp' }));
    const { result } = await agent.ask('factors.list', { personId: owner.id }, panel);
    expect(result).toMatchObject({ totp: null, recoveryCodesLeft: 0, elevationKinds: ['password'] });
    expect((await check(password())).result?.['needs']).toEqual([]);
  });
});

it('a hash of an earlier time is made anew at the next right password', async () => {
  const path = statePath('people.json');
  const weak = '$argon2id$v=19$m=8192,t=2,p=1$AQEBAQEBAQEBAQEBAQEBAQ$';
  const { argon2Sync } = await import('node:crypto');
  const cost = { memory: 8192, passes: 2, parallelism: 1, tagLength: 32, nonce: Buffer.alloc(16, 1) };
  const hash = argon2Sync('argon2id', { message: owner.password, ...cost })
    .toString('base64')
    .replace('=', '');
  const file = JSON.parse(readFileSync(path, 'utf8')) as { people: { password: { hash: string } }[] };
  if (file.people[0] !== undefined) file.people[0].password.hash = weak + hash;
  writeFileSync(path, JSON.stringify(file));
  mustWork(await check(password()));
  expect(readFileSync(path, 'utf8')).toContain('m=65536,t=3,p=1');
  mustWork(await check(password()));
});

it('what is kept is for root only and holds no password, code or invitation in clear', () => {
  for (const name of ['people.json', 'failures.json', 'keys/recovery', 'keys/elevation'])
    expect(statSync(statePath(name)).mode & 0o777).toBe(0o600);
  const text = readFileSync(statePath('people.json'), 'utf8');
  expect(text).not.toContain(owner.password);
  for (const code of recoveryCodes) expect(text).not.toContain(code.replace('-', ''));
});
