import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

/** For tests: a server with aaPanel, as its own files lie there. */
export type OldServer = {
  readonly root: string;
  site(row: OldSite): number;
  file(path: string, text: string): void;
  /** The file of nginx for a site, made of one of `agent/aapanel/testdata`. */
  vhost(name: string, from: string, change?: (text: string) => string): void;
  /** For what is not in the rows above. */
  sql(text: string): void;
  close(): void;
};

export type OldSite = {
  readonly name: string;
  readonly path?: string;
  readonly domains?: readonly (string | readonly [string, number])[];
  readonly type?: string;
  readonly status?: string;
  readonly remark?: string;
  readonly edate?: string;
};

const tables = `
  create table sites (id integer primary key autoincrement, name text, path text, status text, "index" text, ps text,
    addtime text, type_id integer default 0, edate text default '0000-00-00', project_type text default 'PHP',
    project_config text default '{}', rname text default '', stop text default '');
  create table domain (id integer primary key autoincrement, pid integer, name text, port integer, addtime text);
  create table binding (id integer primary key autoincrement, pid integer, domain text, path text, port integer, addtime text);
  create table site_types (id integer primary key, name text, ps text);
`;
const others = `
  create table databases (id integer primary key autoincrement, pid integer, name text, username text, password text,
    accept text, ps text, addtime text, db_type text default '0', conn_config text, sid integer, type text default 'MySQL');
`;

export function makeOldServer(root: string, layout: 'single' | 'split'): OldServer {
  const panel = `${root}/www/server/panel`;
  for (const folder of ['data/db', 'vhost/nginx', 'vhost/rewrite', 'vhost/cert'])
    mkdirSync(`${panel}/${folder}`, { recursive: true });
  mkdirSync(`${root}/www/wwwroot`, { recursive: true });
  const single = new DatabaseSync(`${panel}/data/default.db`);
  const sites = layout === 'single' ? single : new DatabaseSync(`${panel}/data/db/site.db`);
  const databases = layout === 'single' ? single : new DatabaseSync(`${panel}/data/db/database.db`);
  sites.exec(tables);
  databases.exec(others);
  single.exec('create table users (id integer primary key, username text, password text)');
  single.exec("insert into users values (1, 'admin', 'the hash of a password')");
  return {
    root,
    site({ name, path = `/www/wwwroot/${name}`, domains = [name], type = 'PHP', status = '1', remark = '', edate }) {
      const { lastInsertRowid } = sites
        .prepare('insert into sites (name, path, status, ps, project_type, edate) values (?, ?, ?, ?, ?, ?)')
        .run(name, path, status, remark, type, edate ?? '0000-00-00');
      const id = Number(lastInsertRowid);
      for (const each of domains) {
        const [host, port] = typeof each === 'string' ? [each, 80] : each;
        sites.prepare('insert into domain (pid, name, port) values (?, ?, ?)').run(id, host, port);
      }
      return id;
    },
    file(path, text) {
      mkdirSync(`${root}${path.slice(0, path.lastIndexOf('/'))}`, { recursive: true });
      writeFileSync(root + path, text);
    },
    vhost(name, from, change = (text) => text) {
      const text = readFileSync(new URL(`../aapanel/testdata/${from}`, import.meta.url), 'utf8');
      this.file(`/www/server/panel/vhost/nginx/${name}.conf`, change(text));
    },
    sql(text) {
      (text.includes('databases') ? databases : sites).exec(text);
    },
    close() {
      for (const db of new Set([single, sites, databases])) db.close();
    },
  };
}
