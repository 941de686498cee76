/*
 * Roles of the panel's own, API tokens, steps of signing in, what people are told. No factor of anybody: those are the
 * agent's (decision 18).
 */

export type RoleTable = {
  id: string;
  name: string;
  /** Lower case, NFKC; unique. */
  name_key: string;
  permissions_json: string;
  site_scope: 'all' | 'assigned';
  created_at: number;
  updated_at: number;
};

/** Sites of a person whose role has the scope `assigned`. Stays when a site is deleted: the deletion may be undone. */
export type PersonSiteTable = { person_id: string; site_id: string };

export type ApiTokenTable = {
  id: string;
  person_id: string;
  name: string;
  /** SHA-256 of the whole token, hex. */
  token_hash: string;
  scopes_json: string;
  addresses_json: string;
  is_elevated: number;
  created_at: number;
  expires_at: number;
  last_used_at: number | null;
  last_address: string | null;
};

export type PersonNoticeTable = {
  id: string;
  person_id: string;
  kind: 'new_device' | 'recovery_code_used' | 'few_recovery_codes';
  at: number;
  address: string;
  user_agent: string;
  codes_left: number | null;
};

/** Browsers that signed in as this person before. */
export type KnownDeviceTable = {
  person_id: string;
  /** SHA-256 of the browser's device cookie, hex. */
  device_hash: string;
  last_seen_at: number;
};

/** A right password that waits for its second factor. */
export type SignInStepTable = {
  id: string;
  person_id: string;
  /** SHA-256 of the secret, hex; unique. */
  token_hash: string;
  kinds_json: string;
  tries: number;
  created_at: number;
  expires_at: number;
};

/** What was chosen for a role, also for a built-in one. Without a row it is `chosen`. */
export type RoleRecordingTable = { role: string; recording: string };

export type AccountTables = {
  role: RoleTable;
  role_recording: RoleRecordingTable;
  person_site: PersonSiteTable;
  api_token: ApiTokenTable;
  person_notice: PersonNoticeTable;
  known_device: KnownDeviceTable;
  sign_in_step: SignInStepTable;
};
