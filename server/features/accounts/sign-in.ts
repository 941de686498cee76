import type { FactorKind, PasskeyAssertion, Proof, RelyingParty } from '#shared/factors.ts';
import { AppError } from '#shared/errors.ts';
import type { Context } from '../../context.ts';
import { panelActor } from '../../core/agent-client.ts';
import { countUnknownName, tooManyTries } from '../../core/auth/decoy-limits.ts';
import { findPersonById, findPersonByName } from '../../core/auth/person-rows.ts';
import { newToken } from '../../core/id.ts';
import { hashOfSecret, normalName, refuseCommon, voidLink, type Person } from './accounts.logic.ts';
import { findStep, insertStep, tryStep, useStep, type SignInStep } from './sign-in-steps.store.ts';

type SignInContext = Pick<Context, 'db' | 'clock' | 'agent'>;

/** What one factor led to: in, or one more is needed. `person` is known only after a right one. */
export type SignInResult =
  | { readonly state: 'in'; readonly person: Person; readonly used: FactorKind }
  | { readonly state: 'second'; readonly person: Person; readonly step: string; readonly kinds: readonly FactorKind[] };

/**
 * Name and password. The agent checks; of an unknown name it is asked all the same, so that the answer takes as long.
 * Unknown name, disabled person and wrong password are the same error. The caller has counted the try already.
 */
export async function signInWithPassword(
  ctx: SignInContext,
  input: { readonly name: string; readonly password: string },
  requestId: string,
): Promise<SignInResult> {
  const name = normalName(input.name);
  const person = await findPersonByName(ctx.db, name);
  if (person === undefined) countUnknownName(ctx.db, name, ctx.clock.now());
  const proof = passwordProof(input.password);
  const { needs } = await check(ctx, person?.id ?? null, proof, requestId);
  if (person === undefined || person.is_disabled !== 0) throw wrong();
  return next(ctx, person, needs);
}

/** The second factor of a sign-in under way. Throws `not_signed_in` (`sign_in_step_void`) when that is over. */
export async function signInSecond(
  ctx: SignInContext,
  input: { readonly step: string; readonly proof: Proof },
  requestId: string,
): Promise<SignInResult> {
  const step = await getStep(ctx, input.step);
  if (!step.kinds.includes(input.proof.kind)) throw wrong();
  if (!(await tryStep(ctx.db, step.id))) throw voidStep();
  const { needs } = await check(ctx, step.personId, input.proof, requestId);
  const person = await getPerson(ctx, step.personId);
  if (needs.length > 0 || !(await useStep(ctx.db, step.id))) throw voidStep();
  return { state: 'in', person, used: input.proof.kind };
}

/** A challenge for a passkey: of the person of a sign-in under way, or of whoever shows one. */
export async function passkeyChallenge(
  ctx: SignInContext,
  step: string | null,
  relyingParty: RelyingParty,
  requestId: string,
) {
  const personId = step === null ? null : (await getStep(ctx, step)).personId;
  const asked = { purpose: 'sign_in' as const, personId, relyingParty };
  const { challenge, passkeyIds } = await ctx.agent.call('factors.challenge', asked, { actor: panelActor, requestId });
  return { challenge, rpId: relyingParty.id, passkeyIds: personId === null ? [] : passkeyIds };
}

/** A passkey alone says who it is, and is enough by itself. */
export async function signInWithPasskey(
  ctx: SignInContext,
  assertion: PasskeyAssertion,
  requestId: string,
): Promise<SignInResult> {
  const { personId } = await check(ctx, null, { kind: 'passkey', assertion }, requestId);
  return { state: 'in', person: await getPerson(ctx, personId), used: 'passkey' };
}

/** Whose invitation this is. Throws `not_allowed` (`link_void`). */
export async function getInvited(ctx: SignInContext, token: string, requestId: string) {
  const options = { actor: panelActor, requestId };
  const { personId } = await ctx.agent.call('people.invitation', { token }, options);
  const person = await findPersonById(ctx.db, personId);
  if (person === undefined || person.is_disabled !== 0) throw voidLink();
  return person;
}

/** Sets the password of who was invited; every session they had ends. A second factor they still have is asked for. */
export async function acceptInvitation(
  ctx: SignInContext & Pick<Context, 'sessions' | 'apiTokens'>,
  input: { readonly token: string; readonly password: string },
  requestId: string,
): Promise<SignInResult> {
  const invited = await getInvited(ctx, input.token, requestId);
  refuseCommon(input.password, invited.name, 'password');
  const options = { actor: panelActor, requestId };
  const { personId } = await ctx.agent.call('people.accept', input, options);
  await ctx.sessions.endAllOf(personId);
  const { needs } = await check(ctx, personId, passwordProof(input.password), requestId);
  return next(ctx, invited, needs);
}

function passwordProof(password: string): Proof {
  // Composed characters may take more room than they were typed with; a password that long is nobody's.
  return { kind: 'password', password: password.normalize('NFKC').slice(0, 512) };
}

/** Whatever was wrong, and whoever found it, is said in the same words: they must not tell who exists. */
async function check({ agent }: SignInContext, personId: string | null, proof: Proof, requestId: string) {
  try {
    return await agent.call('factors.check', { personId, proof }, { actor: panelActor, requestId });
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    if (error.code === 'not_signed_in') throw wrong();
    const { retryAfterSeconds } = error.params;
    if (error.code === 'rate_limited' && typeof retryAfterSeconds === 'number') throw tooManyTries(retryAfterSeconds);
    throw error;
  }
}

async function next(ctx: SignInContext, { id, name }: Person, kinds: readonly FactorKind[]): Promise<SignInResult> {
  const person = { id, name };
  if (kinds.length === 0) return { state: 'in', person, used: 'password' };
  const step = newToken();
  await insertStep(ctx.db, { personId: id, tokenHash: hashOfSecret(step), kinds, at: ctx.clock.now() });
  return { state: 'second', person, step, kinds };
}

async function getStep({ db, clock }: SignInContext, step: string): Promise<SignInStep> {
  const found = await findStep(db, hashOfSecret(step), clock.now());
  if (found === undefined) throw voidStep();
  return found;
}

async function getPerson({ db }: SignInContext, id: string): Promise<Person> {
  const person = await findPersonById(db, id);
  if (person === undefined || person.is_disabled !== 0) throw wrong();
  return { id: person.id, name: person.name };
}

function voidStep(): AppError {
  return new AppError('not_signed_in', 'This sign-in took too long or too many tries; begin again.', {
    reason: 'sign_in_step_void',
  });
}

function wrong(): AppError {
  return new AppError('not_signed_in', 'Name, password or code is wrong.', { reason: 'wrong_credentials' });
}
