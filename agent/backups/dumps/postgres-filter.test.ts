import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { PostgresFilter } from './postgres-filter.ts';

const end = '\n--\n-- PostgreSQL database dump complete\n--\n';

async function filtered(sql: string, pieceBytes = 7): Promise<{ passed: string; filter: PostgresFilter }> {
  const filter = new PostgresFilter({
    owner: 'site',
    superusers: new Set(['postgres', 'pg_read_all_data']),
    schemas: new Set(['ext']),
  });
  const bytes = Buffer.from(`${sql}${end}`);
  const pieces = Array.from({ length: Math.ceil(bytes.length / pieceBytes) }, (_, at) =>
    bytes.subarray(at * pieceBytes, (at + 1) * pieceBytes),
  );
  const out = new PassThrough();
  const [passed] = await Promise.all([text(out), pipeline(Readable.from(pieces), filter, out)]);
  return { passed, filter };
}

describe('what of a dump of PostgreSQL is said by whom', () => {
  it('lets content pass byte for byte, wherever it is cut', async () => {
    const sql = `SET standard_conforming_strings = on;
CREATE FUNCTION "a"."f"() RETURNS text LANGUAGE plpgsql AS $x$ begin ALTER TABLE "a" OWNER TO "postgres"; \\! end $x$;
CREATE FUNCTION two() RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT 1; SELECT 2; END;
COPY "a"."t" ("x") FROM stdin;
GRANT ALL ON SCHEMA "a" TO "b";\\n
\\\\! id
\\.
SELECT pg_catalog.setval('"a"."s"', 1, false);`;
    for (const size of [1, 7, 4096]) expect((await filtered(sql, size)).passed.trimEnd()).toBe(sql);
  });

  it('keeps rights and owners for later, and leaves out what is of the superuser', async () => {
    const { passed, filter } = await filtered(`\\restrict Ab1
CREATE SCHEMA "ext"; CREATE SCHEMA "own"; CREATE EXTENSION IF NOT EXISTS "x" WITH SCHEMA "ext"; COMMENT ON EXTENSION "x" IS 'it''s';
ALTER TABLE "own"."t""; DROP" OWNER TO "site"; ALTER FUNCTION "own"."f"(integer, character varying) OWNER TO "other ""one";
ALTER TABLE "own"."t" OWNER TO "postgres"; ALTER OPERATOR "own".- (integer, integer) OWNER TO "other";
GRANT SELECT ON TABLE "own"."t" TO "reader"; ALTER DEFAULT PRIVILEGES FOR ROLE "site" GRANT SELECT ON TABLES TO "reader";
SET SESSION AUTHORIZATION "other"; GRANT SELECT ON TABLE "own"."t" TO "third"; RESET SESSION AUTHORIZATION;
\\unrestrict Ab1`);
    expect(passed.replaceAll(/\s+/g, ' ').trim()).toBe(
      'CREATE SCHEMA "own"; ALTER TABLE "own"."t""; DROP" OWNER TO "site";',
    );
    expect([...filter.owners]).toEqual([
      ['other "one', ['ALTER FUNCTION "own" . "f" ( INTEGER , CHARACTER VARYING ) OWNER TO "other ""one";']],
    ]);
    const rights = Buffer.concat(filter.rights).toString().replaceAll(/\s+/g, ' ').trim();
    expect(rights).toBe(
      'GRANT SELECT ON TABLE "own"."t" TO "reader"; ALTER DEFAULT PRIVILEGES FOR ROLE "site" GRANT SELECT ON TABLES TO "reader";',
    );
    expect(filter.left).toBe(3);
  });

  it('CMD-1 refuses commands of the client, another way of writing texts, and a dump without its end', async () => {
    for (const hostile of [
      '\\! touch /tmp/x\n',
      'SELECT 1 \\! touch /tmp/x\n;',
      '\\connect other\n',
      '\\restrict a \\! id\n',
      'SET standard_conforming_strings = off;',
      'SELECT 1; CREATE TABLE "t" (',
    ])
      await expect(filtered(hostile), hostile).rejects.toThrow();
  });
});
