import { createHash } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { tokenPattern, tokenRequestsPerMinute } from '#shared/tokens.ts';
import { hasFreeConnection } from '../../db/figures.ts';
import { openDatabaseOf } from '../../db/registry.ts';
import type { Db } from '../../db/schema.ts';
import type { AgentClient } from '../agent-client.ts';
import type { Clock } from '../clock.ts';
import { addressMatcher } from './addresses.ts';
import { loadRights, readPermissions } from './rights.ts';
import { toPersonFacts, type SignedIn } from './session-rows.ts';

/** How long an answer of the database counts; within this process the end of a token acts at once. */
const cacheMs = 5_000;
const maxCached = 1_000;
/** The use of a token is written at most so often. */
const touchMs = 60_000;
const windowMs = 60_000;

export type ApiTokens = {
  /**
   * Who asks with this token. undefined when it is unknown, over, or its person disabled. Throws `not_allowed` from an
   * address it is not for, `rate_limited` when it asks too often.
   */
  use(secret: string, address: string, requestId: string): Promise<SignedIn | undefined>;
  /** Whether this is a living token, without counting it as a use. */
  knows(secret: string): Promise<boolean>;
  isAlive(tokenId: string): Promise<boolean>;
  /** Forgets what is in memory of these people's tokens; live views of theirs end. */
  refresh(personIds: readonly string[]): Promise<void>;
  /** The token was deleted. */
  end(tokenId: string): void;
  /** Calls back once when the token ends or its rights change; returns a function that takes it back. */
  onEnd(tokenId: string, callback: () => void): () => void;
};

type Known = {
  readonly signedIn: SignedIn;
  readonly isFrom: (address: string) => boolean;
  readonly isElevated: boolean;
  lastUsedAt: number;
  lastAddress: string;
  readonly until: number;
};

export function hashOfToken(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** API tokens live in the database as hashes of 256 random bits. */
export function createApiTokens({
  db,
  clock,
  agent,
}: {
  readonly db: Db;
  readonly clock: Clock;
  readonly agent: AgentClient;
}): ApiTokens {
  const cache = new Map<string, Known>();
  /** Keys of tokens that were living when they were last looked up. */
  const wasGood = new Set<string>();
  const windows = new Map<string, { startedAt: number; count: number }>();
  const listeners = new Map<string, Set<() => void>>();
  let generation = 0;

  async function load(secret: string, source: Db): Promise<Known | undefined> {
    const id = tokenPattern.exec(secret)?.[1];
    if (id === undefined) return undefined;
    const row = await selectToken(source).where('api_token.id', '=', id).executeTakeFirst();
    if (row === undefined || row.token_hash !== hashOfToken(secret) || row.expires_at <= clock.now()) return undefined;
    const rights = await loadRights(source, row.person_id, row.role);
    const scopes = readPermissions(row.scopes_json);
    const addresses = JSON.parse(row.addresses_json) as string[];
    const actor = {
      id: row.person_id,
      name: row.name,
      role: row.role,
      permissions: rights.permissions.filter((permission) => scopes.includes(permission)),
      siteScope: rights.siteScope,
      siteIds: rights.siteIds,
      sessionId: id,
      tokenId: id,
    };
    return {
      signedIn: {
        actor,
        person: toPersonFacts(row, rights),
        session: {
          id,
          createdAt: row.token_created_at,
          lastUsedAt: clock.now(),
          endsAt: row.expires_at,
          elevatedUntil: null,
        },
      },
      isFrom: addresses.length === 0 ? () => true : addressMatcher(addresses),
      isElevated: row.is_elevated === 1,
      lastUsedAt: row.last_used_at ?? 0,
      lastAddress: row.last_address ?? '',
      until: clock.now() + cacheMs,
    };
  }

  async function find(secret: string): Promise<Known | undefined> {
    const key = hashOfToken(secret);
    const known = cache.get(key);
    const now = clock.now();
    if (known !== undefined && known.until > now && known.signedIn.session.endsAt > now) return known;
    const startedIn = generation;
    // With every connection in use whoever watches the pool must still get in: a token that was good is looked up beside it.
    const isBeside = wasGood.has(key) && !hasFreeConnection(db);
    const found = await load(secret, isBeside ? openDatabaseOf(db).reserved : db);
    if (found === undefined) {
      cache.delete(key);
      wasGood.delete(key);
      return undefined;
    }
    if (wasGood.size >= maxCached) wasGood.clear();
    wasGood.add(key);
    if (generation === startedIn) {
      if (cache.size >= maxCached) cache.clear();
      cache.set(key, found);
    }
    return found;
  }

  function count(tokenId: string): void {
    const now = clock.now();
    const known = windows.get(tokenId);
    const window = known !== undefined && now - known.startedAt < windowMs ? known : { startedAt: now, count: 0 };
    if (windows.size >= maxCached) windows.clear();
    windows.set(tokenId, window);
    window.count += 1;
    if (window.count <= tokenRequestsPerMinute) return;
    throw new AppError('rate_limited', 'This token asks too often.', {
      reason: 'token_rate_limited',
      params: { retryAfterSeconds: Math.ceil((window.startedAt + windowMs - now) / 1000) },
    });
  }

  async function touch(known: Known, address: string): Promise<void> {
    const now = clock.now();
    // When it would have to wait, the next use writes it.
    if (now - known.lastUsedAt < touchMs || !hasFreeConnection(db)) return;
    known.lastUsedAt = now;
    known.lastAddress = address;
    await db
      .updateTable('api_token')
      .set({ last_used_at: now, last_address: address.slice(0, 64) })
      .where('id', '=', known.signedIn.session.id)
      .execute();
  }

  function announce(tokenId: string): void {
    const callbacks = listeners.get(tokenId);
    listeners.delete(tokenId);
    for (const callback of callbacks ?? []) callback();
  }

  function drop(isGone: (signedIn: SignedIn) => boolean): void {
    generation += 1;
    for (const [key, { signedIn }] of cache) if (isGone(signedIn)) cache.delete(key);
  }

  return {
    async use(secret, address, requestId) {
      const known = await find(secret);
      if (known === undefined) return undefined;
      if (!known.isFrom(address)) {
        throw new AppError('not_allowed', 'This token may not be used from here.', { reason: 'address_not_allowed' });
      }
      count(known.signedIn.session.id);
      await touch(known, address);
      if (!known.isElevated) return known.signedIn;
      const { actor } = known.signedIn;
      // The token stands for the fresh factor: the agent checks it anew for each action.
      const elevation = async () => {
        const asked = { sessionId: actor.sessionId, proof: { kind: 'token' as const, token: secret } };
        return (await agent.call('elevation.open', asked, { actor, requestId })).elevation;
      };
      return { ...known.signedIn, actor: { ...actor, elevation } };
    },
    knows: async (secret) => (await find(secret)) !== undefined,
    async isAlive(tokenId) {
      const row = await selectToken(db).where('api_token.id', '=', tokenId).executeTakeFirst();
      return row !== undefined && row.expires_at > clock.now();
    },
    async refresh(personIds) {
      if (personIds.length === 0) return;
      drop(({ person }) => personIds.includes(person.id));
      const rows = await db.selectFrom('api_token').select('id').where('person_id', 'in', personIds).execute();
      for (const { id } of rows) announce(id);
    },
    end(tokenId) {
      drop(({ session }) => session.id === tokenId);
      announce(tokenId);
    },
    onEnd(tokenId, callback) {
      const callbacks = listeners.get(tokenId) ?? new Set();
      listeners.set(tokenId, callbacks.add(callback));
      return () => {
        callbacks.delete(callback);
        if (callbacks.size === 0 && listeners.get(tokenId) === callbacks) listeners.delete(tokenId);
      };
    },
  };
}

/** Tokens of people who may come in. */
function selectToken(db: Db) {
  return db
    .selectFrom('api_token')
    .innerJoin('person', 'person.id', 'api_token.person_id')
    .where('person.is_disabled', '=', 0)
    .select([
      'api_token.id as token_id',
      'api_token.token_hash as token_hash',
      'api_token.scopes_json as scopes_json',
      'api_token.addresses_json as addresses_json',
      'api_token.is_elevated as is_elevated',
      'api_token.created_at as token_created_at',
      'api_token.expires_at as expires_at',
      'api_token.last_used_at as last_used_at',
      'api_token.last_address as last_address',
      'person.id as person_id',
      'person.name as name',
      'person.display_name as display_name',
      'person.role as role',
      'person.must_have_second_factor as must_have_second_factor',
      'person.has_second_factor as has_second_factor',
      'person.created_at as person_created_at',
      'person.preferences_json as preferences_json',
      'person.site_columns_json as site_columns_json',
    ]);
}
