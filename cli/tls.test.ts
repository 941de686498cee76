import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { withCertificates } from '#server/core/testing/certificates.ts';
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
  const lines: string[] = [];
  const ctx: CommandContext = {
    args,
    input: { argv: args, env: {}, cwd: '/' },
    language: 'en',
    out: (line) => void lines.push(line),
    err: () => undefined,
    text: (key, params) => say('en', key, params),
  };
  return { code: await tlsCheck(ctx), lines };
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

it('what is no address is a wrong usage', async () => {
  await expect(run('https://example.com/')).rejects.toThrow('tls check');
});
