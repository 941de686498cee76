import type { Permission } from '#shared/access.ts';
import { permissions } from '#shared/access.ts';
import type { AgentAction } from '#shared/agent/action.ts';
import type { AgentRequest } from '#shared/agent/protocol.ts';
import { AppError } from '#shared/errors.ts';
import { idPattern } from '#shared/http.ts';
import type { Call } from '../core/call.ts';
import type { OwnState } from '../core/machine.ts';
import { isHeldBack, permissionsOf, type PersonRecord } from '../people/person.ts';
import { getActor, registerOf } from '../people/register.ts';
import { takeTicket } from './tickets.ts';

/*
 * May this actor do this now? Asked for every action before its handler runs: the agent looks into its own register and at
 * its own tickets, never at what the web process says of them.
 */

const ticketWords: readonly string[] = ['never', 'depends', 'always'];

/** Throws when an action says not who may do it, or not whether it needs a ticket: then nobody may. */
export function checkDeclaration({ name, permission, ticket }: AgentAction): void {
  const isNamed = permission === 'panel' || permissions.includes(permission);
  if (!isNamed) throw new Error(`the action ${name} declares no permission`);
  if (!ticketWords.includes(ticket)) throw new Error(`the action ${name} does not declare whether it needs a ticket`);
}

type Admitted = Pick<Call, 'isElevated' | 'may'>;

/** Throws `not_allowed` or `elevation_required`. Uses the request's ticket up. */
export function admit(state: OwnState, action: AgentAction, request: AgentRequest): Admitted {
  const { actor, ticket, params } = request;
  // The panel itself, when nobody asked: clean-up after a crash. Whatever is dangerous needs somebody's factor.
  const isPerson = idPattern.test(actor.id);
  const person = isPerson ? findPerson(state, action, actor.id) : undefined;
  if (action.ticket === 'never') return { isElevated: false, may: mayOf(person, null) };
  if (ticket === undefined) {
    if (action.ticket === 'always') throw new AppError('elevation_required', 'This needs a fresh factor.');
    return { isElevated: false, may: mayOf(person, null) };
  }
  const taken = takeTicket(state, ticket, { person, action: action.name, params });
  const may = mayOf(person, taken.token);
  if (action.permission !== 'panel' && !may(action.permission)) throw lacks(action.permission);
  return { isElevated: true, may };
}

/** The person who acts, when the action asks who that is. Throws `not_allowed`. */
function findPerson(state: OwnState, { permission, ticket }: AgentAction, id: string): PersonRecord | undefined {
  const register = registerOf(state);
  // Signing in, or adding to the audit log: also for somebody who is no longer there.
  if (permission === 'panel' && ticket === 'never') return undefined;
  const person = getActor(register.all(), id);
  if (permission === 'panel') return person;
  if (isHeldBack(person))
    throw new AppError('not_allowed', 'Add a second factor first.', { reason: 'second_factor_needed' });
  if (!permissionsOf(person).includes(permission)) throw lacks(permission);
  return person;
}

function mayOf(person: PersonRecord | undefined, tokenId: string | null): (permission: Permission) => boolean {
  if (person === undefined) return () => true;
  const own = permissionsOf(person);
  if (tokenId === null) return (permission) => own.includes(permission);
  const ofToken = person.tokens.find(({ id }) => id === tokenId)?.permissions ?? [];
  return (permission) => own.includes(permission) && ofToken.includes(permission);
}

function lacks(permission: Permission): AppError {
  return new AppError('not_allowed', 'The register does not allow this.', { params: { permission } });
}
