import type { DatabaseEngine } from './databases.ts';

/* What a statement is by its first word: for the audit log, and as one more fence around what only reads. */

const readingWords: Readonly<Record<DatabaseEngine, readonly string[]>> = {
  mariadb: ['SELECT', 'WITH', 'SHOW', 'EXPLAIN', 'DESCRIBE', 'DESC', 'VALUES', 'TABLE', 'CHECKSUM', 'HELP'],
  postgresql: ['SELECT', 'WITH', 'SHOW', 'EXPLAIN', 'VALUES', 'TABLE'],
};

const knownWords = new Set(
  (
    'ALTER ANALYZE BEGIN CALL CHECK CHECKSUM CLUSTER COMMENT COMMIT COPY CREATE DELETE DESC DESCRIBE DO DROP EXECUTE EXPLAIN ' +
    'FLUSH GRANT HANDLER HELP IMPORT INSERT KILL LOAD LOCK MERGE NOTIFY OPTIMIZE PREPARE REASSIGN REFRESH REINDEX RENAME ' +
    'REPAIR REPLACE RESET REVOKE ROLLBACK SELECT SET SHOW SIGNAL START TABLE TRUNCATE UNLOCK UPDATE USE VACUUM VALUES WITH'
  ).split(' '),
);

/** Its first word in capitals, past comments and brackets; `OTHER`: none that is known. Comments that are run are not passed. */
export function kindOf(engine: DatabaseEngine, statement: string): string {
  const word = /^[A-Za-z]+/.exec(statement.slice(startOf(engine, statement)))?.[0].toUpperCase() ?? '';
  return knownWords.has(word) ? word : 'OTHER';
}

export const isReading = (engine: DatabaseEngine, kind: string): boolean => readingWords[engine].includes(kind);

function startOf(engine: DatabaseEngine, text: string): number {
  let at = 0;
  for (;;) {
    while (/[\s(]/.test(text.charAt(at))) at += 1;
    if (text.startsWith('--', at) || (engine === 'mariadb' && text.charAt(at) === '#')) {
      const end = text.indexOf('\n', at);
      if (end === -1) return text.length;
      at = end + 1;
    } else if (text.startsWith('/*', at) && !/^\/\*M?!/.test(text.slice(at, at + 4))) {
      at = endOfComment(engine, text, at);
    } else return at;
  }
}

function endOfComment(engine: DatabaseEngine, text: string, from: number): number {
  let depth = 1;
  let at = from + 2;
  while (depth > 0 && at < text.length) {
    if (text.startsWith('*/', at)) {
      depth -= 1;
      at += 2;
    } else if (engine === 'postgresql' && text.startsWith('/*', at)) {
      depth += 1;
      at += 2;
    } else at += 1;
  }
  return at;
}

/** What is not kept anywhere: it names a password. */
export const isSecret = (statement: string): boolean => /password|passwd|identified|secret|credential/i.test(statement);
