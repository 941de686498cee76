import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson } from '#shared/agent/people.ts';
import { AppError } from '#shared/errors.ts';
import type { OwnState } from '../core/machine.ts';
import type { PersonRecord } from '../people/person.ts';
import { sign, unsign } from './signatures.ts';

/*
 * Tickets: one action, with exactly these parameters, by this person, within a minute, once. The key lives in this
 * process's memory only: another agent, also the next one, knows none of them.
 */

const use = 'aapanel ticket 1';
const ticketMs = 60 * 1000;

export type Ticket = {
  readonly nonce: string;
  readonly person: string;
  /** Of the person's factors and rights: a change of them ends this too. */
  readonly version: string;
  readonly action: string;
  /** SHA-256 of `canonicalJson` of the parameters, hex. */
  readonly digest: string;
  readonly until: number;
  /** The API token behind it; null: the person themself. */
  readonly token: string | null;
};

type Desk = { readonly key: Buffer; readonly used: Map<string, number> };
const desks = new WeakMap<OwnState, Desk>();

function deskOf(state: OwnState): Desk {
  const known = desks.get(state) ?? { key: randomBytes(32), used: new Map<string, number>() };
  desks.set(state, known);
  return known;
}

export function issueTicket(
  state: OwnState,
  { id, version }: PersonRecord,
  facts: Pick<Ticket, 'action' | 'digest' | 'token'>,
): string {
  const nonce = randomBytes(12).toString('base64url');
  const ticket: Ticket = { nonce, person: id, version, until: state.now() + ticketMs, ...facts };
  return sign(deskOf(state).key, use, ticket);
}

/** Uses the ticket up. Throws `elevation_required` (`ticket_void`) unless it is for exactly this. */
export function takeTicket(
  state: OwnState,
  signed: string,
  wanted: { readonly person: PersonRecord | undefined; readonly action: string; readonly params: unknown },
): Ticket {
  const { key, used } = deskOf(state);
  const now = state.now();
  for (const [nonce, until] of used) if (until <= now) used.delete(nonce);
  const ticket = unsign(key, use, signed) as Ticket | undefined;
  const isFor =
    ticket !== undefined &&
    !used.has(ticket.nonce) &&
    ticket.until > now &&
    ticket.action === wanted.action &&
    ticket.person === wanted.person?.id &&
    ticket.version === wanted.person.version &&
    ticket.digest === digestOf(wanted.params);
  if (ticket !== undefined && isFor) {
    used.set(ticket.nonce, ticket.until);
    return ticket;
  }
  throw new AppError('elevation_required', 'This ticket is not for this.', { reason: 'ticket_void' });
}

export function digestOf(params: unknown): string {
  return createHash('sha256').update(canonicalJson(params)).digest('hex');
}
