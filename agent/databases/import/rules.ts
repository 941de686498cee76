import { importFault } from './import-faults.ts';
import type { Dialect, Statement } from './statement-reader.ts';

/*
 * What dumps hold that only an administrator may do, and that means nothing in a database of its own account: whom things
 * belong to, who else may reach them, and which database it was. It is left out and counted; everything then belongs to
 * the account. This is a help for honest dumps and no barrier: that is the account itself, at the server.
 */

export type LeftOut = 'definer' | 'owner' | 'grant' | 'database' | 'setting' | 'comment';

export type Ruled = {
  /** From its first word on; undefined: nothing of it is sent. */
  readonly sql: Buffer | undefined;
  readonly leftOut?: LeftOut;
};

/** Enough of a statement to know what it is. */
const headBytes = 4_096;

/** Keeps what it has to remember of a file between its statements. */
export function createRules(dialect: Dialect): (statement: Statement) => Ruled {
  const databases = new Set<string>();
  return (statement) => {
    const { line } = statement;
    const sql = statement.sql.subarray(statement.from);
    const head = sql.toString('latin1', 0, headBytes);
    if (/^(insert|replace|copy)\b/i.test(head)) return { sql };
    if (dialect === 'postgresql') return postgresqlRule(sql, head);
    const name = /^use\s+(`(?:[^`]|``)+`|[^\s;]+)/i.exec(head)?.[1];
    if (name !== undefined) {
      databases.add(name.replace(/^`(.*)`$/, '$1').toLowerCase());
      if (databases.size > 1) throw importFault.otherDatabase(line, Buffer.from(name, 'latin1').toString('utf8'));
      return { sql: undefined, leftOut: 'database' };
    }
    return mariadbRule(sql, head);
  };
}

const version = String.raw`(?:\/\*M?!\d*\s*|\*\/\s*)`;
const quotedOrWord = String.raw`(?:\x60(?:[^\x60]|\x60\x60)*\x60|'(?:[^'\\]|''|\\.)*'|"(?:[^"\\]|""|\\.)*"|[\w$.%-]+)`;
/** CREATE … DEFINER = user@host …: before the kind of what is made, with or without comments for some versions. */
const definer = new RegExp(
  String.raw`^((?:${version}|\s+|create\b|alter\b|or\s+replace\b|algorithm\s*=\s*\w+|aggregate\b)*)definer\s*=\s*${quotedOrWord}(?:\s*\(\s*\))?(?:\s*@\s*${quotedOrWord})?`,
  'i',
);
const aboutDatabase = new RegExp(String.raw`^${version}?(create|drop|alter)\s+${version}*(database|schema)\b`, 'i');
/** Of the whole server, or of its binary log: dumps of replicated servers carry them. */
const serverSetting = new RegExp(
  String.raw`^${version}?set\s+(@@global\.|global\s|@@session\.sql_log_bin|session\s+sql_log_bin|sql_log_bin|@@gtid|@@session\.gtid)`,
  'i',
);

function mariadbRule(sql: Buffer, head: string): Ruled {
  if (aboutDatabase.test(head)) return { sql: undefined, leftOut: 'database' };
  if (serverSetting.test(head)) return { sql: undefined, leftOut: 'setting' };
  const found = definer.exec(head);
  if (found === null) return { sql };
  const [whole, before = ''] = found;
  // The lines stay the same, so that the server still names the right one.
  const lines = '\n'.repeat(whole.split('\n').length - before.split('\n').length);
  const sent = Buffer.concat([Buffer.from(before + lines, 'latin1'), sql.subarray(whole.length)]);
  return { sql: sent, leftOut: 'definer' };
}

function postgresqlRule(sql: Buffer, head: string): Ruled {
  const leftOut = postgresqlLeftOut(head);
  return leftOut === undefined ? { sql } : { sql: undefined, leftOut };
}

function postgresqlLeftOut(head: string): LeftOut | undefined {
  if (/^alter\b.*\sowner\s+to\s+(?:"(?:[^"]|"")+"|[\w$]+)\s*$/is.test(head)) return 'owner';
  if (/^set\s+session\s+authorization\b/i.test(head)) return 'owner';
  if (/^(grant|revoke|alter\s+default\s+privileges)\b/i.test(head)) return 'grant';
  if (/^(create|drop|alter|comment\s+on)\s+database\b/i.test(head)) return 'database';
  // Made with every database; it belongs to nobody of them.
  if (/^create\s+schema\s+"?public"?\s*$/i.test(head)) return 'database';
  if (/^comment\s+on\s+(extension|schema\s+"?public"?)\s/i.test(head)) return 'comment';
  return undefined;
}
