import { createHmac, hash, type KeyObject } from 'node:crypto';
import { preferences as preferencesSchema, type Preferences } from '#shared/settings.ts';
import type { Role } from '#shared/access.ts';
import type { Config } from '../../config.ts';
import type { Db } from '../../db/schema.ts';
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { newId, newToken } from '../id.ts';

export type PersonFacts = {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly role: Role;
  readonly createdAt: number;
  readonly preferences: Preferences;
};

/** A living session with its person, as of at most a few seconds ago. Times are epoch ms. */
export type SignedIn = {
  readonly actor: Actor;
  readonly person: PersonFacts;
  readonly session: {
    readonly id: string;
    readonly createdAt: number;
    readonly lastUsedAt: number;
    /** Absolute end. */
    readonly endsAt: number;
  };
};

export type Sessions = {
  /** A new session with a new token: the only moment the token exists in clear. */
  create(personId: string, client: { address: string; userAgent: string }): Promise<{ token: string; id: string }>;
  /** From memory only; undefined says nothing. */
  peek(token: string): SignedIn | undefined;
  /** undefined when unknown, ended, expired, or its person is disabled. */
  find(token: string): Promise<SignedIn | undefined>;
  isTouchDue(signedIn: SignedIn): boolean;
  /** Notes the use, at most once a minute; true when it was due. */
  touch(signedIn: SignedIn): Promise<boolean>;
  /** Epoch ms at which it ends when nobody uses it again. */
  expiresAt(signedIn: SignedIn): number;
  isAlive(sessionId: string): Promise<boolean>;
  end(sessionId: string): Promise<void>;
  /** Ends every session of a person (password change, disabling), `except` one. */
  endAllOf(personId: string, except?: string): Promise<void>;
  /** Forgets what is in memory about a person, after a change of name, role or preferences. */
  forget(personId: string): void;
  /** Calls back once when the session ends by sign-out or disabling; returns a function that takes it back. */
  onEnd(sessionId: string, callback: () => void): () => void;
  /** Deletes expired rows. */
  purge(): Promise<void>;
};

/** Absolute limit: a session in constant use still ends. */
const absoluteMs = 12 * 60 * 60 * 1000;
/** How long an answer of the database counts; within this process sign-out acts at once. */
const cacheMs = 5_000;
const maxCached = 10_000;

/** Sessions live in the database as keyed hashes: neither a copy of it nor a new SECRET_KEY leaves a usable one. */
export function createSessions({
  db,
  config,
  clock,
}: {
  readonly db: Db;
  readonly config: Config;
  readonly clock: Clock;
}): Sessions {
  const idleMs = config.cookie.lifetimeSeconds * 1000;
  const touchMs = Math.min(60_000, idleMs / 10);
  const cache = new Map<string, { signedIn: SignedIn; until: number }>();
  const listeners = new Map<string, Set<() => void>>();
  /** Rises with every end: a row read before it must not come back into the cache after it. */
  let generation = 0;

  const hashOf = (token: string, key: KeyObject = config.sessionKey) =>
    createHmac('sha256', key).update(token).digest('hex');
  /** For the cache only, asked by every request: a third of the cost of the keyed one, and it never leaves the process. */
  const cacheKeyOf = (token: string) => hash('sha256', token);

  function isLiving(signedIn: SignedIn): boolean {
    const now = clock.now();
    return now < signedIn.session.endsAt && now < signedIn.session.lastUsedAt + idleMs;
  }

  function drop(isGone: (signedIn: SignedIn) => boolean): void {
    generation += 1;
    for (const [key, { signedIn }] of cache) if (isGone(signedIn)) cache.delete(key);
  }

  function announce(sessionId: string): void {
    const callbacks = listeners.get(sessionId);
    listeners.delete(sessionId);
    for (const callback of callbacks ?? []) callback();
  }

  async function load(token: string): Promise<SignedIn | undefined> {
    const tokenHash = hashOf(token);
    const hashes = [tokenHash, ...config.previousSessionKeys.map((key) => hashOf(token, key))];
    const row = await selectSession(db).where('session.token_hash', 'in', hashes).executeTakeFirst();
    if (row === undefined) return undefined;
    const signedIn = toSignedIn(row);
    if (!isLiving(signedIn)) return undefined;
    if (row.token_hash !== tokenHash) {
      // Made before SECRET_KEY was rotated: from now on it hangs on the new key.
      await db.updateTable('session').set({ token_hash: tokenHash }).where('id', '=', row.session_id).execute();
    }
    return signedIn;
  }

  return {
    async create(personId, { address, userAgent }) {
      const token = newToken();
      const id = newId();
      const now = clock.now();
      await db
        .insertInto('session')
        .values({
          id,
          person_id: personId,
          token_hash: hashOf(token),
          address: address.slice(0, 64),
          user_agent: userAgent.slice(0, 255),
          created_at: now,
          last_used_at: now,
          expires_at: now + Math.max(absoluteMs, idleMs),
        })
        .execute();
      return { token, id };
    },
    peek(token) {
      const known = cache.get(cacheKeyOf(token));
      return known !== undefined && known.until > clock.now() && isLiving(known.signedIn) ? known.signedIn : undefined;
    },
    async find(token) {
      const startedIn = generation;
      const found = await load(token);
      if (found === undefined) return undefined;
      if (generation === startedIn) {
        if (cache.size >= maxCached) cache.clear();
        cache.set(cacheKeyOf(token), { signedIn: found, until: clock.now() + cacheMs });
      }
      return found;
    },
    isTouchDue: ({ session }) => clock.now() - session.lastUsedAt >= touchMs,
    async touch({ session }) {
      const now = clock.now();
      if (now - session.lastUsedAt < touchMs) return false;
      await db.updateTable('session').set({ last_used_at: now }).where('id', '=', session.id).execute();
      drop((other) => other.session.id === session.id);
      return true;
    },
    expiresAt: ({ session }) => Math.min(session.endsAt, session.lastUsedAt + idleMs),
    async isAlive(sessionId) {
      const row = await selectSession(db).where('session.id', '=', sessionId).executeTakeFirst();
      return row !== undefined && isLiving(toSignedIn(row));
    },
    async end(sessionId) {
      await db.deleteFrom('session').where('id', '=', sessionId).execute();
      drop(({ session }) => session.id === sessionId);
      announce(sessionId);
    },
    async endAllOf(personId, except) {
      const rows = await db.selectFrom('session').select('id').where('person_id', '=', personId).execute();
      const ids = rows.map(({ id }) => id).filter((id) => id !== except);
      if (ids.length > 0) await db.deleteFrom('session').where('id', 'in', ids).execute();
      drop(({ person, session }) => person.id === personId && session.id !== except);
      for (const id of ids) announce(id);
    },
    forget(personId) {
      drop(({ person }) => person.id === personId);
    },
    onEnd(sessionId, callback) {
      const callbacks = listeners.get(sessionId) ?? new Set();
      listeners.set(sessionId, callbacks.add(callback));
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0 && listeners.get(sessionId) === callbacks) listeners.delete(sessionId);
      };
    },
    async purge() {
      const now = clock.now();
      await db
        .deleteFrom('session')
        .where((where) => where.or([where('expires_at', '<=', now), where('last_used_at', '<=', now - idleMs)]))
        .execute();
    },
  };
}

/** Sessions of people who may come in. */
function selectSession(db: Db) {
  return db
    .selectFrom('session')
    .innerJoin('person', 'person.id', 'session.person_id')
    .where('person.is_disabled', '=', 0)
    .select([
      'session.id as session_id',
      'session.token_hash as token_hash',
      'session.created_at as session_created_at',
      'session.last_used_at as last_used_at',
      'session.expires_at as expires_at',
      'person.id as person_id',
      'person.name as name',
      'person.display_name as display_name',
      'person.role as role',
      'person.created_at as person_created_at',
      'person.preferences_json as preferences_json',
    ]);
}

type SessionRow = NonNullable<Awaited<ReturnType<ReturnType<typeof selectSession>['executeTakeFirst']>>>;

function toSignedIn(row: SessionRow): SignedIn {
  return {
    actor: { id: row.person_id, name: row.name, role: row.role, sessionId: row.session_id },
    person: {
      id: row.person_id,
      name: row.name,
      displayName: row.display_name,
      role: row.role,
      createdAt: row.person_created_at,
      preferences: preferencesSchema.parse(JSON.parse(row.preferences_json)),
    },
    session: {
      id: row.session_id,
      createdAt: row.session_created_at,
      lastUsedAt: row.last_used_at,
      endsAt: row.expires_at,
    },
  };
}
