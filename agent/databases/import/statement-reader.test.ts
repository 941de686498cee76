import { expect, it } from 'vitest';
import { createRules } from './rules.ts';
import { StatementReader, type Dialect } from './statement-reader.ts';

async function* pieces(text: string, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

type Read = { readonly line: number; readonly sql: string; readonly rows?: string };

/** As the server would get it; the rows of a COPY behind their statement. */
async function read(dialect: Dialect, text: string, size = text.length + 1, most = 1024 ** 2): Promise<Read[]> {
  const reader = new StatementReader(dialect, pieces(text, size), most);
  const found: Read[] = [];
  for (;;) {
    const statement = await reader.next();
    if (statement === undefined) return found;
    const sql = statement.sql.toString('utf8', statement.from);
    if (!/^copy .* from stdin/is.test(sql)) found.push({ line: statement.line, sql });
    else {
      const rows: Buffer[] = [];
      for await (const piece of reader.rows()) rows.push(piece);
      found.push({ line: statement.line, sql, rows: Buffer.concat(rows).toString() });
    }
  }
}

const mariadb = String.raw`/*!999999\- enable the sandbox mode */
-- MariaDB dump; 'quoted
/*!40101 SET NAMES utf8mb4 */;
# another; comment
INSERT INTO ${'`a;b``c`'} VALUES
(1,'it''s; \'here\\','x'),(2,"a;\"b",0xAB);
select 1 -- not; the end
 , 2 /* ; */;;
DELIMITER ;;
/*!50003 CREATE*/ /*!50017 DEFINER=root@localhost*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN
  SET @a = 1; SET @b = '--;;';
END */;;
delimiter ;
select 5--1;
select 'دفتر';
select 3`;

const postgresql = String.raw`\restrict abcDEF
SET standard_conforming_strings = on;
/* a /* nested; */ comment; */
SELECT 'a\'; select "x;"";" from t;
SELECT E'it\'s; \\';
CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $_$ begin return $1$ 1; end; $_$;
CREATE OR REPLACE FUNCTION g(a int) RETURNS int BEGIN ATOMIC SELECT case when a > 1 then 1 else 2 end; SELECT 2; END;
CREATE RULE r AS ON INSERT TO t DO (INSERT INTO a VALUES (1); INSERT INTO b VALUES (2));
COPY public.t (a, b) FROM stdin;
1	it's; $$
\.x	\\.
2	\N
\.
COPY e FROM stdin;
\.
select $1 + 2 $a;
\unrestrict abcDEF`;

it('CMD-4 a dump of MariaDB is divided as its client divides it, wherever its pieces end', async () => {
  const whole = await read('mariadb', mariadb);
  expect(whole.map(({ line, sql }) => `${line}: ${sql.replaceAll(/\s+/g, ' ').slice(0, 46)}`)).toEqual([
    '1: /*!999999\\- enable the sandbox mode */ -- Mari',
    "5: INSERT INTO `a;b``c` VALUES (1,'it''s; \\'here\\",
    '7: select 1 -- not; the end , 2 /* ; */',
    '10: /*!50003 CREATE*/ /*!50017 DEFINER=root@localh',
    '14: select 5--1',
    "15: select 'دفتر'",
    '16: select 3',
  ]);
  expect(whole[3]?.sql).toContain("SET @b = '--;;';\nEND */");
  for (let size = 1; size < 40; size += 1) expect(await read('mariadb', mariadb, size)).toEqual(whole);
});

it('CMD-4 a dump of PostgreSQL is divided as psql divides it, and the rows of COPY come through', async () => {
  const whole = await read('postgresql', postgresql);
  expect(whole.map(({ line, sql }) => `${line}: ${sql.replaceAll(/\s+/g, ' ').slice(0, 30)}`)).toEqual(
    [
      '2: SET standard_conforming_strings',
      "4: SELECT 'a\\'",
      '4: select "x;"";" from t',
      "5: SELECT E'it\\'s; \\\\'",
      '6: CREATE FUNCTION f() RETURNS in',
      '7: CREATE OR REPLACE FUNCTION g(a',
      '8: CREATE RULE r AS ON INSERT TO ',
      '9: COPY public.t (a, b) FROM stdi',
      '14: COPY e FROM stdin',
      '16: select $1 + 2 $a',
    ].map((each) => each.replace('strings', 'string')),
  );
  expect(whole[7]?.rows).toBe("1\tit's; $$\n\\.x\t\\\\.\n2\t\\N\n");
  expect(whole[8]?.rows).toBe('');
  for (let size = 1; size < 40; size += 1) expect(await read('postgresql', postgresql, size)).toEqual(whole);
});

it.each([
  ['mariadb', "insert into a values ('cut", 'database_import_cut_short', 1],
  ['mariadb', 'select 1;\nselect /* cut', 'database_import_cut_short', 2],
  ['postgresql', 'select 1;\n\nselect $x$ cut', 'database_import_cut_short', 3],
  ['postgresql', 'select 1;\ncopy a from stdin;\n1\n2\n', 'database_import_cut_short', 2],
  ['postgresql', 'select 1;\n\\! touch /tmp/x\n', 'database_import_client_command', 2],
  ['postgresql', "\\copy a from program 'id'\n", 'database_import_client_command', 1],
  ['postgresql', "\\o |sh\nselect 'touch /tmp/x';\n", 'database_import_client_command', 1],
  ['postgresql', '\\restrict a\\! id\n', 'database_import_client_command', 1],
  ['postgresql', '\\connect one\nselect 1;\n\\connect two\n', 'database_import_client_command', 3],
] as const)('SQL-4 %s: %j is refused with its line', async (dialect, text, reason, line) => {
  for (const size of [1, 7, 100])
    await expect(read(dialect, text, size)).rejects.toMatchObject({ reason, params: { line } });
});

it('a statement that never ends is refused before it is held', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from("select 1;\nselect '");
    for (let round = 0; round < 1_000; round += 1) yield Buffer.alloc(64 * 1024, 'x');
    throw new Error('it was read on');
  }
  const reader = new StatementReader('mariadb', endless(), 1024 ** 2);
  await reader.next();
  await expect(reader.next()).rejects.toMatchObject({ reason: 'database_import_long', params: { line: 2 } });
});

const sent = (dialect: Dialect, ...texts: string[]): string[] => {
  const rule = createRules(dialect);
  return texts.map((text, at) => {
    const { sql, leftOut } = rule({ sql: Buffer.from(text), from: 0, line: at + 1 });
    return `${leftOut ?? 'as it is'}: ${sql?.toString() ?? ''}`;
  });
};

it('what only an administrator may say of a dump is left out, and nothing of its data', () => {
  expect(
    sent(
      'mariadb',
      'CREATE DATABASE /*!32312 IF NOT EXISTS*/ `shop`',
      '/*!40000 DROP DATABASE IF EXISTS `shop`*/',
      'USE `shop`',
      "SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ 'x'",
      'SET @@SESSION.SQL_LOG_BIN= 0',
      '/*!50003 CREATE*/ /*!50017 DEFINER=`ro``ot`@`%`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @a=1 */',
      '/*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013 DEFINER=`root`@`localhost` SQL SECURITY DEFINER */\n/*!50001 VIEW v AS select 1 */',
      "CREATE OR REPLACE DEFINER = 'a'@'b' PROCEDURE p() select 'DEFINER=`x`@`y`'",
      "INSERT INTO t VALUES ('CREATE DEFINER=`x`@`y` VIEW')",
      'GRANT ALL ON *.* TO x',
    ),
  ).toEqual([
    'database: ',
    'database: ',
    'database: ',
    'setting: ',
    'setting: ',
    'definer: /*!50003 CREATE*/ /*!50017 */ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @a=1 */',
    'definer: /*!50001 CREATE ALGORITHM=UNDEFINED */\n/*!50013  SQL SECURITY DEFINER */\n/*!50001 VIEW v AS select 1 */',
    "definer: CREATE OR REPLACE  PROCEDURE p() select 'DEFINER=`x`@`y`'",
    "as it is: INSERT INTO t VALUES ('CREATE DEFINER=`x`@`y` VIEW')",
    'as it is: GRANT ALL ON *.* TO x',
  ]);
  expect(
    sent(
      'postgresql',
      'ALTER TABLE ONLY "public"."a" OWNER TO "some one"',
      'ALTER TABLE public.a OWNER TO someone',
      'GRANT ALL ON TABLE public.a TO someone',
      "COMMENT ON EXTENSION plpgsql IS 'x'",
      "ALTER DATABASE shop SET work_mem = '1GB'",
      "ALTER TABLE a ADD COLUMN owner text DEFAULT 'OWNER TO x'",
    ),
  ).toEqual([
    'owner: ',
    'owner: ',
    'grant: ',
    'comment: ',
    'database: ',
    "as it is: ALTER TABLE a ADD COLUMN owner text DEFAULT 'OWNER TO x'",
  ]);
  expect(() => sent('mariadb', 'USE a', 'USE `a`', 'USE b')).toThrow('more than one');
});
