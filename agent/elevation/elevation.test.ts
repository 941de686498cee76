import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { agentActions } from '#shared/agent/index.ts';
import type { AgentAction } from '#shared/agent/action.ts';
import { canonicalJson } from '#shared/agent/people.ts';
import { findHandler } from '../actions.ts';
import { createActions } from '../requests.ts';
import { checkDeclaration } from './admission.ts';
import { envelope } from '../testing/agent-process.ts';
import { startTestAgent, type TestAgent } from '../testing/panel.ts';
import {
  askElevated,
  askTicket,
  elevate,
  foundOwner,
  mustWork,
  panel,
  somebody,
  ticketFor,
  type TestPerson,
} from '../testing/people.ts';
import { newChangeId, specOf } from '../testing/world.ts';

let agent: TestAgent;
let owner: TestPerson;
beforeAll(async () => {
  agent = await startTestAgent();
  owner = await foundOwner(agent.ask);
});
beforeEach(() => agent.wait(60 * 60_000));
afterAll(() => agent.close());

const facts = (person: TestPerson, more: object = {}) => ({
  id: person.id,
  name: person.name,
  isOwner: false,
  permissions: ['sites.read'],
  isDisabled: false,
  mustHaveSecondFactor: false,
  ...more,
});
const put = (...people: object[]) => ({ people });
const elevationVoid = { code: 'elevation_required', reason: 'elevation_void' };
const ticketVoid = { code: 'elevation_required', reason: 'ticket_void' };

describe('every action', () => {
  const refuses = async (more: object): Promise<boolean> => {
    const planted = { ...agentActions['agent.info'], ...more } as AgentAction;
    const actions = createActions(agent.machine, findHandler, () => Promise.resolve(planted));
    const { status } = await actions.answer('agent.info', envelope());
    return status !== 200;
  };

  it('declares who may do it and whether it needs a ticket, or nobody may', async () => {
    for (const action of Object.values(agentActions)) expect(() => checkDeclaration(action), action.name).not.toThrow();
    expect(await refuses({})).toBe(false);
    expect(await refuses({ permission: undefined })).toBe(true);
    expect(await refuses({ permission: 'everything' })).toBe(true);
    expect(await refuses({ ticket: undefined })).toBe(true);
    expect(await refuses({ ticket: 'sometimes' })).toBe(true);
  });
});

describe('an elevation', () => {
  it('lasts ten minutes and gives tickets in this session, for this person, only', async () => {
    const elevation = await elevate(agent.ask, owner);
    const params = put(facts(somebody('new')));
    const ask = (more: Partial<TestPerson> = {}) =>
      askTicket(agent.ask, { ...owner, ...more }, elevation, 'people.put', params);
    mustWork(await ask());
    expect(await ask({ sessionId: newChangeId() })).toMatchObject(elevationVoid);
    expect(await ask({ id: somebody('x').id })).toMatchObject({ code: 'not_allowed', reason: 'person_unknown' });
    agent.wait(10 * 60_000 - 1);
    mustWork(await ask());
    agent.wait(1);
    expect(await ask()).toMatchObject(elevationVoid);
  });

  it('survives the agent, whose tickets do not', async () => {
    const elevation = await elevate(agent.ask, owner);
    const params = put(facts(somebody('new')));
    const ticket = await ticketFor(agent.ask, owner, elevation, 'people.put', params);
    await agent.restart();
    expect(await agent.ask('people.put', params, owner, ticket)).toMatchObject(ticketVoid);
    mustWork(await askElevated(agent.ask, owner, elevation, 'people.put', params));
  });

  it('is void after a change of factors, and so are its tickets; a new name of a passkey or a token changes none', async () => {
    const elevation = await elevate(agent.ask, owner);
    const params = put(facts(somebody('newer')));
    const ticket = await ticketFor(agent.ask, owner, elevation, 'people.put', params);
    const change = { kind: 'set_password', current: owner.password, password: owner.password };
    mustWork(await askElevated(agent.ask, owner, elevation, 'factors.change', { change }));
    expect(await agent.ask('people.put', params, owner, ticket)).toMatchObject(ticketVoid);
    expect(await askTicket(agent.ask, owner, elevation, 'people.put', params)).toMatchObject(elevationVoid);
    const second = await elevate(agent.ask, owner);
    const removal = { change: { kind: 'remove_token', tokenId: newChangeId() } };
    mustWork(await askElevated(agent.ask, owner, second, 'factors.change', removal));
    mustWork(await askElevated(agent.ask, owner, second, 'people.put', params));
  });

  it.each(['people.list', 'agent.info', 'sites.explode', 'constructor', 'panel.', 'panel.a.b'])(
    'gives no ticket for %s, which needs none or does not exist',
    async (action) => {
      const elevation = await elevate(agent.ask, owner);
      expect(await askTicket(agent.ask, owner, elevation, action, {})).toMatchObject({ code: 'invalid_request' });
    },
  );

  it('gives a ticket for what the panel guards itself, which no action of the agent takes', async () => {
    const elevation = await elevate(agent.ask, owner);
    const params = put(facts(somebody('new')));
    const ticket = await ticketFor(agent.ask, owner, elevation, 'panel.updateDoors', params);
    expect(await agent.ask('people.put', params, owner, ticket)).toMatchObject(ticketVoid);
  });
});

describe('a ticket', () => {
  it('is for these parameters as facts: their order does not matter', async () => {
    const elevation = await elevate(agent.ask, owner);
    const person = facts(somebody('order'));
    const ticket = await ticketFor(agent.ask, owner, elevation, 'people.put', put(person));
    const turned = Object.fromEntries(Object.entries(person).reverse());
    mustWork(await agent.ask('people.put', put(turned), owner, ticket));
  });

  it('is used up also when the action then fails', async () => {
    const elevation = await elevate(agent.ask, owner);
    const params = put(facts(owner, { isOwner: false }));
    const ticket = await ticketFor(agent.ask, owner, elevation, 'people.put', params);
    expect(await agent.ask('people.put', params, owner, ticket)).toMatchObject({ reason: 'last_owner' });
    expect(await agent.ask('people.put', params, owner, ticket)).toMatchObject(ticketVoid);
  });

  it('canonical JSON has one text for one set of facts', () => {
    expect(canonicalJson({ b: [1, { d: undefined, c: null }], a: 'x', e: undefined })).toBe(
      '{"a":"x","b":[1,{"c":null}]}',
    );
  });
});

describe('sites', () => {
  const apply = (spec: object, more: object = {}) => ({
    spec,
    changeId: newChangeId(),
    isNew: true,
    onDrift: 'refuse',
    ...more,
  });
  const customOf = (slug: string): string => agent.world.path(`/etc/nginx/aapanel/custom/${slug}.conf`);

  it('other custom directives need a ticket, the same ones do not, by anybody', async () => {
    const spec = specOf(agent.world, 'directives.test');
    mustWork(await agent.ask('sites.apply', apply(spec), panel));
    const dangerous = { ...spec, customDirectives: 'add_header X-A b;\n' };
    const params = apply(dangerous, { isNew: false });
    const elevation = await elevate(agent.ask, owner);
    for (const actor of [panel, owner])
      expect(await agent.ask('sites.apply', params, actor)).toMatchObject({ code: 'elevation_required' });
    expect(existsSync(customOf('directives.test'))).toBe(false);
    mustWork(await askElevated(agent.ask, owner, elevation, 'sites.apply', params));
    expect(existsSync(customOf('directives.test'))).toBe(true);
    // Asked again, by the clean-up after a crash: it is in force already.
    mustWork(await agent.ask('sites.apply', params, panel));
    const renamed = {
      ...dangerous,
      domains: [...spec.domains, { host: 'www.directives.test', port: agent.world.port }],
    };
    mustWork(await agent.ask('sites.apply', apply(renamed, { isNew: false }), panel));
    const without = apply({ ...renamed, customDirectives: '' }, { isNew: false });
    expect(await agent.ask('sites.apply', without, panel)).toMatchObject({ code: 'elevation_required' });
    mustWork(await askElevated(agent.ask, owner, elevation, 'sites.apply', without));
  });

  it('a new site with directives needs a ticket, and the permission for them', async () => {
    const clerk = somebody('clerk');
    const person = facts(clerk, { permissions: ['sites.write'] });
    const elevation = await elevate(agent.ask, owner);
    mustWork(await askElevated(agent.ask, owner, elevation, 'people.put', put(person)));
    const invited = await askElevated(agent.ask, owner, elevation, 'people.invite', {
      personId: clerk.id,
      clear: false,
    });
    const { token } = mustWork(invited).result as { token: string };
    mustWork(await agent.ask('people.accept', { token, password: clerk.password }, panel));
    const params = apply(specOf(agent.world, 'clerk.test', { customDirectives: 'add_header X-A b;\n' }));
    const own = await elevate(agent.ask, clerk);
    expect(await askElevated(agent.ask, clerk, own, 'sites.apply', params)).toMatchObject({ code: 'not_allowed' });
    expect(existsSync(customOf('clerk.test'))).toBe(false);
    mustWork(await agent.ask('sites.apply', apply(specOf(agent.world, 'clerk.test')), clerk));
  });

  it('a removal that moves the files needs a ticket, one that keeps them does not; nor does bringing back', async () => {
    const spec = specOf(agent.world, 'removal.test');
    mustWork(await agent.ask('sites.apply', apply(spec), panel));
    const site = { siteId: spec.siteId, slug: spec.slug };
    const preview = await agent.ask('sites.preview_removal', { site, root: spec.root }, panel);
    const removalChangeId = newChangeId();
    const params = {
      site,
      root: spec.root,
      changeId: removalChangeId,
      files: 'recycle',
      confirm: preview.result?.['confirm'],
    };
    expect(await agent.ask('sites.remove', params, panel)).toMatchObject({ code: 'elevation_required' });
    expect(existsSync(agent.world.path(spec.root))).toBe(true);
    mustWork(await askElevated(agent.ask, owner, await elevate(agent.ask, owner), 'sites.remove', params));
    expect(existsSync(agent.world.path(spec.root))).toBe(false);
    const restore = (customDirectives: string) => ({
      spec: { ...spec, customDirectives },
      changeId: newChangeId(),
      removalChangeId,
    });
    expect(await agent.ask('sites.restore', restore('add_header X-A b;\n'), panel)).toMatchObject({
      code: 'elevation_required',
    });
    mustWork(await agent.ask('sites.restore', restore(''), panel));
    expect(existsSync(agent.world.path(spec.root))).toBe(true);
    const again = await agent.ask('sites.preview_removal', { site, root: spec.root }, panel);
    const keep = { ...params, changeId: newChangeId(), files: 'keep', confirm: again.result?.['confirm'] };
    mustWork(await agent.ask('sites.remove', keep, panel));
  });
});

describe('an API token that stands for a fresh factor', () => {
  const secret = `aap_${newChangeId()}_${randomBytes(32).toString('base64url')}`;
  const tokenId = newChangeId();
  const open = (token: string) =>
    agent.ask('elevation.open', { sessionId: owner.sessionId, proof: { kind: 'token', token } }, owner);
  const change = async (given: object) =>
    askElevated(agent.ask, owner, await elevate(agent.ask, owner), 'factors.change', { change: given });

  it('is added, opens for one minute, does what it may and nothing else, and ends', async () => {
    expect(await open(secret)).toMatchObject({ code: 'not_signed_in' });
    const expiresAt = new Date(agent.now() + 3_600_000).toISOString();
    const tokenHash = createHash('sha256').update(secret).digest('hex');
    const added = { kind: 'add_token', tokenId, tokenHash, permissions: ['sites.delete', 'people.write'], expiresAt };
    mustWork(await change(added));
    const { result } = mustWork(await open(secret));
    expect(Date.parse(String(result?.['expiresAt'])) - agent.now()).toBe(60_000);
    const elevation = String(result?.['elevation']);
    const params = put(facts(somebody('by-token')));
    mustWork(await askElevated(agent.ask, owner, elevation, 'people.put', params));
    expect(await askTicket(agent.ask, owner, elevation, 'sites.apply', {})).toMatchObject({
      code: 'not_allowed',
      params: { permission: 'sites.write' },
    });
    expect(await askTicket(agent.ask, owner, elevation, 'factors.change', {})).toMatchObject({
      reason: 'not_with_token',
    });
    agent.wait(60_000);
    expect(await askTicket(agent.ask, owner, elevation, 'people.put', params)).toMatchObject(elevationVoid);
    const later = String(mustWork(await open(secret)).result?.['elevation']);
    mustWork(await change({ kind: 'remove_token', tokenId }));
    expect(await askTicket(agent.ask, owner, later, 'people.put', params)).toMatchObject(elevationVoid);
    expect(await open(secret)).toMatchObject({ code: 'not_signed_in' });
  });

  it('is of no use after its time, and cannot be given more than its person has', async () => {
    const tokenHash = createHash('sha256').update(secret).digest('hex');
    const expiresAt = new Date(agent.now() + 30_000).toISOString();
    mustWork(await change({ kind: 'add_token', tokenId, tokenHash, permissions: ['people.write'], expiresAt }));
    const { result } = mustWork(await open(secret));
    expect(Date.parse(String(result?.['expiresAt'])) - agent.now()).toBe(30_000);
    agent.wait(30_000);
    expect(await open(secret)).toMatchObject({ code: 'not_signed_in' });
    for (const wrong of [`${secret.slice(0, -1)}A`, 'x'.repeat(20)])
      expect(await open(wrong)).toMatchObject({ code: 'not_signed_in' });
  });
});
