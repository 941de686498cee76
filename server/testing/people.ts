import { permissions, type RoleId, type RoleRecording } from '#shared/access.ts';
import type { Context } from '../context.ts';
import { AgentCallError } from '../core/agent-client.ts';
import type { FakeAgent } from '../core/agent-fake.ts';
import { newFakePerson, newPasswordRecord } from '../core/agent-fake/register.ts';
import { insertPerson } from '../core/auth/person-rows.ts';
import { findRoleRecording, findRoleRights } from '../core/auth/rights.ts';
import { newId } from '../core/id.ts';

/*
 * For tests: people who exist in both halves of the panel, with a password. A fake agent gets them put into its register;
 * a real one is asked over its socket, in the name of an owner who founds it.
 */

export type TestPerson = { readonly id: string; readonly name: string; readonly password: string };

export type TestPersonOptions = {
  readonly name: string;
  readonly role: RoleId;
  readonly siteIds?: readonly string[];
  readonly mustHaveSecondFactor?: boolean;
  /** Default: one that follows from the name. */
  readonly password?: string;
};

const requestId = 'test-people';

export async function addTestPerson(
  ctx: Context,
  {
    name,
    role,
    siteIds = [],
    mustHaveSecondFactor = false,
    password = `${name} has a long password`,
  }: TestPersonOptions,
): Promise<TestPerson> {
  const id = newId();
  const rights = await findRoleRights(ctx.db, role);
  const facts = {
    id,
    name: registerName(name),
    isOwner: role === 'owner',
    permissions: [...(rights?.permissions ?? [])],
    isDisabled: false,
    mustHaveSecondFactor,
    recording: await findRoleRecording(ctx.db, role),
  };
  if (isFake(ctx.agent)) {
    ctx.agent.register.people.set(id, {
      ...newFakePerson(facts),
      password: newPasswordRecord(password, ctx.clock.now()),
    });
    ctx.agent.register.save();
  } else await askAgent(ctx, facts, password).catch(unlessAway);
  const person = { id, name, displayName: name, role, mustHaveSecondFactor, at: ctx.clock.now() };
  if ((await insertPerson(ctx.db, person)) === undefined) throw new Error(`the test person ${name} exists already`);
  for (const site_id of siteIds) await ctx.db.insertInto('person_site').values({ person_id: id, site_id }).execute();
  return { id, name, password };
}

/** Without an agent there is a person who can be signed in all the same, by the test alone. */
function unlessAway(error: unknown): void {
  if (error instanceof AgentCallError && error.code === 'agent_unavailable') return;
  throw error;
}

type Facts = {
  id: string;
  name: string;
  isOwner: boolean;
  permissions: (typeof permissions)[number][];
  isDisabled: boolean;
  mustHaveSecondFactor: boolean;
  recording: RoleRecording;
};

const founders = new WeakMap<Context, { readonly id: string; readonly name: string }>();
const founderPassword = 'the founder of this test';

async function askAgent(ctx: Context, facts: Facts, password: string): Promise<void> {
  const { agent } = ctx;
  const founder = await getFounder(ctx);
  const sessionId = newId();
  const opened = await agent.call(
    'elevation.open',
    { sessionId, proof: { kind: 'password', password: founderPassword } },
    { actor: founder, requestId },
  );
  const actor = { ...founder, sessionId, elevation: () => Promise.resolve(opened.elevation) };
  await agent.call('people.put', { people: [facts] }, { actor, requestId });
  const { token } = await agent.call('people.invite', { personId: facts.id, clear: false }, { actor, requestId });
  await agent.call('people.accept', { token, password }, { actor, requestId });
}

async function getFounder(ctx: Context) {
  const known = founders.get(ctx);
  if (known !== undefined) return known;
  const founder = { id: newId(), name: 'founder' };
  await ctx.agent.call('people.found', { ...founder, password: founderPassword }, { actor: founder, requestId });
  await insertPerson(ctx.db, { ...founder, displayName: '', role: 'owner', at: ctx.clock.now() });
  founders.set(ctx, founder);
  return founder;
}

function isFake(agent: Context['agent']): agent is FakeAgent {
  return 'register' in agent;
}

/** The register takes sign-in names only; tests call people what they like. */
function registerName(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9._-]/g, '-');
}
