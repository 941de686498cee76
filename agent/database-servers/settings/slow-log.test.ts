import { expect, it } from 'vitest';
import { digestOf, readSlowLog } from './slow-log.ts';

it.each([
  [
    "select * from t where a = 'it''s' and b = \"x\\\"y\" and c in (1, 2,3)",
    'select * from t where a = ? and b = ? and c in (?, …)',
  ],
  ["insert into t values (1, 'a'), (2, 'b'),(3,'c')", 'insert into t values (?, …), …'],
  [
    'select `a``1`, t1.c2 from db1.t1 where x=-1.5e3 /* secret 7 */ -- secret\n limit 5',
    'select `a``1`, t1.c2 from db1.t1 where x=-? limit ?',
  ],
  ["select 'never closed and secret", 'select ?'],
  ['select 0xDEADBEEF # secret\n, 2', 'select ? , ?'],
  ['select `never closed', 'select `never closed'],
  ['', ''],
])('a statement without its values: %j', (statement, digest) => {
  expect(digestOf(statement)).toBe(digest);
});

it('a statement of any length and kind takes a moment', () => {
  const startedAt = performance.now();
  for (const text of [
    "'".repeat(1e6),
    '/*'.repeat(5e5),
    '`'.repeat(1e6),
    '(1,'.repeat(3e5),
    ' '.repeat(1e6),
    '1'.repeat(1e6),
  ])
    digestOf(text);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
});

const entry = (who: string, seconds: string, statement: string, schema = 'shop'): string => `# Time: 261128 10:00:00
# User@Host: ${who}[${who}] @ localhost []
# Thread_id: 7  Schema: ${schema}  QC_hit: No
# Query_time: ${seconds}  Lock_time: 0.000010  Rows_sent: 2  Rows_examined: 1000
# Rows_affected: 0  Bytes_sent: 60
SET timestamp=1795860000;
${statement};
`;

it('what differs in nothing but values is one, and those that took longest in all come first', () => {
  const head =
    '/usr/sbin/mariadbd, Version: 10.11.19-MariaDB. started with:\nTcp port: 0  Unix socket: /run/x\nTime\t\t    Id Command\tArgument\n';
  const log =
    head +
    entry('shop', '0.500000', "select * from t where note = 'secret one'") +
    entry('blog', '2.000000', 'select count(*)\nfrom big', 'blog') +
    entry('shop', '1.700000', "select * from t where note = 'secret two'");
  const found = readSlowLog(log);
  expect(found).toEqual([
    {
      digest: 'select * from t where note = ?;',
      database: 'shop',
      user: 'shop',
      count: 2,
      totalMs: 2_200,
      mostMs: 1_700,
      rowsExamined: 2_000,
      rowsSent: 4,
      lastAt: '2026-11-28T10:00:00.000Z',
    },
    expect.objectContaining({ digest: 'select count(*) from big;', database: 'blog', count: 1 }),
  ]);
  expect(JSON.stringify(found)).not.toContain('secret');
});

it('a log that begins in the middle, is cut anywhere or is none answers what it has', () => {
  const log = entry('shop', '1.000000', 'select 1 from t');
  for (let at = 0; at <= log.length; at += 7) {
    expect(readSlowLog(log.slice(at) + log).length).toBeGreaterThan(0);
    readSlowLog(log.slice(0, at));
  }
  expect(readSlowLog('\0\0\n# User@Host: \n#\n')).toEqual([]);
});
