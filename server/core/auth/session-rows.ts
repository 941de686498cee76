import type { RoleId } from '#shared/access.ts';
import type { Preferences } from '#shared/settings.ts';
import type { Db } from '../../db/schema.ts';
import type { Actor } from '../actor.ts';
import type { Rights } from './rights.ts';
import { readPreferences } from './stored-preferences.ts';

export type PersonFacts = {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
  readonly role: RoleId;
  readonly roleName: string;
  readonly createdAt: number;
  readonly preferences: Preferences;
  /** They must add a second factor before anything else works. */
  readonly mustAddSecondFactor: boolean;
};

/** A living session (or token) with its person, as of at most a few seconds ago. Times are epoch ms. */
export type SignedIn = {
  readonly actor: Actor;
  readonly person: PersonFacts;
  readonly session: {
    readonly id: string;
    readonly createdAt: number;
    readonly lastUsedAt: number;
    /** Absolute end. */
    readonly endsAt: number;
    readonly elevatedUntil: number | null;
  };
};

/** Sessions of people who may come in. */
export function selectSession(db: Db) {
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
      'session.elevated_until as elevated_until',
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

export type SessionRow = NonNullable<Awaited<ReturnType<ReturnType<typeof selectSession>['executeTakeFirst']>>>;

type PersonColumns = Omit<
  SessionRow,
  'session_id' | 'token_hash' | 'session_created_at' | 'last_used_at' | 'expires_at' | 'elevated_until'
>;

export function toPersonFacts(row: PersonColumns, { roleName }: Rights): PersonFacts {
  return {
    id: row.person_id,
    name: row.name,
    displayName: row.display_name,
    role: row.role,
    roleName,
    createdAt: row.person_created_at,
    preferences: readPreferences(row),
    mustAddSecondFactor: row.must_have_second_factor === 1 && row.has_second_factor === 0,
  };
}

export function toSignedIn(row: SessionRow, rights: Rights): SignedIn {
  const { permissions, siteScope, siteIds } = rights;
  const actor = { id: row.person_id, name: row.name, role: row.role, sessionId: row.session_id };
  return {
    actor: { ...actor, permissions, siteScope, siteIds },
    person: toPersonFacts(row, rights),
    session: {
      id: row.session_id,
      createdAt: row.session_created_at,
      lastUsedAt: row.last_used_at,
      endsAt: row.expires_at,
      elevatedUntil: row.elevated_until,
    },
  };
}
