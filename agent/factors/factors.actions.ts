import { AppError } from '#shared/errors.ts';
import { idPattern } from '#shared/http.ts';
import type { Handlers } from '../core/handlers.ts';
import { elevationKinds, secondKinds } from '../people/person.ts';
import { registerOf } from '../people/register.ts';
import { changeFactors } from './changes.ts';
import { newChallenge } from './challenges.ts';
import { checkPlace } from './passkeys.ts';
import { prove } from './proofs.ts';

const instantOf = (ms: number): string => new Date(ms).toISOString();

export const factorsHandlers: Pick<Handlers, `factors.${string}` & keyof Handlers> = {
  'factors.challenge': (machine, { purpose, personId, relyingParty }, { actor }) =>
    Promise.resolve().then(() => {
      // To confirm or to add one needs a person; nobody asks for another's.
      const isOthers = idPattern.test(actor.id) && personId !== actor.id;
      if (purpose !== 'sign_in' && (personId === null || isOthers))
        throw new AppError('invalid_request', 'This is for the acting person only.', {
          fields: [{ field: 'personId', code: 'invalid' }],
        });
      checkPlace(relyingParty);
      const person = personId === null ? undefined : registerOf(machine).find(personId);
      const passkeys = person === undefined || person.isDisabled ? [] : person.passkeys;
      return {
        challenge: newChallenge(machine, purpose, personId, relyingParty),
        passkeyIds: passkeys.filter(({ rpId }) => rpId === relyingParty.id).map(({ id }) => id),
      };
    }),
  'factors.change': async (machine, { change }, { actor, deadlineAt }) => ({
    recoveryCodes: await changeFactors(machine, actor.id, change, deadlineAt),
  }),
  'factors.check': async (machine, { personId, proof }, { deadlineAt }) => {
    const person = await prove(machine, personId, proof, 'sign_in', deadlineAt);
    return { personId: person.id, needs: proof.kind === 'password' ? secondKinds(person) : [] };
  },
  'factors.list': (machine, { personId }) =>
    Promise.resolve().then(() => {
      const person = registerOf(machine).find(personId);
      return {
        password: person?.password == null ? null : { changedAt: instantOf(person.password.changedAt) },
        totp: person?.totp == null ? null : { addedAt: instantOf(person.totp.addedAt) },
        passkeys: (person?.passkeys ?? []).map(({ id, name, rpId, addedAt, lastUsedAt }) => ({
          id,
          name,
          rpId,
          addedAt: instantOf(addedAt),
          lastUsedAt: lastUsedAt === null ? null : instantOf(lastUsedAt),
        })),
        recoveryCodesLeft: person?.recoveryHashes.length ?? 0,
        elevationKinds: person === undefined ? [] : elevationKinds(person),
      };
    }),
};
