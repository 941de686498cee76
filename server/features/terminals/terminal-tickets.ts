import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/*
 * A ticket lets one connection of this person, with this session, to this terminal in, once and within seconds. Kept in
 * memory as a hash only: whoever reads it has nothing.
 */

export type TicketFacts = {
  readonly personId: string;
  readonly sessionId: string;
  readonly terminalId: string;
};

export const ticketMs = 15_000;
const mostTickets = 1_000;

export type TerminalTickets<T extends TicketFacts> = {
  issue(facts: T): string;
  /** Uses it up, also when it is for something else. undefined unless it is for exactly this. */
  take(ticket: string, wanted: TicketFacts): T | undefined;
};

export function createTerminalTickets<T extends TicketFacts>(now: () => number): TerminalTickets<T> {
  const open = new Map<string, { readonly facts: T; readonly until: number }>();
  return {
    issue(facts) {
      for (const [hash, { until }] of open) if (until <= now() || open.size >= mostTickets) open.delete(hash);
      const ticket = randomBytes(32).toString('base64url');
      open.set(hashOf(ticket), { facts, until: now() + ticketMs });
      return ticket;
    },
    take(ticket, wanted) {
      if (!/^[A-Za-z0-9_-]{43}$/.test(ticket)) return undefined;
      const hash = Buffer.from(hashOf(ticket));
      const known = [...open.keys()].filter((each) => timingSafeEqual(Buffer.from(each), hash))[0];
      const found = known === undefined ? undefined : open.get(known);
      if (known === undefined || found === undefined) return undefined;
      open.delete(known);
      const { facts, until } = found;
      const isFor =
        until > now() &&
        facts.personId === wanted.personId &&
        facts.sessionId === wanted.sessionId &&
        facts.terminalId === wanted.terminalId;
      return isFor ? facts : undefined;
    },
  };
}

function hashOf(ticket: string): string {
  return createHash('sha256').update(ticket).digest('hex');
}
