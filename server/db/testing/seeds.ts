import { expect } from 'vitest';
import type { Kysely } from 'kysely';
import type { Db } from '../schema.ts';

/** Rows as an earlier version of the panel left them, and what of them must still be there in the newest schema. */
export type Seed = { plant(db: Db): Promise<void>; check(db: Db): Promise<void> };

type Row = Record<string, string | number | null>;
type Loose = Kysely<Record<string, Row>>;

const person: Row = {
  id: 'p1',
  name: 'salma',
  display_name: 'سلمى 🌙',
  role: 'owner',
  is_disabled: 0,
  preferences_json: '{}',
  created_at: 1,
  updated_at: 2,
};
const session: Row = {
  id: 's1',
  person_id: 'p1',
  token_hash: 'hash',
  address: '192.0.2.1',
  user_agent: 'test',
  created_at: 1,
  last_used_at: 2,
  expires_at: 3,
};
const audit: Row = {
  id: 'a1',
  at: 1,
  actor_id: 'p1',
  actor_name: 'salma',
  action: 'signIn',
  target: '',
  outcome: 'done',
  address: '192.0.2.1',
  request_id: 'r',
  detail_json: '{}',
};
const setting: Row = { name: 'theme', value_json: '"dark"', updated_at: 253_402_300_799_999 };
const site: Row = {
  id: 'site1',
  slug: 'shop',
  name: 'متجر',
  name_key: 'متجر',
  remark: '',
  category: '',
  kind: 'static',
  state: 'active',
  is_enabled: 1,
  root: '/srv/shop',
  domains_json: '[]',
  custom_directives: '',
  linux_user: 'site1',
  revision: 1,
  row_version: 1,
  search_text: 'shop',
  created_at: 1,
  updated_at: 1,
};
const domain: Row = { host: 'shop.example', port: 80, site_id: 'site1' };
const job: Row = {
  id: 'job1',
  kind: 'sites.apply',
  subject_json: '{}',
  params_json: '{}',
  state: 'done',
  steps_json: '[]',
  memory_json: '{}',
  attempts: 1,
  actor_id: 'p1',
  actor_name: 'salma',
  log_bytes: 4,
  created_at: 1,
};
const jobLog: Row = { job_id: 'job1', seq: 1, at: 1, stream: 'out', text: 'مرحبا' };
const role: Row = {
  id: 'r1',
  name: 'Night shift',
  name_key: 'night shift',
  permissions_json: '[]',
  site_scope: 'all',
  created_at: 1,
  updated_at: 1,
};
const personSite: Row = { person_id: 'p1', site_id: 'site1' };

/** The rows that a database had whose newest migration was `name`; a later one than these has the same. */
function rowsOf(name: string): [table: string, row: Row][] {
  const hasHash = name < '0004';
  const rows: [string, Row][] = [
    ['person', hasHash ? { ...person, password_hash: 'x' } : person],
    ['session', session],
    ['audit', audit],
    ['setting', setting],
  ];
  if (name >= '0002') rows.push(['site', site], ['site_domain', domain]);
  if (name >= '0003') rows.push(['job', job], ['job_log', jobLog]);
  if (name >= '0004') rows.push(['role', role], ['person_site', personSite]);
  return rows;
}

/** Passwords cannot be carried over by 0004: there the people go, and with them what hangs on them. */
const lostBefore0004 = ['person', 'session'];

export function seedOf(name: string): Seed {
  return {
    async plant(db) {
      for (const [table, row] of rowsOf(name)) await (db as unknown as Loose).insertInto(table).values(row).execute();
    },
    async check(db) {
      for (const [table, row] of rowsOf(name)) {
        const found = await (db as unknown as Loose).selectFrom(table).selectAll().execute();
        if (name < '0004' && lostBefore0004.includes(table)) expect(found, table).toEqual([]);
        else expect(found, table).toMatchObject([row]);
      }
    },
  };
}
