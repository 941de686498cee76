import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startAgent, untilServing, type AgentProcess } from '../testing/agent-process.ts';
import { harmBesides } from '../testing/account-harm.ts';
import { confirm, elevatedActions, enrol, forgedElevation, forgedTicket, type Victim } from '../testing/hostile-web.ts';
import { startTestAgent, type TestAgent } from '../testing/panel.ts';
import {
  askOver,
  askTicket,
  elevate,
  mustWork,
  panel,
  somebody,
  ticketFor,
  totpCodeAt,
  type Actor,
} from '../testing/people.ts';
import { makeWorld, type World } from '../testing/world.ts';

/*
 * A web process that was taken over, against the agent as it runs: it has the socket, knows every id and session, both
 * passwords, and the code of a sign-in that it saw. What it has not is a fresh factor. Decision 18.
 */

let world: World;
let agent: AgentProcess;
let victim: Victim;

beforeAll(async () => {
  world = await makeWorld();
  agent = startAgent(world, { environment: nobody });
  await untilServing(world, agent);
  victim = await enrol(world, askOver(world.settings.socketPath), Date.now);
}, 120_000);
afterAll(async () => {
  agent.child.kill('SIGTERM');
  await agent.ended;
  await victim?.stop();
  world.destroy();
});

/** Nothing of these tests asks a real authority. */
const nobody = { AAPANEL_AGENT_ACME_DIRECTORY: 'https://localhost:9/dir' };

async function restart(): Promise<void> {
  agent.child.kill('SIGTERM');
  await agent.ended;
  agent = startAgent(world, { environment: nobody });
  await untilServing(world, agent);
}

/** What was there after the last attempt of the same test. */
let known: string | undefined;
beforeEach(() => {
  known = undefined;
});

/** Refused for this reason, and nothing is different. */
async function expectNothing(attempt: () => Promise<{ code?: string }>, codes: readonly string[]): Promise<void> {
  const before = known ?? (await victim.state());
  const { code } = await attempt();
  expect(codes).toContain(code);
  known = await victim.state();
  expect(known).toBe(before);
}

const refused = ['elevation_required', 'not_allowed'];
const voidTicket = ['elevation_required'];

it('USER-3 S-5 the list of what needs a fresh factor is known here, action by action', () => {
  expect(Object.keys(victim.harm).sort()).toEqual([...elevatedActions].sort());
});

describe.each(elevatedActions)('%s without a fresh factor', (action) => {
  let params: object;
  beforeAll(async () => {
    params = await (victim.harm[action]?.() ?? Promise.reject(new Error(`no harm known for ${action}`)));
  });
  const tryAs = (actor: Actor, ticket?: string) => victim.ask(action, params, actor, ticket);

  it('USER-3 S-5 without a ticket, as the panel, the owner, the administrator, a stranger or something else', async () => {
    const somethingElse: Actor = { id: 'agent', name: 'agent' };
    for (const actor of [panel, victim.owner, victim.admin, somebody('stranger'), somethingElse])
      await expectNothing(() => tryAs(actor), refused);
  });

  it('USER-3 S-5 AUTH-3 with an invented ticket', async () => {
    const random = `${randomBytes(200).toString('base64url')}.${randomBytes(32).toString('base64url')}`;
    for (const actor of [victim.owner, panel]) await expectNothing(() => tryAs(actor, random), voidTicket);
  });

  it('USER-3 S-5 with a ticket that another key signed', async () => {
    for (const use of ['aapanel ticket 1', 'aapanel elevation 1'])
      await expectNothing(
        () => tryAs(victim.owner, forgedTicket(victim, victim.owner.id, action, params, use)),
        voidTicket,
      );
  });

  it('USER-3 S-5 with an elevation that it made itself, or that it uses as a ticket', async () => {
    const forged = forgedElevation(victim.owner, 'x');
    await expectNothing(() => askTicket(victim.ask, victim.owner, forged, action, params), voidTicket);
    await expectNothing(() => tryAs(victim.owner, forged), voidTicket);
  });
});

it('USER-3 S-5 nobody is elevated with the password alone, with the code it saw, or with both passwords', async () => {
  const { ask, owner, admin, usedCode } = victim;
  const open = (proof: object) => ask('elevation.open', { sessionId: owner.sessionId, proof }, owner);
  for (const password of [owner.password, admin.password])
    await expectNothing(() => open({ kind: 'password', password }), ['not_allowed']);
  await expectNothing(() => open({ kind: 'totp', code: usedCode }), ['not_signed_in', 'rate_limited']);
});

describe('with what it sees while somebody works', () => {
  /** The owner confirmed for a session of theirs; the panel sees tickets for what they asked for. */
  let ofOwner: string;
  let ofAdmin: string;
  beforeAll(async () => {
    ofOwner = await confirm(victim.ask, victim.owner);
    ofAdmin = await confirm(victim.ask, victim.admin);
  });

  it.each(elevatedActions)(
    'USER-3 S-5 %s: an elevation of another session or of another person gives no ticket',
    async (action) => {
      const { ask, owner, admin, harm } = victim;
      const params = (await harm[action]?.()) ?? {};
      const elsewhere = { ...owner, sessionId: admin.sessionId };
      await expectNothing(() => askTicket(ask, elsewhere, ofOwner, action, params), voidTicket);
      await expectNothing(() => askTicket(ask, owner, ofAdmin, action, params), voidTicket);
      await expectNothing(() => askTicket(ask, { ...admin, id: owner.id }, ofAdmin, action, params), voidTicket);
      const stranger = { ...owner, id: somebody('x').id };
      await expectNothing(() => askTicket(ask, stranger, ofOwner, action, params), ['not_allowed']);
      await expectNothing(() => askTicket(ask, { ...owner, ...panel }, ofOwner, action, params), ['not_allowed']);
    },
  );

  it.each(elevatedActions)(
    'USER-3 S-5 %s: a ticket for another action, other parameters or another person is void',
    async (action) => {
      const { ask, owner, admin, harm } = victim;
      const params = (await harm[action]?.()) ?? {};
      const other = elevatedActions.find((each) => each !== action) ?? '';
      const tickets = [
        await ticketFor(ask, owner, ofOwner, other, params),
        await ticketFor(ask, owner, ofOwner, `panel.${action.replaceAll(/[._]/g, '')}`, params),
        await ticketFor(ask, owner, ofOwner, action, { ...params, more: 1 }),
        await ticketFor(ask, owner, ofOwner, action, {}),
        await ticketFor(ask, admin, ofAdmin, action, params),
      ];
      for (const ticket of tickets) await expectNothing(() => ask(action, params, owner, ticket), voidTicket);
      const own = await ticketFor(ask, owner, ofOwner, action, params);
      for (const actor of [admin, panel, somebody('stranger')])
        await expectNothing(() => ask(action, params, actor, own), refused);
    },
  );

  it('USER-3 S-5 a ticket that an agent gave is void for the next one', async () => {
    const { ask, owner, harm } = victim;
    const tickets = new Map<string, [object, string]>();
    for (const action of elevatedActions) {
      const params = (await harm[action]?.()) ?? {};
      tickets.set(action, [params, await ticketFor(ask, owner, ofOwner, action, params)]);
    }
    await restart();
    for (const [action, [params, ticket]] of tickets)
      await expectNothing(() => ask(action, params, owner, ticket), voidTicket);
  });
});

describe('another way in', () => {
  it('USER-3 S-5 a filled register cannot be founded again', async () => {
    const { id, name, password } = somebody('mallory');
    for (const actor of [panel, victim.owner])
      await expectNothing(() => victim.ask('people.found', { id, name, password }, actor), ['not_allowed']);
  });

  it('USER-3 S-5 no invitation is guessed', async () => {
    const token = randomBytes(32).toString('base64url');
    await expectNothing(() => victim.ask('people.accept', { token, password: 'my password' }, panel), ['not_allowed']);
    await expectNothing(() => victim.ask('people.invitation', { token }, panel), ['not_allowed']);
  });

  it.each([
    [
      'an authenticator app',
      { kind: 'add_totp', secret: 'A'.repeat(32), code: totpCodeAt('A'.repeat(32), Date.now()) },
    ],
    ['a password', { kind: 'set_password', current: 'password of owner', password: 'my password' }],
    ['nothing instead of their app', { kind: 'remove_totp' }],
    ['new recovery codes', { kind: 'new_recovery_codes' }],
    [
      'a token that confirms by itself',
      {
        kind: 'add_token',
        tokenId: 'a'.repeat(16),
        tokenHash: '0'.repeat(64),
        permissions: ['people.write'],
        expiresAt: '2999-01-01T00:00:00.000Z',
      },
    ],
  ])('the owner gets %s from nobody but themself', async (_, change) => {
    for (const actor of [victim.owner, victim.admin, panel])
      await expectNothing(() => victim.ask('factors.change', { change }, actor), voidTicket);
  });

  it('USER-3 S-5 codes cannot be guessed: after ten the right one is refused too, also by the next agent', async () => {
    const { ask, admin } = victim;
    const open = (code: string) =>
      ask('elevation.open', { sessionId: admin.sessionId, proof: { kind: 'totp', code } }, admin);
    const guess = totpCodeAt(admin.secret, Date.now(), 1_000);
    for (let round = 0; round < 10; round++) await expectNothing(() => open(guess), ['not_signed_in']);
    await expectNothing(() => open(totpCodeAt(admin.secret, Date.now(), 1)), ['rate_limited']);
    await restart();
    await expectNothing(() => open(totpCodeAt(admin.secret, Date.now(), 1)), ['rate_limited']);
  });
});

/** The way it should be, last: proof that all of the above was refused for want of a factor and of nothing else. */
describe('with a fresh factor of the owner', () => {
  let elevation: string;
  beforeAll(async () => {
    elevation = await confirm(victim.ask, victim.owner);
  });
  // What ends the elevation, or takes away what the next one is about, comes last.
  const order = [
    'backups.start',
    'backups.remove_plan',
    'backups.remove_target',
    'copies.start',
    'database_servers.set_grant',
    'database_servers.change_account',
    'database_servers.set_account_password',
    'database_servers.drop_account',
    'databases.execute',
    'databases.change_row',
    'databases.show_password',
    'databases.change_password',
    'databases.change_owner',
    'databases.rename',
    'databases.discard_removed',
    'databases.remove',
    'deployments.make_key',
    'files.rights_begin',
    'site_files.export',
    'sites.apply',
    'sites.remove',
    'sites.restore',
    'services.control',
    'machine.set_automatic_updates',
    ...Object.keys(harmBesides),
    'processes.end',
    'recycled_sites.discard',
    'recycled_sites.put_settings',
    'recycled_sites.remove_account',
    'redis.flush',
    'terminals.enter',
    'terminals.open',
    'terminals.put_host',
    'terminals.trust_host',
    'terminals.remove_host',
    'terminals.read_recording',
    'terminals.remove_recording',
    'terminals.set_recording',
    'people.invite',
    'people.put',
    'people.remove',
  ];
  const sorted = [...order, ...elevatedActions.filter((name) => !order.includes(name))];

  it.each(sorted)('USER-3 S-5 %s works, once', async (action) => {
    const { ask, owner, harm, state } = victim;
    const params = (await harm[action]?.()) ?? {};
    const ticket = await ticketFor(ask, owner, elevation, action, params);
    const before = await state();
    const answer = await ask(action, params, owner, ticket);
    // There is no systemd in here: it is asked, and knows no such service. On a booted machine: test/vps.
    if (action === 'services.control') expect(answer).toMatchObject({ reason: 'service_unknown' });
    // Nor are there packages that could be updated by themselves.
    else if (action === 'machine.set_automatic_updates')
      expect(answer).toMatchObject({ reason: 'updates_not_installed' });
    // Nor are there users of a machine.
    else if (action.startsWith('machine_accounts.')) expect(answer).toMatchObject({ reason: 'account_tools_missing' });
    // Nor are there servers on other machines.
    else if (action.startsWith('remote_databases.'))
      expect(answer.reason).toMatch(/^remote_(server_(refused|unknown)|client_missing)$/);
    // Nor does nginx run.
    else if (action === 'certificates.issue_for_panel') expect(answer).toMatchObject({ reason: 'acme_no_nginx' });
    // Nor does the host answer.
    else if (action === 'terminals.trust_host') expect(answer).toMatchObject({ reason: 'ssh_host_unreachable' });
    // Nor is there a Redis.
    // Nor is this database one of PostgreSQL.
    else if (action === 'databases.change_owner') expect(answer).toMatchObject({ reason: 'database_owner_engine' });
    else if (action === 'redis.flush') expect(answer).toMatchObject({ reason: 'redis_missing' });
    // What is dangerous in handing out a key is the answer: nothing on the machine changes.
    else if (action === 'certificates.export_key') expect(mustWork(answer).result?.['key']).toContain('PRIVATE KEY');
    else if (action === 'databases.show_password') expect(mustWork(answer).result?.['password']).toMatch(/^\w{28}$/);
    else if (action === 'terminals.enter') expect(mustWork(answer).result?.['key']).toMatch(/^[\w-]{43}$/);
    else if (action === 'terminals.read_recording')
      expect(Buffer.from(String(mustWork(answer).result?.['data']), 'base64').toString()).toContain('"version":2');
    else if (action === 'cron.crontabs') expect(mustWork(answer).result?.['items']).toEqual([]);
    else if (action === 'aapanel.read') expect(mustWork(answer).result?.['sites']).toHaveLength(1);
    else {
      mustWork(answer);
      // Some of it goes on behind the answer.
      await expect.poll(state, { timeout: 10_000 }).not.toBe(before);
    }
    // Some of them start what goes on by itself: the state is not quiet here.
    expect((await ask(action, params, owner, ticket)).code).toBe('elevation_required');
  });

  it('USER-3 S-5 and the change of the factors has ended the elevation', async () => {
    const { ask, owner } = victim;
    await expectNothing(() => askTicket(ask, owner, elevation, 'people.put', {}), voidTicket);
  });
});

describe('too late', () => {
  let clocked: TestAgent;
  beforeAll(async () => {
    clocked = await startTestAgent();
    await victimOf();
  }, 120_000);
  afterAll(async () => {
    await late?.stop();
    await clocked.close();
  });
  let late: Victim;
  async function victimOf(): Promise<void> {
    late = await enrol(clocked.world, clocked.ask, clocked.now);
  }

  it.each(elevatedActions)('USER-3 S-5 %s: a ticket is void after a minute, an elevation after ten', async (action) => {
    const { ask, owner, harm, state } = late;
    const params = (await harm[action]?.()) ?? {};
    // Each action has a code of its own.
    clocked.wait(60_000);
    const elevation = await elevate(ask, owner, { kind: 'totp', code: totpCodeAt(owner.secret, clocked.now()) });
    const ticket = await ticketFor(ask, owner, elevation, action, params);
    const before = await state();
    clocked.wait(60_000);
    expect(await ask(action, params, owner, ticket)).toMatchObject({
      code: 'elevation_required',
      reason: 'ticket_void',
    });
    clocked.wait(9 * 60_000);
    expect(await askTicket(ask, owner, elevation, action, params)).toMatchObject({
      code: 'elevation_required',
      reason: 'elevation_void',
    });
    expect(await state()).toBe(before);
  });
});
