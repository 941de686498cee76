/** Sites: see `server/features/sites/sites.store.ts`. */
export type SiteTable = {
  id: string;
  /** Unique. */
  slug: string;
  name: string;
  /** The name as it sorts: lower case, NFKC. */
  name_key: string;
  remark: string;
  category: string;
  kind: string;
  state: string;
  failure_json: string | null;
  is_enabled: number;
  root: string;
  upstream_json: string | null;
  domains_json: string;
  custom_directives: string;
  /** `SiteSettings`, or null: the defaults. */
  settings_json: string | null;
  /** Empty until the agent has made the user. */
  linux_user: string;
  /** The ETag: rises with each change of the facts. */
  revision: number;
  /** Rises with each write of the row: what readers compare before they use a copy. */
  row_version: number;
  /** The change whose end is not known yet; null otherwise. */
  change_id: string | null;
  /** `processIdentity` of who carries out `change_id`. */
  worker: string | null;
  /** Lower case: name, slug, domains in both spellings, remark. */
  search_text: string;
  created_at: number;
  updated_at: number;
};

/** Names in use. Host and port together are the key: a name belongs to one site, whoever asks at the same moment. */
export type SiteDomainTable = { host: string; port: number; site_id: string };

export type SiteChangeTable = {
  id: string;
  site_id: string;
  site_name: string;
  action: string;
  actor_id: string;
  actor_name: string;
  at: number;
  outcome: string;
  failure: string | null;
  fields_json: string;
  /** Snapshot of the whole site before; null when there was none. */
  before_json: string | null;
  after_json: string | null;
  files_json: string;
  undoes_id: string | null;
};

export type SiteTables = { site: SiteTable; site_domain: SiteDomainTable; site_change: SiteChangeTable };
