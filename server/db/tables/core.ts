import type { RoleId } from '#shared/access.ts';

/*
 * Columns as they are stored, the same on every database: `*_at` epoch milliseconds, `is_*` 0 or 1, `*_json` JSON text.
 * Stores turn them into the shapes of `shared/`.
 */

export type PersonTable = {
  id: string;
  /** Lower case; unique. */
  name: string;
  display_name: string;
  role: RoleId;
  is_disabled: number;
  must_have_second_factor: number;
  /** A copy of what the agent said last, for the screens; the agent itself looks into its register. */
  has_second_factor: number;
  last_seen_at: number | null;
  preferences_json: string;
  /** null: nothing was chosen. */
  site_columns_json: string | null;
  created_at: number;
  updated_at: number;
};

export type SessionTable = {
  id: string;
  person_id: string;
  /** HMAC-SHA256 of the cookie's token with the session key, hex; unique. */
  token_hash: string;
  address: string;
  user_agent: string;
  created_at: number;
  last_used_at: number;
  /** The absolute end, whatever the use. */
  expires_at: number;
  /** What the screens show; whether an elevation counts is the agent's to say. */
  elevated_until: number | null;
};

export type OneTimeLinkTable = {
  id: string;
  purpose: 'first_run' | 'sign_in';
  /** Whom it signs in; null for the first run. */
  person_id: string | null;
  /** SHA-256 of the token, hex; unique. */
  token_hash: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
};

export type AuditTable = {
  id: string;
  at: number;
  actor_id: string | null;
  actor_name: string;
  /** Id of the operation, or a dotted name for what no request asked for. */
  action: string;
  target: string;
  outcome: 'started' | 'done' | 'refused' | 'failed';
  address: string;
  request_id: string;
  detail_json: string;
  ended_at: number | null;
  /** 0: written when all was over; there is no line `started` in the chain. */
  has_start: number;
  /** Number and HMAC of the line `started` in the agent's chain; null until the agent has it. */
  start_sequence: number | null;
  start_mac: string | null;
  /** The same of the line with the outcome. */
  end_sequence: number | null;
  end_mac: string | null;
  /** 1: the agent lacks a line of this row. */
  is_pending: number;
};

export type IdempotencyTable = {
  /** SHA-256 of person, operation and key, hex. */
  id: string;
  /** HMAC of the request's parameters and body, hex. */
  request_hash: string;
  /** null while the first request is under way. */
  status: number | null;
  answer_json: string | null;
  created_at: number;
  expires_at: number;
};

export type SettingTable = { name: string; value_json: string; updated_at: number };

export type CoreTables = {
  person: PersonTable;
  session: SessionTable;
  one_time_link: OneTimeLinkTable;
  audit: AuditTable;
  idempotency: IdempotencyTable;
  setting: SettingTable;
};
