import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from '#shared/agent/people.ts';
import { decodeBase32, hotp, stepAt } from '../factors/totp.ts';
import type { Actions } from '../requests.ts';
import { ask, envelope, type Reply } from './agent-process.ts';
import { newChangeId } from './world.ts';

/*
 * For tests: people of an agent, asked the way the panel asks. `Ask` sends one action as somebody, over a socket or
 * straight into `createActions`.
 */

export type Actor = { readonly id: string; readonly name: string };
export type Asked = {
  readonly code?: string;
  readonly reason?: string;
  readonly params?: Record<string, unknown>;
  readonly fields?: { field: string; code: string }[];
  readonly result?: Record<string, unknown>;
};
export type Ask = (action: string, params: unknown, actor: Actor, ticket?: string) => Promise<Asked>;

/** Straight into the agent of this process. */
export function askThrough(actions: Pick<Actions, 'answer'>): Ask {
  return async (action, params, actor, ticket) => {
    const body = envelope(params, { actor: { id: actor.id, name: actor.name }, ticket });
    return read(JSON.parse((await actions.answer(action, body)).text) as Reply);
  };
}

/** Over the socket of an agent in a process of its own. */
export function askOver(socketPath: string): Ask {
  return async (action, params, actor, ticket) => {
    const body = envelope(params, { actor: { id: actor.id, name: actor.name }, ticket });
    return read((await ask(socketPath, action, { body })).json);
  };
}

function read(reply: Reply): Asked {
  return reply.ok === true ? { result: reply.result ?? {} } : (reply.error as Asked);
}

export const panel: Actor = { id: 'panel', name: 'panel' };

export type TestPerson = Actor & { readonly password: string; readonly sessionId: string };

export function somebody(name: string): TestPerson {
  return { id: newChangeId(), name, password: `password of ${name}`, sessionId: newChangeId() };
}

/** Founds the register with this owner. */
export async function foundOwner(ask: Ask, name = 'owner'): Promise<TestPerson> {
  const owner = somebody(name);
  mustWork(await ask('people.found', { id: owner.id, name, password: owner.password }, panel));
  return owner;
}

/** Opens an elevation; with the password unless another proof is given. */
export async function elevate(ask: Ask, person: TestPerson, proof?: object): Promise<string> {
  const given = proof ?? { kind: 'password', password: person.password };
  const { result } = mustWork(await ask('elevation.open', { sessionId: person.sessionId, proof: given }, person));
  return String(result?.['elevation']);
}

export async function askTicket(
  ask: Ask,
  { sessionId, ...actor }: TestPerson,
  elevation: string,
  action: string,
  params: unknown,
): Promise<Asked> {
  return await ask('elevation.ticket', { sessionId, elevation, action, digest: digestOf(params) }, actor);
}

export async function ticketFor(
  ask: Ask,
  person: TestPerson,
  elevation: string,
  action: string,
  params: unknown,
): Promise<string> {
  return String(mustWork(await askTicket(ask, person, elevation, action, params)).result?.['ticket']);
}

/** One dangerous action as it should be: a ticket for it, then the action with it. */
export async function askElevated(
  ask: Ask,
  person: TestPerson,
  elevation: string,
  action: string,
  params: unknown,
): Promise<Asked> {
  return await ask(action, params, person, await ticketFor(ask, person, elevation, action, params));
}

export function mustWork(asked: Asked): Asked {
  if (asked.code !== undefined) throw new Error(`refused: ${JSON.stringify(asked)}`);
  return asked;
}

export function digestOf(params: unknown): string {
  return createHash('sha256').update(canonicalJson(params)).digest('hex');
}

export function newTotpSecret(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from(randomBytes(32), (byte) => alphabet[byte & 31]).join('');
}

/** What an authenticator app shows; `steps` later than now. */
export function totpCodeAt(secret: string, atMs: number, steps = 0): string {
  return hotp(decodeBase32(secret), stepAt(atMs) + steps);
}
