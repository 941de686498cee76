import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withCertificates, type TestPair } from '#server/core/testing/certificates.ts';
import { freePort } from './world.ts';

/** For tests: an authority of our own (pebble) that finds every name at the loopback, on the ports of a world. */
export type Authority = {
  readonly directory: string;
  /** What vouches for the authority's own address. */
  readonly caBundle: string;
  /** Of a certificate that it issued, by its serial number in hex: `Valid` or `Revoked`, and why. */
  statusOf(serial: string): Promise<{ readonly status: string; readonly reason: number | undefined }>;
  /** What it shows itself with, for further servers at `localhost`. */
  readonly pair: TestPair;
  stop(): Promise<void>;
};

export const hasAuthority = ['/usr/bin/pebble', '/usr/bin/pebble-challtestsrv', '/usr/bin/certbot'].every(existsSync);

/** Names that authorities of tests show themselves with. */
export const authorityNames = 'DNS:localhost,IP:127.0.0.1';

/** `nameServer`: `address:port` of one that pebble asks in place of its own. `pair`: what it shows itself with. */
export async function startAuthority(
  ports: { readonly http: number; readonly https: number },
  nameServer?: string,
  pair: TestPair = withCertificates((make) => make.selfSigned(authorityNames)),
): Promise<Authority> {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-authority-'));
  const { certificate, key } = pair;
  const [port, management, dns, control] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const caBundle = file('cert.pem', certificate);
  const config = {
    listenAddress: `127.0.0.1:${port}`,
    managementListenAddress: `127.0.0.1:${management}`,
    certificate: caBundle,
    privateKey: file('key.pem', key),
    httpPort: ports.http,
    tlsPort: ports.https,
    ocspResponderURL: '',
    externalAccountBindingRequired: false,
    certificateValidityPeriod: 7_776_000,
  };
  const args = `-defaultIPv4 127.0.0.1 -defaultIPv6= -dns01 127.0.0.1:${dns} -management 127.0.0.1:${control}`;
  const others = '-http01= -https01= -tlsalpn01=';
  const names = run('/usr/bin/pebble-challtestsrv', `${args} ${others}`.split(' '));
  const authority = run(
    '/usr/bin/pebble',
    [
      '-config',
      file('pebble.json', JSON.stringify({ pebble: config })),
      '-dnsserver',
      nameServer ?? `127.0.0.1:${dns}`,
    ],
    { PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '5', PEBBLE_AUTHZREUSE: '0' },
  );
  await Promise.all([untilListening(port), untilListening(control)]);
  return {
    directory: `https://localhost:${port}/dir`,
    caBundle,
    pair: { certificate, key },
    statusOf: (serial) =>
      new Promise((resolve, reject) => {
        const path = `/cert-status-by-serial/${serial.toLowerCase()}`;
        const at = { host: '127.0.0.1', port: management, path, ca: certificate, servername: 'localhost' };
        const sent = request(at, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('end', () => {
            const { Status: status = '', Reason: reason } = JSON.parse(text) as { Status?: string; Reason?: number };
            resolve({ status, reason });
          });
        });
        sent.on('error', reject).end();
      }),
    async stop() {
      await Promise.all([end(names), end(authority)]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Stands before an authority and refuses new orders in the words of Let's Encrypt, all else goes through. */
export async function limitOrders(authority: Authority, until: Date): Promise<{ directory: string; stop(): void }> {
  const { certificate, key } = authority.pair;
  const words = until.toISOString().replace('T', ' ').slice(0, 19);
  const detail = `too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after ${words} UTC: see https://letsencrypt.org/docs/rate-limits/`;
  const problem = JSON.stringify({ type: 'urn:ietf:params:acme:error:rateLimited', detail, status: 429 });
  const server = createServer({ cert: certificate, key }, (asked, answer) => {
    if (asked.method === 'POST' && asked.url === '/order-plz') {
      answer.writeHead(429, { 'content-type': 'application/problem+json' }).end(problem);
      return;
    }
    // The name stays the one that was asked for: the authority names its addresses by it.
    const { port } = new URL(authority.directory);
    const to = {
      host: '127.0.0.1',
      port,
      path: asked.url,
      method: asked.method,
      headers: asked.headers,
      ca: certificate,
    };
    const sent = request({ ...to, servername: 'localhost' }, (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    sent.on('error', () => answer.destroy());
    asked.pipe(sent);
  });
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    directory: `https://localhost:${port}/dir`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

export function run(program: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(program, args, { stdio: 'ignore', env: { PATH: '/usr/bin:/bin', ...env } });
}

export async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

export async function untilListening(port: number): Promise<void> {
  const endsAt = Date.now() + 15_000;
  for (;;) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      const tell = (is: boolean): void => {
        socket.destroy();
        resolve(is);
      };
      socket.once('connect', () => tell(true)).once('error', () => tell(false));
    });
    if (isOpen) return;
    if (Date.now() > endsAt) throw new Error(`nobody listens on ${port}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
