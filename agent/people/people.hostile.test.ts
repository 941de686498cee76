import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentActions, type AgentActionName } from '#shared/agent/index.ts';
import { assert, newDevice, register } from '../testing/authenticator.ts';
import { startTestAgent, type TestAgent } from '../testing/panel.ts';
import { foundOwner, panel, type TestPerson } from '../testing/people.ts';
import { newChangeId, snapshot } from '../testing/world.ts';

/*
 * S-4: every action about people, factors, elevations and the audit log, with each of its parameters replaced by what a
 * lost web process could send instead. Nothing may be changed, and nothing may break the agent.
 */

let agent: TestAgent;
let owner: TestPerson;
beforeAll(async () => {
  agent = await startTestAgent();
  owner = await foundOwner(agent.ask);
});
afterAll(() => agent.close());

const place = { id: 'panel.test', origin: 'https://panel.test' };
const challenge = Buffer.alloc(32, 1).toString('base64url');
const device = newDevice();
const id = newChangeId();
const sealed = `${'A'.repeat(40)}.${'B'.repeat(43)}`;

/** One that fits the schema, for each; none of them could work. */
const examples: Partial<Record<AgentActionName, object>> = {
  'audit.append': {
    additions: [
      {
        entryId: id,
        outcome: 'done',
        at: '2026-01-01T00:00:00.000Z',
        actorId: id,
        actorName: 'x',
        action: 'x',
        target: 'x',
        address: '::1',
        requestId: 'r',
        detail: '{}',
      },
    ],
  },
  'audit.read': { from: 1, limit: 10 },
  'audit.verify': {},
  'elevation.open': { sessionId: id, proof: { kind: 'passkey', assertion: assert(device, place, challenge, id) } },
  'elevation.ticket': { sessionId: id, elevation: sealed, action: 'people.put', digest: '0'.repeat(64) },
  'factors.challenge': { purpose: 'sign_in', personId: id, relyingParty: place },
  'factors.change': {
    change: { kind: 'add_passkey', name: 'x', registration: register(device, place, challenge) },
  },
  'factors.check': { personId: id, proof: { kind: 'totp', code: '123456' } },
  'factors.list': { personId: id },
  'people.accept': { token: 'A'.repeat(43), password: 'a password' },
  'people.found': { id, name: 'mallory', password: 'a password' },
  'people.invitation': { token: 'A'.repeat(43) },
  'people.invite': { personId: id, clear: true },
  'people.list': {},
  'people.put': {
    people: [
      {
        id,
        name: 'mallory',
        isOwner: true,
        permissions: ['people.write'],
        isDisabled: false,
        mustHaveSecondFactor: false,
      },
    ],
  },
  'people.remove': { personId: id },
};

const hostile: readonly unknown[] = [
  null,
  true,
  -1,
  0.5,
  1e308,
  Number.MAX_SAFE_INTEGER,
  '',
  ' ',
  '0',
  'x'.repeat(100_000),
  'a\0b',
  'a\r\nSet-Cookie: x',
  '$(reboot)',
  '`reboot`',
  ';reboot;',
  "' or 1=1 --",
  '../../etc/passwd',
  '/etc/shadow',
  'ａｄｍｉｎ',
  'аdmin',
  '\u202egnp.exe',
  '\u001b[31m',
  '{{7*7}}',
  '%00',
  '__proto__',
  'constructor',
  [],
  [[]],
  Array.from({ length: 5_000 }, () => 'x'),
  {},
  { toString: 1 },
  { $ne: null },
  { length: 1e9 },
];

/** The same facts with one of them replaced, left out, or one too many. */
function variants(value: unknown): unknown[] {
  const out: unknown[] = [...hostile];
  if (Array.isArray(value)) {
    out.push([...value, ...value, null], [value]);
    value.forEach((item, index) => out.push(...variants(item).map((each) => value.with(index, each))));
  } else if (typeof value === 'object' && value !== null) {
    const facts = value as Record<string, unknown>;
    out.push({ ...facts, isOwner: true, root: true }, { ...facts, ['__proto__x']: 1 });
    out.push(JSON.parse(`{"__proto__":{"isOwner":true},${JSON.stringify(facts).slice(1).replace(/^\}/, '"a":1}')}`));
    for (const [key, item] of Object.entries(facts)) {
      const { [key]: _, ...without } = facts;
      out.push(without, ...variants(item).map((each) => ({ ...facts, [key]: each })));
    }
  }
  return out;
}

/** Everything but what the audit log itself may take. */
const see = (): string => {
  const { stateFolder, rootPrefix } = agent.world.settings;
  return `${readFileSync(`${stateFolder}/people.json`, 'utf8')}${snapshot(rootPrefix, ['/etc', '/www', '/usr'])}`;
};

const harmless = [
  undefined,
  'invalid_request',
  'not_allowed',
  'not_signed_in',
  'not_found',
  'elevation_required',
  'too_large',
];

it('S-4 every action about people, factors, elevations and the audit log has an example here', () => {
  const names = Object.keys(agentActions).filter((name) => /^(audit|elevation|factors|people)\./.test(name));
  expect(Object.keys(examples)).toEqual(names);
});

describe.each(Object.entries(examples))('%s', (action, example) => {
  it('S-4 with more than fifty hostile inputs changes nothing and never breaks the agent', async () => {
    const inputs = variants(example);
    expect(inputs.length).toBeGreaterThan(30);
    const before = see();
    let refused = 0;
    for (const actor of [panel, owner]) {
      for (const input of inputs) {
        const { code, message } = (await agent.ask(action, input, actor)) as { code?: string; message?: string };
        if (!harmless.includes(code)) throw new Error(`${code} ${message}: ${JSON.stringify(input).slice(0, 300)}`);
        if (code !== undefined) refused++;
      }
    }
    expect(refused).toBeGreaterThan(50);
    expect(see()).toBe(before);
    expect(({} as Record<string, unknown>)['isOwner']).toBeUndefined();
  });
});

it('S-4 after all that the owner still signs in, and the audit log is whole', async () => {
  const proof = { kind: 'password', password: owner.password };
  expect((await agent.ask('factors.check', { personId: owner.id, proof }, panel)).code).toBeUndefined();
  expect((await agent.ask('audit.verify', {}, panel)).result).toMatchObject({ fault: null });
});
