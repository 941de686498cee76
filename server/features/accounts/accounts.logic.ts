import { createHash } from 'node:crypto';
import type { Me } from '#shared/accounts.ts';
import { permissions } from '#shared/access.ts';
import { AppError } from '#shared/errors.ts';
import type { Preferences } from '#shared/settings.ts';
import type { Context } from '../../context.ts';
import { panelActor } from '../../core/agent-client.ts';
import { createAudit } from '../../core/audit.ts';
import { isCommonPassword } from '../../core/auth/common-passwords.ts';
import { findPersonById, hasPeople, insertPerson } from '../../core/auth/person-rows.ts';
import type { SignedIn } from '../../core/auth/sessions.ts';
import { entryUrl } from '../../core/doors-rows.ts';
import { newId, newToken } from '../../core/id.ts';
import { pendingMigrations } from '../../db/migrate.ts';
import { inTransaction } from '../../db/transaction.ts';
import { findLink, findOwner, replaceLink, updatePreferences, useLink, type LinkPurpose } from './accounts.store.ts';
import { listNotices } from './notices.store.ts';

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
  return `${await entryUrl(ctx, '/first-run')}#token=${await newLink(ctx, 'first_run', null)}`;
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
  // Without the agent: the row waits for the web process to hand it on.
  const record = await createAudit({ db: ctx.db, clock: ctx.clock }).begin(entry);
  const token = await newLink(ctx, 'sign_in', owner.id);
  await record.finish('done');
  return `${await entryUrl(ctx, '/sign-in')}#token=${token}`;
}

async function newLink({ db, clock }: LinkContext, purpose: LinkPurpose, personId: string | null): Promise<string> {
  const token = newToken();
  const at = clock.now();
  await replaceLink(db, { purpose, personId, tokenHash: hashOfSecret(token), at, expiresAt: at + linkMs });
  return token;
}

/** For secrets of 256 random bits: a plain hash of those cannot be guessed back. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** True until the owner exists. */
export async function isFirstRun({ db }: Pick<Context, 'db'>): Promise<boolean> {
  return !(await hasPeople(db));
}

/** One form for lookup and counting, so that `Admin` and ` admin` are one account. */
export function normalName(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase().slice(0, 64);
}

/** Creates the owner with the link of the first run. Throws `not_allowed` when the link is void. */
export async function createOwner(
  ctx: Pick<Context, 'db' | 'clock' | 'agent'>,
  input: { readonly token: string; readonly name: string; readonly displayName: string; readonly password: string },
  requestId: string,
): Promise<Person> {
  const { db, clock } = ctx;
  // Before the hash: a stranger with a wrong link costs nothing.
  const link = await findLink(db, 'first_run', hashOfSecret(input.token), clock.now());
  if (link === undefined || (await hasPeople(db))) throw voidLink();
  refuseCommon(input.password, input.name, 'password');
  const id = await foundOrAdopt(ctx, input, requestId);
  const isMade = await inTransaction(db, async (transaction) => {
    const now = clock.now();
    if (!(await useLink(transaction, link.id, now)) || (await hasPeople(transaction))) return false;
    const { name, displayName } = input;
    return (await insertPerson(transaction, { id, name, displayName, role: 'owner', at: now })) !== undefined;
  });
  if (!isMade) throw voidLink();
  return { id, name: input.name };
}

/**
 * The owner's id in the agent's register. An owner who is there already, from a first try that ended half-way or from
 * before the database was lost, is taken over by who knows name and password.
 */
async function foundOrAdopt(
  { agent }: Pick<Context, 'agent'>,
  { name, password }: { readonly name: string; readonly password: string },
  requestId: string,
): Promise<string> {
  const options = { actor: panelActor, requestId };
  const id = newId();
  try {
    await agent.call('people.found', { id, name, password }, options);
    return id;
  } catch (error) {
    if (!(error instanceof AppError) || error.reason !== 'register_not_empty') throw error;
    const { people } = await agent.call('people.list', {}, options);
    const owner = people.find((person) => person.name === name && person.isOwner);
    if (owner === undefined) throw error;
    const proof = { kind: 'password' as const, password };
    return (await agent.call('factors.check', { personId: owner.id, proof }, options)).personId;
  }
}

/** Uses a one-time link of the console. Throws `not_allowed` when it is void. */
export async function useSignInLink({ db, clock }: Pick<Context, 'db' | 'clock'>, token: string): Promise<Person> {
  const link = await findLink(db, 'sign_in', hashOfSecret(token), clock.now());
  const person =
    link?.person_id === undefined || link.person_id === null ? undefined : await findPersonById(db, link.person_id);
  if (link === undefined || person === undefined || person.is_disabled !== 0) throw voidLink();
  if (!(await useLink(db, link.id, clock.now()))) throw voidLink();
  return { id: person.id, name: person.name };
}

export function voidLink(): AppError {
  return new AppError('not_allowed', 'This link was used, has expired or never existed.', { reason: 'link_void' });
}

/** Throws `invalid_request` for what guessers try first. */
export function refuseCommon(password: string, name: string, field: string): void {
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

export async function toMe(
  { sessions, db, clock }: Pick<Context, 'sessions' | 'db' | 'clock'>,
  { person, session, actor }: SignedIn,
): Promise<Me> {
  const isElevated = actor.elevation !== undefined && (session.elevatedUntil ?? 0) > clock.now();
  const isToken = actor.tokenId !== undefined;
  return {
    person: {
      id: person.id,
      name: person.name,
      displayName: person.displayName,
      role: person.role,
      roleName: person.roleName,
      createdAt: new Date(person.createdAt).toISOString(),
    },
    permissions: permissions.filter((permission) => actor.permissions.includes(permission)),
    siteScope: actor.siteScope,
    preferences: person.preferences,
    session: {
      id: session.id,
      createdAt: new Date(session.createdAt).toISOString(),
      expiresAt: new Date(isToken ? session.endsAt : sessions.expiresAt({ session })).toISOString(),
    },
    elevatedUntil: isElevated ? new Date(session.elevatedUntil ?? 0).toISOString() : null,
    mustAddSecondFactor: person.mustAddSecondFactor,
    notices: await listNotices(db, person.id),
  };
}
