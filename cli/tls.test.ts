import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { failingFindings, type TlsReport } from '#shared/tls-check.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { openOcspAuthority } from '#server/core/testing/ocsp.ts';
import { checkTls } from '#server/core/tls-check.ts';
import type { CommandContext } from './command.ts';
import { tlsCheck } from './commands/tls.ts';
import { say } from './texts.ts';

const pair = withCertificates((make) => make.selfSigned('DNS:localhost', 30));
let server: Server;
let port = 0;
beforeAll(async () => {
  server = createServer({ cert: pair.certificate, key: pair.key, minVersion: 'TLSv1.3' }, (_request, response) => {
    response.setHeader('strict-transport-security', 'max-age=86400').end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

async function run(...args: string[]): Promise<{ code: number; lines: string[] }> {
  return runWith(undefined, args);
}

async function runWith(
  ask: Parameters<typeof tlsCheck>[1],
  args: string[],
): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  const ctx: CommandContext = {
    args,
    input: { argv: args, env: {}, cwd: '/' },
    language: 'en',
    out: (line) => void lines.push(line),
    err: () => undefined,
    text: (key, params) => say('en', key, params),
  };
  return { code: await tlsCheck(ctx, ask), lines };
}

it('says versions, names, days and HSTS of an address, and fails for what visitors would meet', async () => {
  const { code, lines } = await run(`127.0.0.1:${port}`, '--json');
  expect(JSON.parse(lines.join('\n'))).toMatchObject({
    versions: ['TLSv1.3'],
    certificate: { names: ['localhost'], daysLeft: 29, keyKind: 'P-256', chainLength: 1 },
    hsts: 'max-age=86400',
    grade: 'F',
    findings: ['self_signed', 'wrong_name'],
  });
  expect(code).toBe(1);
});

it('a certificate that is over, or soon will be, is told; so is an address where nobody answers', async () => {
  const later = async (days: number) =>
    (await checkTls({ host: '127.0.0.1', port }, Date.now() + days * 86_400_000)).findings;
  expect(await later(25)).toContain('ends_soon');
  expect(await later(40)).toContain('expired');
  const { code, lines } = await run('127.0.0.1:9');
  expect([code, lines]).toEqual([1, ['✗ no TLS handshake at this address']]);
});

it('T-3 a revoked certificate fails the check; an authority that cannot be asked is told and fails nothing', async () => {
  const authority = await openOcspAuthority('DNS:localhost,IP:127.0.0.1');
  const ask: Parameters<typeof tlsCheck>[1] = (target, now) => checkTls(target, now, 4_000, authority.reach);
  const address = `127.0.0.1:${port}`;
  const checked = async (by?: typeof ask) => {
    const { code, lines } = await runWith(by, [address, '--json']);
    const { findings, revocation, grade } = JSON.parse(lines.join('\n')) as TlsReport;
    return { code, revocation, grade, told: findings.filter((each) => each.startsWith('revo')) };
  };
  try {
    server.setSecureContext({ cert: authority.revoked.certificate, key: authority.revoked.key });
    expect(await checked(ask)).toEqual({ code: 1, revocation: 'revoked', grade: 'F', told: ['revoked'] });
    expect((await runWith(ask, [address])).lines).toEqual(
      expect.arrayContaining(['revocation: revoked by its authority', '✗ the authority has revoked the certificate']),
    );
    // Its responder is in this machine, where nobody is asked outside this test.
    expect(await checked()).toMatchObject({ revocation: 'unknown', told: ['revocation_unknown'] });
    expect(failingFindings).not.toContain('revocation_unknown');
    server.setSecureContext({ cert: authority.good.certificate, key: authority.good.key });
    expect(await checked(ask)).toMatchObject({ revocation: 'good', told: [] });
  } finally {
    server.setSecureContext({ cert: pair.certificate, key: pair.key });
    authority.stop();
  }
});

it('what is no address is a wrong usage', async () => {
  await expect(run('https://example.com/')).rejects.toThrow('tls check');
});
