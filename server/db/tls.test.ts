import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { withCertificates } from '../core/testing/certificates.ts';
import {
  hasMariadb,
  hasPostgres,
  startMariadb,
  startPostgres,
  type DatabaseServer,
} from '../testing/database-servers.ts';
import { testConfig } from '../testing.ts';
import { openDatabase } from './connect.ts';

const password = 'S3cret-of-this-test';
const made = withCertificates((make) => ({
  own: make.issued('IP:127.0.0.1'),
  other: make.issued('IP:127.0.0.1'),
}));
const engines = [
  { name: 'mysql', isHere: hasMariadb, launch: startMariadb },
  { name: 'postgresql', isHere: hasPostgres, launch: startPostgres },
] as const;

describe.each(engines)('$name over TLS', ({ name, isHere, launch }) => {
  let folder: string;
  let server: DatabaseServer;
  const ca = (file: string) => join(folder, file);

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aapanel-db-tls-'));
    writeFileSync(ca('own.pem'), made.own.chain[2]);
    writeFileSync(ca('other.pem'), made.other.chain[2]);
    if (!isHere) return;
    const [leaf, between] = made.own.chain;
    server = await launch({ password, keyPair: { certificate: `${leaf}\n${between}`, key: made.own.key } });
  });
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** What the server says about this session: whether it is encrypted. */
  async function isEncrypted(env: Record<string, string>): Promise<boolean> {
    const db = await openDatabase(testConfig(folder, { env: { ...server.env(), ...env } }));
    try {
      if (name === 'postgresql') {
        const { rows } = await sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`.execute(
          db,
        );
        return rows[0]?.ssl === true;
      }
      const { rows } = await sql<{ Value: string }>`show session status like 'Ssl_cipher'`.execute(db);
      return (rows[0]?.Value ?? '') !== '';
    } finally {
      await db.destroy();
    }
  }
  const refusal = (env: Record<string, string>) =>
    isEncrypted(env).then(
      () => '',
      (error: unknown) => `${(error as { code?: string }).code ?? ''} ${String(error)}`,
    );

  it.skipIf(!isHere)(
    'off is plain, require encrypts whoever the server is, an authority of our own is believed',
    async () => {
      expect(await isEncrypted({})).toBe(false);
      expect(await isEncrypted({ DB_SSL_MODE: 'require' })).toBe(true);
      expect(await isEncrypted({ DB_SSL_CA: ca('own.pem') })).toBe(true);
      expect(await isEncrypted({ DB_SSL_MODE: 'verify', DB_SSL_CA: ca('own.pem') })).toBe(true);
      const option = name === 'mysql' ? 'ssl-mode=VERIFY_IDENTITY&ssl-ca' : 'sslmode=verify-full&sslrootcert';
      expect(
        await isEncrypted({
          DATABASE_URL: `${server.url()}?${option}=${encodeURIComponent(ca('own.pem'))}`,
        }),
      ).toBe(true);
    },
  );

  it.skipIf(!isHere)('a certificate for another name is refused, also from an authority that is believed', async () => {
    expect(await refusal({ DB_SSL_CA: ca('own.pem'), DB_HOST: 'localhost' })).toMatch(
      /altname|does not match|identity/i,
    );
  });

  it.skipIf(!isHere)('another authority, none at all and a file that is not there are refused', async () => {
    expect(await refusal({ DB_SSL_CA: ca('other.pem') })).toMatch(/certificate|HANDSHAKE/i);
    expect(await refusal({ DB_SSL_MODE: 'verify' })).toMatch(/certificate|HANDSHAKE/i);
    expect(await refusal({ DB_SSL_CA: ca('missing.pem') })).toContain('missing.pem');
  });
});
