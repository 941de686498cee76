import { ServerError, type ServerLink } from '../wire/link.ts';
import { serverFault } from './import-faults.ts';
import { createRules, type LeftOut } from './rules.ts';
import { StatementReader, type Dialect, type Statement } from './statement-reader.ts';

/** A longer statement than this is held by nobody, whatever the server would take. */
const mostStatementBytes = 128 * 1024 * 1024;
/** Rows that follow each other are sent together: what one answer takes costs more than a row. */
const batchBytes = 256 * 1024;
const mostInBatch = 1_000;

export type Loaded = {
  readonly statements: number;
  readonly leftOut: ReadonlyMap<LeftOut, number>;
  /** Settings that this server does not know. */
  readonly unknownSettings: readonly string[];
};

/**
 * Sends a text of SQL to a server, statement by statement, and stops at the first one that is refused. Throws
 * `database_import_*` with the line in the text.
 */
export async function loadStatements(
  link: ServerLink,
  dialect: Dialect,
  chunks: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<Loaded> {
  const reader = new StatementReader(dialect, chunks, Math.min(link.mostBytes, mostStatementBytes));
  const rule = createRules(dialect);
  const leftOut = new Map<LeftOut, number>();
  const unknownSettings: string[] = [];
  let statements = 0;
  let batch: (Statement & { readonly sent: Buffer })[] = [];
  let held = 0;

  const flush = async (): Promise<void> => {
    if (batch.length === 0) return;
    const all = batch;
    batch = [];
    held = 0;
    const separator = Buffer.from(';\n');
    try {
      await link.run(
        all.length === 1 && all[0] !== undefined
          ? all[0].sent
          : Buffer.concat(all.flatMap(({ sent }) => [sent, separator])),
      );
      statements += all.length;
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      const failed = all[Math.min(error.done, all.length - 1)];
      throw serverFault(error, failed?.line ?? reader.line);
    }
  };

  for (;;) {
    signal.throwIfAborted();
    const statement = await reader.next();
    if (statement === undefined) break;
    const ruled = rule(statement);
    if (ruled.leftOut !== undefined) leftOut.set(ruled.leftOut, (leftOut.get(ruled.leftOut) ?? 0) + 1);
    const { sql: sent } = ruled;
    if (sent === undefined) continue;
    if (isRow(sent) && sent.length < batchBytes) {
      batch.push({ ...statement, sent });
      held += sent.length;
      if (held > batchBytes || batch.length >= mostInBatch) await flush();
      continue;
    }
    await flush();
    let rowsFrom = 0;
    try {
      await link.run(sent, () => {
        rowsFrom = reader.line + 1;
        return reader.rows();
      });
      statements += 1;
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      const setting = unknownSetting(error, sent);
      if (setting !== undefined) {
        unknownSettings.push(setting);
        continue;
      }
      throw serverFault(error, lineOf(error, statement, sent, rowsFrom));
    }
  }
  await flush();
  return { statements, leftOut, unknownSettings };
}

/** For the log of whatever loads. `user`: the account. */
export function sayLoaded(
  say: (line: string) => void,
  user: string,
  { statements, leftOut, unknownSettings }: Loaded,
): void {
  say(`${statements} statements were done.`);
  for (const [what, count] of leftOut) say(`Left out: ${count} × ${what}.`);
  if ((leftOut.get('definer') ?? 0) + (leftOut.get('owner') ?? 0) > 0) say(`What was made belongs to ${user}.`);
  if (unknownSettings.length > 0) say(`Settings that this server does not know: ${unknownSettings.join(', ')}.`);
}

const isRow = (sql: Buffer): boolean => /^(insert|replace)\s/i.test(sql.toString('latin1', 0, 10));

/** A newer pg_dump sets what an older server does not have, for the time of the import only. */
function unknownSetting({ code }: ServerError, sql: Buffer): string | undefined {
  if (code !== '42704') return undefined;
  return /^set\s+([a-z_]+)\s*(?:=|to)/i.exec(sql.toString('latin1', 0, 100))?.[1];
}

/** MariaDB says the line in what it was sent, PostgreSQL the character, or the row of a COPY. */
function lineOf({ more: at, message }: ServerError, { line }: Statement, sql: Buffer, rowsFrom: number): number {
  if (at.row !== undefined && rowsFrom > 0) return rowsFrom + at.row - 1;
  if (at.character !== undefined) {
    let [left, lines] = [at.character, 0];
    for (const sign of sql.toString('utf8', 0, Math.min(sql.length, at.character * 4))) {
      if (--left === 0) break;
      if (sign === '\n') lines += 1;
    }
    return line + lines;
  }
  const said = Number(/ at line (\d+)$/.exec(message)?.[1] ?? '1');
  return line + said - 1;
}
