import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { smallMemory } from '../../core/launch.ts';
import { readerFor } from './dump-scanner.ts';
import { hasMariadb, makeRoot, startMariadb, type TestServer } from './testing/servers.ts';

const root = makeRoot();
/** 1024 for the figure of the specification. */
const megabytes = Number(process.env['AAPANEL_BIG_DUMP_MB'] ?? 24);
let server: TestServer;

beforeAll(async () => {
  if (hasMariadb) server = await startMariadb(root);
});
afterAll(async () => {
  await server?.stop();
  root.remove();
});

type Took = { bytes: number; tables: { rows: number }[]; seconds: number; cpuSeconds: number; maxRssMb: number };

async function dumpInChild(engine: string, database: string): Promise<Took> {
  const script = join(import.meta.dirname, 'testing/dump-child.ts');
  // As runs are started.
  const env = { ...process.env, ...smallMemory };
  const { stdout } = await promisify(execFile)(process.execPath, [script, root.prefix, engine, database], { env });
  const took = JSON.parse(stdout) as Took;
  const rate = Math.round(took.bytes / 1e6 / took.seconds);
  console.info(
    `${Math.round(took.bytes / 1e6)} MB at ${rate} MB/s, ${took.cpuSeconds} s of CPU, ${took.maxRssMb} MB of memory`,
  );
  return took;
}

describe('the memory of a dump', () => {
  it.skipIf(!hasMariadb)(
    'stays under 150 MB whatever the size of the database and of its rows',
    async () => {
      server.sql(`create database big; use big; set global max_allowed_packet = 1073741824;
      create table many (id int primary key, a varchar(200)) engine = InnoDB;
      insert into many select seq, repeat(md5(seq), 5) from seq_1_to_${megabytes * 5_000};`);
      const many = await dumpInChild('mariadb', 'big');
      expect(many.tables).toMatchObject([{ rows: megabytes * 5_000 }]);
      expect(many.maxRssMb).toBeLessThan(150);
      server.sql(`create database wide; use wide; create table one (id int primary key, b longblob) engine = InnoDB;
      insert into one values (1, repeat(x'00ff27', ${Math.min(megabytes, 100) * 349_525}));`);
      const wide = await dumpInChild('mariadb', 'wide');
      expect(wide.tables).toMatchObject([{ rows: 1 }]);
      expect(wide.maxRssMb).toBeLessThan(150);
    },
    900_000,
  );

  it('reads fast enough for any disk', () => {
    const rows = `${Array.from({ length: 2_000 }, (_, id) => `(${id},'${randomBytes(40).toString('hex')}',NULL,3.14)`).join(',\n')};\n`;
    const text = Buffer.from(`CREATE TABLE \`t\` (id int);\nINSERT INTO \`t\` VALUES\n${rows}`);
    const copy = Buffer.from(`COPY public.t (id) FROM stdin;\n${rows.replaceAll(/[(),;]/g, '\t')}\\.\n`);
    for (const [engine, piece] of [
      ['mariadb', text],
      ['postgresql', copy],
    ] as const) {
      const reader = readerFor(engine);
      const startedAt = process.cpuUsage().user;
      let bytes = 0;
      for (; bytes < 64e6; bytes += piece.length) reader.read(piece);
      const rate = bytes / (process.cpuUsage().user - startedAt);
      console.info(`${engine}: ${Math.round(rate)} MB per second of CPU`);
      expect(rate).toBeGreaterThan(200);
    }
  });
});
