import { Agent as HttpAgent, request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { createServer, type AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { redirectPlain } from '../../core/doors-gate.ts';
import { createListener } from '../../core/doors-listener.ts';
import { cookiesOf, makeTestApp, type TestApp, type TestAppOptions, type TestClient } from '../../testing.ts';

/*
 * For tests: the whole web application behind the real listener, with a clock that tests move.
 */

export type DoorsTest = {
  readonly test: TestApp;
  readonly port: number;
  readonly clock: { time: number; now(): number };
  /** A signed-in owner who has just confirmed with a factor. */
  readonly owner: TestClient;
  /** A connection of its own for each call, unless `agent` keeps one. */
  ask(path: string, options?: AskOptions): Promise<Asked>;
  close(): Promise<void>;
};

export type AskOptions = {
  readonly method?: string;
  readonly port?: number;
  readonly tls?: boolean;
  readonly headers?: Record<string, string | undefined>;
  readonly body?: unknown;
  readonly agent?: HttpAgent | HttpsAgent;
  /** Address this machine asks from. */
  readonly from?: string;
};

export type Asked = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly text: string;
  readonly json: Record<string, unknown>;
  /** Of the certificate that was shown. */
  readonly fingerprint: string | undefined;
};

export async function startDoorsTest(options: TestAppOptions = {}): Promise<DoorsTest> {
  const clock = { time: 1_800_000_000_000, now: () => clock.time };
  const port = await freePort();
  const test = await makeTestApp({
    clock,
    ...options,
    env: { HOST: '0.0.0.0', PORT: String(port), PUBLIC_URL: `http://localhost:${port}`, ...options.env },
  });
  const listener = createListener({ server: test.app.server, host: '0.0.0.0', onPlain: redirectPlain(test.ctx) });
  await test.ctx.doors.attach(listener);
  const owner = await (await test.signIn()).elevate();
  return {
    test,
    port,
    clock,
    owner,
    ask: (path, more = {}) => ask(path, { port, ...more }),
    async close() {
      test.ctx.health.drain();
      listener.destroy();
      await listener.close();
      await test.close();
    },
  };
}

/** Headers of a request that the owner's browser sends from the panel's own page. */
export function ownHeaders({ cookie }: Pick<TestClient, 'cookie'>, origin: string): Record<string, string> {
  return {
    cookie: cookie ?? '',
    origin,
    host: new URL(origin).host,
    'x-aapanel': '1',
    'sec-fetch-site': 'same-origin',
  };
}

function ask(
  path: string,
  { method = 'GET', port = 0, tls = false, headers = {}, body, agent, from }: AskOptions,
): Promise<Asked> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const given = Object.entries({
    ...(text === undefined ? {} : { 'content-type': 'application/json' }),
    ...headers,
  }).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return new Promise((resolve, reject) => {
    const send = tls ? httpsRequest : httpRequest;
    const sent = send(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: Object.fromEntries(given),
        agent: agent ?? false,
        rejectUnauthorized: false,
        timeout: 10_000,
        ...(from === undefined ? {} : { localAddress: from }),
      },
      (response) => {
        const certificate = tls ? (response.socket as TLSSocket).getPeerCertificate() : undefined;
        let received = '';
        response.setEncoding('utf8');
        response.on('data', (part: string) => (received += part));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            text: received,
            json: parse(received),
            fingerprint: certificate?.fingerprint256,
          }),
        );
      },
    );
    sent.on('timeout', () => sent.destroy(new Error('no answer')));
    sent.on('error', reject);
    sent.end(text);
  });
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export { cookiesOf };
