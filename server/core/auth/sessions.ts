import { createHmac, hash, type KeyObject } from 'node:crypto';
import type { Config } from '../../config.ts';
import type { Db } from '../../db/schema.ts';
import type { Clock } from '../clock.ts';
import { newId, newToken } from '../id.ts';
import { loadRights } from './rights.ts';
import { selectSession, toSignedIn, type SignedIn } from './session-rows.ts';

export type { PersonFacts, SignedIn } from './session-rows.ts';

type Client = { readonly address: string; readonly userAgent: string };

/** One row of the list of a person's sessions; times are epoch ms. */
export type SessionFacts = {
  readonly id: string;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  readonly expiresAt: number;
  readonly address: string;
  readonly userAgent: string;
};

export type Sessions = {
  /** A new session with a new token: the only moment the token exists in clear. */
  create(personId: string, client: Client): Promise<{ token: string; id: string }>;
  /** The same session under a new id and token, from now on elevated; the old token is dead. Returns the new one. */
  renew(sessionId: string, next: { readonly id: string; readonly elevatedUntil: number }): Promise<string>;
  /** From memory only; undefined says nothing. */
  peek(token: string): SignedIn | undefined;
  /** undefined when unknown, ended, expired, or its person is disabled. */
  find(token: string): Promise<SignedIn | undefined>;
  isTouchDue(signedIn: SignedIn): boolean;
  /** Notes the use, at most once a minute; true when it was due. */
  touch(signedIn: SignedIn): Promise<boolean>;
  /** Epoch ms at which it ends when nobody uses it again. */
  expiresAt(signedIn: Pick<SignedIn, 'session'>): number;
  isAlive(sessionId: string): Promise<boolean>;
  /** Living sessions of a person, last used first. */
  list(personId: string): Promise<SessionFacts[]>;
  end(sessionId: string): Promise<void>;
  /** Ends every session of a person (password change, disabling), `except` one. */
  endAllOf(personId: string, except?: string): Promise<void>;
  /** The person's elevations are over, as far as the screens show. */
  endElevations(personId: string): Promise<void>;
  /** Forgets what is in memory about a person, after a change of name or preferences. */
  forget(personId: string): void;
  /** After a change of rights: memory forgets, and live views end, so that they come back with the new ones. */
  refresh(personIds: readonly string[]): Promise<void>;
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

  const isLivingRow = (row: { expires_at: number; last_used_at: number }) =>
    clock.now() < row.expires_at && clock.now() < row.last_used_at + idleMs;

  function isLiving({ session }: SignedIn): boolean {
    return isLivingRow({ expires_at: session.endsAt, last_used_at: session.lastUsedAt });
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
    const signedIn = toSignedIn(row, await loadRights(db, row.person_id, row.role));
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
          elevated_until: null,
        })
        .execute();
      return { token, id };
    },
    async renew(sessionId, { id, elevatedUntil }) {
      const token = newToken();
      await db
        .updateTable('session')
        .set({ id, token_hash: hashOf(token), elevated_until: elevatedUntil, last_used_at: clock.now() })
        .where('id', '=', sessionId)
        .execute();
      drop(({ session }) => session.id === sessionId);
      // Live views come back with the new cookie.
      announce(sessionId);
      return token;
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
    async touch({ session, person }) {
      const now = clock.now();
      if (now - session.lastUsedAt < touchMs) return false;
      await db.updateTable('session').set({ last_used_at: now }).where('id', '=', session.id).execute();
      await db.updateTable('person').set({ last_seen_at: now }).where('id', '=', person.id).execute();
      drop((other) => other.session.id === session.id);
      return true;
    },
    expiresAt: ({ session }) => Math.min(session.endsAt, session.lastUsedAt + idleMs),
    async isAlive(sessionId) {
      const row = await selectSession(db).where('session.id', '=', sessionId).executeTakeFirst();
      return row !== undefined && isLivingRow(row);
    },
    async list(personId) {
      const rows = await db.selectFrom('session').selectAll().where('person_id', '=', personId).execute();
      return rows
        .filter(isLivingRow)
        .sort((a, b) => b.last_used_at - a.last_used_at)
        .map((row) => ({
          id: row.id,
          createdAt: row.created_at,
          lastUsedAt: row.last_used_at,
          expiresAt: Math.min(row.expires_at, row.last_used_at + idleMs),
          address: row.address,
          userAgent: row.user_agent,
        }));
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
    async endElevations(personId) {
      await db.updateTable('session').set({ elevated_until: null }).where('person_id', '=', personId).execute();
      drop(({ person }) => person.id === personId);
    },
    forget(personId) {
      drop(({ person }) => person.id === personId);
    },
    async refresh(personIds) {
      if (personIds.length === 0) return;
      drop(({ person }) => personIds.includes(person.id));
      const rows = await db.selectFrom('session').select('id').where('person_id', 'in', personIds).execute();
      for (const { id } of rows) announce(id);
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
