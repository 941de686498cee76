import { findAction } from '#shared/agent/lookup.ts';
import { AppError } from '#shared/errors.ts';
import type { Handlers } from '../core/handlers.ts';
import type { PersonRecord } from '../people/person.ts';
import { getActor, registerOf } from '../people/register.ts';
import { checkElevation, openElevation } from './elevations.ts';
import { issueTicket } from './tickets.ts';

export const elevationHandlers: Pick<Handlers, `elevation.${string}` & keyof Handlers> = {
  'elevation.open': (machine, params, { actor, deadlineAt }) => openElevation(machine, actor.id, params, deadlineAt),
  'elevation.ticket': async (machine, { sessionId, elevation, action, digest }, { actor }) => {
    const person = getActor(registerOf(machine).all(), actor.id);
    const { token } = await checkElevation(machine, person, sessionId, elevation);
    await checkAction(action, token);
    return { ticket: issueTicket(machine, person, { action, digest, token: token?.id ?? null }) };
  },
};

const ofPanel = /^panel\.[a-zA-Z][a-zA-Z0-9]*$/;

/** A ticket is for something that asks for one; a token's for what the token may, and never for its person's factors. */
async function checkAction(name: string, token: PersonRecord['tokens'][number] | null): Promise<void> {
  // What the panel itself guards is between it and the person: that a ticket was given is the answer.
  if (ofPanel.test(name)) return;
  const action = await findAction(name);
  if (action === undefined || action.ticket === 'never')
    throw new AppError('invalid_request', 'There is no ticket for this.', {
      fields: [{ field: 'action', code: 'not_a_choice' }],
    });
  if (token === null) return;
  if (action.permission === 'panel')
    throw new AppError('not_allowed', 'No token changes factors.', { reason: 'not_with_token' });
  if (!token.permissions.includes(action.permission))
    throw new AppError('not_allowed', 'The token does not allow this.', { params: { permission: action.permission } });
}
