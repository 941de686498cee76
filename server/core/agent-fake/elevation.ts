import { createHash, randomBytes } from 'node:crypto';
import { canonicalJson, elevationMs } from '#shared/agent/people.ts';
import { agentActions, type AgentActionName } from '#shared/agent/index.ts';
import type { Permission } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import { idPattern } from '#shared/http.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';
import type { FakeFactorCheck } from './factors.ts';
import {
  digest,
  hasSecondFactor,
  permissionsOf,
  sign,
  unsign,
  type FakePerson,
  type FakeRegister,
} from './register.ts';

const ticketMs = 60_000;
const tokenElevationMs = 60_000;

type Elevation = {
  readonly personId: string;
  readonly sessionId: string;
  readonly version: number;
  readonly expiresAt: number;
  /** Of an API token: no more than this. */
  readonly permissions?: readonly Permission[];
};

type Ticket = {
  readonly nonce: string;
  readonly action: string;
  readonly digest: string;
  readonly personId: string;
  readonly expiresAt: number;
  readonly permissions?: readonly Permission[];
};

export type FakeElevation = {
  readonly actions: Pick<FakeActions, 'elevation.open' | 'elevation.ticket'>;
  /** Throws unless the actor may, by the register, and shows a ticket where the action always needs one. */
  admit(name: AgentActionName, params: unknown, call: FakeCall): void;
  /** For actions whose danger depends on what they would change: also a further permission. Throws `elevation_required`. */
  requireTicket(call: FakeCall, permission?: Permission): void;
};

export function createFakeElevation(register: FakeRegister, checkFactor: FakeFactorCheck): FakeElevation {
  /** Known to this agent only: one that is started again knows no old tickets. */
  const ticketKey = randomBytes(32).toString('base64url');
  const used = new Set<string>();

  function open(person: FakePerson, sessionId: string, lastsMs: number, allowed?: readonly Permission[]) {
    const expiresAt = register.now() + lastsMs;
    const facts: Elevation = { personId: person.id, sessionId, version: person.version, expiresAt };
    const elevation = sign(register.key, allowed === undefined ? facts : { ...facts, permissions: allowed });
    return { elevation, expiresAt: new Date(expiresAt).toISOString() };
  }

  function openWithToken(person: FakePerson, sessionId: string, token: string) {
    const hash = digest(token);
    const known = person.tokens.find((candidate) => candidate.hash === hash && candidate.expiresAt > register.now());
    if (known === undefined) throw new AppError('not_signed_in', 'This is not right.', { reason: 'wrong_credentials' });
    return open(person, sessionId, tokenElevationMs, known.permissions);
  }

  function takeTicket(call: FakeCall): Ticket {
    const ticket = call.ticket === undefined ? undefined : unsign<Ticket>(ticketKey, call.ticket);
    if (call.ticket === undefined) throw new AppError('elevation_required', 'Confirm with a fresh factor.');
    const isFitting =
      ticket !== undefined &&
      !used.has(ticket.nonce) &&
      ticket.expiresAt > register.now() &&
      ticket.action === call.name &&
      ticket.personId === call.actor.id &&
      ticket.digest === createHash('sha256').update(canonicalJson(call.params)).digest('hex');
    if (!isFitting) throw new AppError('elevation_required', 'This ticket is void.', { reason: 'ticket_void' });
    used.add(ticket.nonce);
    return ticket;
  }

  function requireTicket(call: FakeCall, further?: Permission): void {
    const { permission } = agentActions[call.name];
    const { permissions } = takeTicket(call);
    for (const needed of [permission, further]) {
      if (needed === undefined || needed === 'panel') continue;
      const person = idPattern.test(call.actor.id) ? register.getActive(call.actor.id) : undefined;
      const isTheirs = person === undefined || permissionsOf(person).includes(needed);
      if (isTheirs && (permissions === undefined || permissions.includes(needed))) continue;
      throw new AppError('not_allowed', 'The token does not allow this.', { params: { permission: needed } });
    }
  }

  return {
    requireTicket,
    admit(name, params, call) {
      const { permission, ticket } = agentActions[name];
      // As the real one: only people are looked up; the panel itself does what needs no ticket.
      if (permission !== 'panel' && idPattern.test(call.actor.id)) {
        const person = register.getActive(call.actor.id);
        if (person.mustHaveSecondFactor && !hasSecondFactor(person)) {
          throw new AppError('not_allowed', 'Add a second factor first.', { reason: 'second_factor_needed' });
        }
        if (!permissionsOf(person).includes(permission)) {
          throw new AppError('not_allowed', 'This person may not do that.', { params: { permission } });
        }
      }
      if (ticket === 'always') requireTicket(call);
    },
    actions: {
      async 'elevation.open'({ sessionId, proof }, { actor }) {
        const person = register.getActive(actor.id);
        if (proof.kind === 'token') return openWithToken(person, sessionId, proof.token);
        checkFactor.isStrongEnough(person, proof.kind);
        checkFactor.check(person, proof, 'elevate');
        return open(person, sessionId, elevationMs);
      },
      async 'elevation.ticket'({ sessionId, elevation, action, digest: paramsDigest }, { actor }) {
        const facts = unsign<Elevation>(register.key, elevation);
        const person = register.getActive(actor.id);
        const isAlive =
          facts !== undefined &&
          facts.personId === actor.id &&
          facts.sessionId === sessionId &&
          facts.version === person.version &&
          facts.expiresAt > register.now();
        if (!isAlive) {
          throw new AppError('elevation_required', 'Confirm with a fresh factor.', { reason: 'elevation_void' });
        }
        const ticket: Ticket = {
          nonce: randomBytes(12).toString('base64url'),
          action,
          digest: paramsDigest,
          personId: actor.id,
          expiresAt: register.now() + ticketMs,
          ...(facts.permissions === undefined ? {} : { permissions: facts.permissions }),
        };
        return { ticket: sign(ticketKey, ticket) };
      },
    },
  };
}
