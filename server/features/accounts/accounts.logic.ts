import { createHash } from 'node:crypto';
import { rolePermissions } from '#shared/access.ts';
import type { Me } from '#shared/accounts.ts';
import { AppError } from '#shared/errors.ts';
import type { Preferences } from '#shared/settings.ts';
import type { Context } from '../../context.ts';
import { createAudit } from '../../core/audit.ts';
import type { SignedIn } from '../../core/auth/sessions.ts';
import { isCommonPassword } from '../../core/auth/common-passwords.ts';
import { hashPassword, verifyPassword } from '../../core/auth/passwords.ts';
import { newToken } from '../../core/id.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import {
  findLink,
  findOwner,
  findPersonById,
  findPersonByName,
  hasPeople,
  insertPerson,
  replaceLink,
  updatePassword,
  updatePreferences,
  useLink,
  type LinkPurpose,
} from './accounts.store.ts';
import { inTransaction } from '../../db/transaction.ts';

/** What the links need: the command line has no more than this. */
export type LinkContext = Pick<Context, 'db' | 'config' | 'clock'>;

/** Who signed in, before a session exists. */
export type Person = { readonly id: string; readonly name: string };

const linkMs = 30 * 60 * 1000;

/**
 * A link that creates the owner, valid for 30 minutes and once; null when the panel has people or its database is not
 * up to date. Earlier links of the first run are void from now on. Secret: for the console only.
 */
export async function firstRunLink(ctx: LinkContext): Promise<string | null> {
  if ((await pendingMigrations(ctx.db)).length > 0 || (await hasPeople(ctx.db))) return null;
  return `${ctx.config.publicUrl}/first-run#token=${await newLink(ctx, 'first_run', null)}`;
}

/**
 * A link that signs the owner in without a password, valid for 30 minutes and once; null while there is no owner.
 * Earlier ones are void from now on. Secret: for the console only.
 */
export async function newSignInLink(ctx: LinkContext): Promise<string | null> {
  const owner = await findOwner(ctx.db);
  if (owner === undefined) return null;
  const entry = {
    actor: { id: null, name: 'console' },
    action: 'newSignInLink',
    target: owner.name,
    address: '',
    requestId: '',
    detail: {},
  };
  const record = await createAudit(ctx).begin(entry);
  const token = await newLink(ctx, 'sign_in', owner.id);
  await record.finish('done');
  return `${ctx.config.publicUrl}/sign-in#token=${token}`;
}

async function newLink({ db, clock }: LinkContext, purpose: LinkPurpose, personId: string | null): Promise<string> {
  const token = newToken();
  const at = clock.now();
  await replaceLink(db, { purpose, personId, tokenHash: hashOf(token), at, expiresAt: at + linkMs });
  return token;
}

/** The token has 256 random bits: a plain hash cannot be guessed back. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

/** True until the owner exists. */
export async function isFirstRun({ db }: Pick<Context, 'db'>): Promise<boolean> {
  return !(await hasPeople(db));
}

/**
 * Checks name and password. Unknown name, disabled person and wrong password are the same error after the same time.
 * The caller has counted the try already.
 */
export async function checkPassword(
  { db }: Pick<Context, 'db'>,
  input: { readonly name: string; readonly password: string },
): Promise<Person> {
  const person = await findPersonByName(db, normalName(input.name));
  const isRight = await verifyPassword(input.password, person?.password_hash);
  if (person === undefined || !isRight || person.is_disabled !== 0) {
    throw new AppError('not_signed_in', 'Name or password is wrong.', { reason: 'wrong_credentials' });
  }
  return { id: person.id, name: person.name };
}

/** One form for lookup and counting, so that `Admin` and ` admin` are one account. */
export function normalName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase().slice(0, 64);
}

/** Creates the owner with the link of the first run. Throws `not_allowed` when the link is void. */
export async function createOwner(
  { db, clock }: Pick<Context, 'db' | 'clock'>,
  input: { readonly token: string; readonly name: string; readonly displayName: string; readonly password: string },
): Promise<Person> {
  // Before the hash: a stranger with a wrong link costs nothing.
  const link = await findLink(db, 'first_run', hashOf(input.token), clock.now());
  if (link === undefined || (await hasPeople(db))) throw voidLink();
  refuseCommon(input.password, input.name, 'password');
  const passwordHash = await hashPassword(input.password);
  const id = await inTransaction(db, async (transaction) => {
    const now = clock.now();
    if (!(await useLink(transaction, link.id, now)) || (await hasPeople(transaction))) throw voidLink();
    const { name, displayName } = input;
    return insertPerson(transaction, { name, displayName, role: 'owner', passwordHash, at: now });
  });
  if (id === undefined) throw voidLink();
  return { id, name: input.name };
}

/** Uses a one-time link of the console. Throws `not_allowed` when it is void. */
export async function useSignInLink({ db, clock }: Pick<Context, 'db' | 'clock'>, token: string): Promise<Person> {
  const link = await findLink(db, 'sign_in', hashOf(token), clock.now());
  const person =
    link?.person_id === undefined || link.person_id === null ? undefined : await findPersonById(db, link.person_id);
  if (link === undefined || person === undefined || person.is_disabled !== 0) throw voidLink();
  if (!(await useLink(db, link.id, clock.now()))) throw voidLink();
  return { id: person.id, name: person.name };
}

function voidLink(): AppError {
  return new AppError('not_allowed', 'This link was used, has expired or never existed.', { reason: 'link_void' });
}

/** A new session; the one the browser had ends. */
export async function openSession(
  { sessions }: Pick<Context, 'sessions'>,
  person: Person,
  client: { readonly address: string; readonly userAgent: string; readonly previousToken: string | undefined },
): Promise<{ token: string; signedIn: SignedIn }> {
  const previous = client.previousToken === undefined ? undefined : await sessions.find(client.previousToken);
  const { token } = await sessions.create(person.id, client);
  const signedIn = await sessions.find(token);
  if (signedIn === undefined) throw new AppError('not_signed_in', 'Name or password is wrong.');
  if (previous !== undefined) await sessions.end(previous.session.id);
  return { token, signedIn };
}

/** Changes the own password and ends all other sessions. The caller has counted the try already. */
export async function changePassword(
  { db, clock, sessions }: Pick<Context, 'db' | 'clock' | 'sessions'>,
  { actor }: SignedIn,
  input: { readonly current: string; readonly next: string },
): Promise<void> {
  const person = await findPersonById(db, actor.id);
  if (!(await verifyPassword(input.current, person?.password_hash))) {
    throw new AppError('invalid_request', 'The current password is wrong.', {
      fields: [{ field: 'current', code: 'password_wrong' }],
    });
  }
  refuseCommon(input.next, actor.name, 'next');
  await updatePassword(db, actor.id, await hashPassword(input.next), clock.now());
  await sessions.endAllOf(actor.id, actor.sessionId);
}

/**
 * Sets a person's password from the console and ends all their sessions; returns the name as it is stored. Throws
 * `not_found`, and `invalid_request` for a common password.
 */
export async function resetPassword(
  ctx: LinkContext & Pick<Context, 'sessions'>,
  input: { readonly name: string; readonly password: string },
): Promise<string> {
  const person = await findPersonByName(ctx.db, normalName(input.name));
  if (person === undefined) throw new AppError('not_found', 'There is no account with this name.');
  refuseCommon(input.password, person.name, 'password');
  const record = await createAudit(ctx).begin({
    actor: { id: null, name: 'console' },
    action: 'resetPassword',
    target: person.name,
    address: '',
    requestId: '',
    detail: {},
  });
  await updatePassword(ctx.db, person.id, await hashPassword(input.password), ctx.clock.now());
  await ctx.sessions.endAllOf(person.id);
  await record.finish('done');
  return person.name;
}

function refuseCommon(password: string, name: string, field: string): void {
  if (!isCommonPassword(password, name)) return;
  throw new AppError('invalid_request', 'This password is too easy to guess.', {
    fields: [{ field, code: 'password_common' }],
  });
}

/** Stores the person's choices and returns them as they are now shown. */
export async function setPreferences(
  { db, clock, sessions }: Pick<Context, 'db' | 'clock' | 'sessions'>,
  signedIn: SignedIn,
  preferences: Preferences,
): Promise<SignedIn> {
  if (preferences.timeZone !== 'auto' && !isTimeZone(preferences.timeZone)) {
    throw new AppError('invalid_request', 'This time zone is not known.', {
      fields: [{ field: 'timeZone', code: 'not_a_choice' }],
    });
  }
  await updatePreferences(db, signedIn.person.id, preferences, clock.now());
  sessions.forget(signedIn.person.id);
  return { ...signedIn, person: { ...signedIn.person, preferences } };
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

export function toMe({ sessions }: Pick<Context, 'sessions'>, signedIn: SignedIn): Me {
  const { person, session } = signedIn;
  return {
    person: {
      id: person.id,
      name: person.name,
      displayName: person.displayName,
      role: person.role,
      createdAt: new Date(person.createdAt).toISOString(),
    },
    permissions: [...rolePermissions[person.role]],
    preferences: person.preferences,
    session: {
      id: session.id,
      createdAt: new Date(session.createdAt).toISOString(),
      expiresAt: new Date(sessions.expiresAt(signedIn)).toISOString(),
    },
  };
}
