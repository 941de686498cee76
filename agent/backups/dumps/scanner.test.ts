import { once } from 'node:events';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { DumpScanner, readerFor } from './dump-scanner.ts';
import { MariadbFilter, type MariadbPieces } from './mariadb-filter.ts';
import { MariadbReader } from './mariadb-reader.ts';
import { RowSums } from './row-sums.ts';
import { parseHead, headLine } from './stream.ts';

type Engine = 'mariadb' | 'postgresql';

function factsOf(engine: Engine, text: string | Buffer, pieceBytes = 65_536): unknown {
  const reader = readerFor(engine);
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.read(bytes.subarray(at, at + pieceBytes));
  return { ...reader.content(), isComplete: reader.isComplete };
}

const mariadb = String.raw`/*M!999999\- enable the sandbox mode */
-- MariaDB dump 10.19
/*!40101 SET NAMES utf8mb4 */;
DROP TABLE IF EXISTS ${'`a``b (1`'};
CREATE TABLE ${'`a``b (1`'} (${'`v;`'} text DEFAULT 'x;\'y' COMMENT '-- no; end') ENGINE=InnoDB;
LOCK TABLES ${'`a``b (1`'} WRITE;
INSERT INTO ${'`a``b (1`'} VALUES
('one\nINSERT INTO ${'`other`'} VALUES\n(1);\n'),
('two;'),
('-- Dump completed');
INSERT INTO ${'`a``b (1`'} VALUES
('three');
UNLOCK TABLES;
CREATE TABLE ${'`line'}
${'end`'} (id int);
INSERT INTO ${'`line'}
${'end`'} (${'`VALUES`'}, b) VALUES (1,'a),(b'),(2,'it\'s;'),(3,NULL);
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=${'`root`@`localhost`'}*/ /*!50003 trigger t1 before insert on x for each row begin
INSERT INTO ${'`not`'} VALUES
(1);
/* comment ;;
DELIMITER ;
CREATE VIEW */ set @a = ';;CREATE EVENT';
end */;;
CREATE DEFINER=${'`a b`@`%`'} PROCEDURE ${'`p`'}()
begin # a comment with an apostrophe: isn't
-- another one ;; isn't
  select 1; end ;;
CREATE AGGREGATE FUNCTION f(x int) returns int return 1 ;;
/*!50106 CREATE*/ /*!50117 DEFINER=${'`root`@`localhost`'}*/ /*!50106 EVENT ${'`e`'} ON SCHEDULE EVERY 1 DAY DO select 1 */ ;;
DELIMITER ;
/*!50001 CREATE VIEW ${'`v`'} AS SELECT
 1 AS ${'`a`'} */;
/*!50001 CREATE ALGORITHM=UNDEFINED */
/*!50013 DEFINER=${'`root`@`localhost`'} SQL SECURITY DEFINER */
/*!50001 VIEW ${'`v`'} AS select 1 AS ${'`a`'} */;
-- Dump completed
`;

const postgres = String.raw`--
-- PostgreSQL database dump
--

\restrict abc

SELECT pg_catalog.set_config('search_path', '', false);
CREATE FUNCTION public.f() RETURNS text LANGUAGE sql AS $x$
COPY public.no FROM stdin;
\.
CREATE VIEW no AS select $y$ $1 $x$;
CREATE FUNCTION public.g() RETURNS text LANGUAGE sql AS '
COPY public.no FROM stdin;
it''s';
CREATE FUNCTION public.h() RETURNS text LANGUAGE c AS E'\'; COPY public.no FROM stdin;\n';
/* nested /* comment */ CREATE VIEW no; */
CREATE VIEW "public"."v" AS SELECT 1;
CREATE OR REPLACE VIEW "public"."v" AS SELECT 1;
CREATE CONSTRAINT TRIGGER t AFTER INSERT ON x EXECUTE FUNCTION f();
CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();
COPY "public"."t" ("id", "FROM stdin;") FROM stdin;
1	one\nCOPY x FROM stdin;
2	\\.
\.x	3
\.

COPY "public"."A ""b
c" ("id") FROM stdin;
\.

SELECT pg_catalog.lowrite(0, '\x0011');
-- PostgreSQL database dump complete
--

\unrestrict abc
`;

describe('the scanner', () => {
  it('is not confused by data, names, routines and comments that look like SQL, wherever a piece ends', () => {
    const whole = factsOf('mariadb', mariadb);
    expect(whole).toMatchObject({
      tables: [
        { name: 'a`b (1', rows: 4 },
        { name: 'line\nend', rows: 3 },
      ],
      counts: { routines: 2, triggers: 1, views: 1, events: 1 },
      isComplete: true,
    });
    for (const size of [1, 2, 3, 7, 64]) expect(factsOf('mariadb', mariadb, size)).toEqual(whole);
    const other = factsOf('postgresql', postgres);
    expect(other).toMatchObject({
      tables: [
        { name: 'public.t', rows: 3 },
        { name: 'public."A ""b\nc"', rows: 0 },
        { name: 'pg_catalog.pg_largeobject', rows: 1 },
      ],
      counts: { routines: 3, triggers: 1, views: 1, events: 1 },
      isComplete: true,
    });
    for (const size of [1, 2, 3, 7, 64]) expect(factsOf('postgresql', postgres, size)).toEqual(other);
  });

  it('sees every other byte of data in the hash of its table, and in no other', () => {
    const hashes = (text: string): string[] =>
      (factsOf('mariadb', text) as { tables: { sha256: string }[] }).tables.map(({ sha256 }) => sha256);
    const [first, second] = hashes(mariadb);
    expect(hashes(mariadb.replace("('two;')", "('twO;')"))[0]).not.toBe(first);
    expect(hashes(mariadb.replace("('two;')", "('twO;')"))[1]).toBe(second);
  });

  it('P4.2-4 takes no dump for whole that is cut anywhere before its last line', () => {
    for (const [engine, text] of [
      ['mariadb', mariadb],
      ['postgresql', postgres],
    ] as const) {
      const mark = text.lastIndexOf(engine === 'mariadb' ? 'completed' : 'complete\n');
      for (let at = 0; at <= mark; at += 1)
        expect(factsOf(engine, text.slice(0, at))).toMatchObject({ isComplete: false });
      expect(factsOf(engine, `${text}CREATE TABLE more (id int);`)).toMatchObject({ isComplete: false });
    }
  });

  it('passes every byte through, and fails at the end when what is asked then fails', async () => {
    const pass = new DumpScanner(readerFor('mariadb'));
    expect((await buffer(Readable.from([Buffer.from(mariadb)]).pipe(pass))).toString()).toBe(mariadb);
    const fail = new DumpScanner(readerFor('mariadb'), async () => await Promise.reject(new Error('no')));
    fail.end('x');
    fail.resume();
    const [error] = (await once(fail, 'error')) as [Error];
    expect(error.message).toBe('no');
  });

  it('writes facts of the database into a first line that cannot end early', () => {
    const head = { charset: 'utf8mb4', odd: '\n*/; DROP TABLE x; --\r' };
    const line = headLine(head);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(parseHead(line.trimEnd())).toEqual(head);
    expect(parseHead('-- MariaDB dump')).toBeUndefined();
  });
});

describe('the filter before a load', () => {
  const filtered = async (text: string, pieces: MariadbPieces, size = 65_536): Promise<string> => {
    const filter = new MariadbFilter(pieces, 'the`goal');
    const bytes = Buffer.from(text);
    const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.subarray(at * size, (at + 1) * size),
    );
    return (await buffer(Readable.from(parts).pipe(filter))).toString();
  };

  it('lets a whole dump pass byte for byte, and of a part only what belongs to it', async () => {
    expect(await filtered(mariadb, 'all')).toBe(mariadb);
    for (const pieces of ['code', 'tables', 'no_events'] as const) {
      const text = await filtered(mariadb, pieces);
      for (const size of [1, 5]) expect(await filtered(mariadb, pieces, size)).toBe(text);
      const facts = factsOf('mariadb', text) as { tables: unknown[]; counts: Record<string, number> };
      expect(facts.tables.length).toBe(pieces === 'code' ? 0 : 2);
      expect(facts.counts['routines']).toBe(pieces === 'tables' ? 0 : 2);
      expect(facts.counts['events']).toBe(pieces === 'code' ? 1 : 0);
    }
  });

  it('names its own database in the one statement that names one, and refuses whatever no dump has', async () => {
    const statement = 'ALTER DATABASE `old` CHARACTER SET latin1 COLLATE latin1_bin ;';
    expect(await filtered(`${statement}\n`, 'all')).toContain(
      'ALTER DATABASE `the``goal` CHARACTER SET latin1 COLLATE latin1_bin ;',
    );
    for (const hostile of [
      'USE mysql;',
      'CREATE DATABASE x;',
      'DROP DATABASE x;',
      'GRANT ALL ON *.* TO x;',
      'INSERT INTO `a`.`b` VALUES\n(1);',
      'CREATE USER x;',
      'LOAD DATA INFILE x;',
      'DROP USER x;',
      'SELECT 1;',
      '/*!50001 INSTALL SONAME x */;',
    ])
      await expect(filtered(hostile, 'all'), hostile).rejects.toThrow('a statement that no dump has');
  });
});

describe('the sum of rows', () => {
  const sumOf = (text: string, size = 65_536): string[] => {
    const sums = new RowSums(['t', 'w']);
    const reader = new MariadbReader(undefined, sums);
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; at += size) reader.read(bytes.subarray(at, at + size));
    return sums.list();
  };
  const insert = (...rows: string[]): string => `INSERT INTO \`t\` VALUES\n${rows.join(',\n')};\n`;

  it('does not depend on order, statements or pieces, and on every row', () => {
    const sum = sumOf(insert('(1)', '(2)', '(33)'));
    expect(sumOf(insert('(33)', '(1)', '(2)'))).toEqual(sum);
    expect(sumOf(insert('(2)', '(33)') + insert('(1)'))).toEqual(sum);
    for (const size of [1, 2, 3, 5]) expect(sumOf(insert('(33)', '(2)', '(1)'), size)).toEqual(sum);
    expect(sumOf(insert('(1)', '(2)', '(34)'))).not.toEqual(sum);
    expect(sumOf(insert('(1)', '(2)'))).not.toEqual(sum);
    expect(sumOf(insert('(1)', '(2)', '(33)').replace('`t`', '`w`'))).not.toEqual(sum);
  });
});
