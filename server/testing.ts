import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify';
import { pino } from 'pino';
import type { RoleId } from '#shared/access.ts';
import { createApp, features, type Feature } from './app.ts';
import { loadConfig, type Config } from './config.ts';
import { createContext, type Context } from './context.ts';
import type { AgentClient } from './core/agent-client.ts';
import type { Clock } from './core/clock.ts';
import { sessionCookieName } from './core/cookies.ts';
import { logOptions } from './core/log.ts';
import { takeTestDatabase } from './testing/engine-database.ts';
import { addTestPerson, type TestPerson, type TestPersonOptions } from './testing/people.ts';

/*
 * For tests only: the whole web application in this process, with a real database of its own (SQLite, or the engine of the
 * run) and, unless said otherwise, the fake agent.
 */

export type TestRequest = {
  method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  body?: unknown;
  /** Replaces or adds; `undefined` leaves one of the usual ones out. */
  headers?: Record<string, string | undefined>;
  remoteAddress?: string;
};

export type TestAnswer = {
  status: number;
  headers: LightMyRequestResponse['headers'];
  /** Parsed JSON, or undefined when there is no body or it is not JSON. */
  json: unknown;
  text: string;
};

/** Asks as one browser: with the CSRF headers the web client sends, and with its session when it has one. */
export type TestClient = {
  request(path: string, options?: TestRequest): Promise<TestAnswer>;
  get(path: string, headers?: TestRequest['headers']): Promise<TestAnswer>;
  post(path: string, body?: unknown, headers?: TestRequest['headers']): Promise<TestAnswer>;
  put(path: string, body?: unknown, headers?: TestRequest['headers']): Promise<TestAnswer>;
  patch(path: string, body?: unknown, headers?: TestRequest['headers']): Promise<TestAnswer>;
  delete(path: string, body?: unknown, headers?: TestRequest['headers']): Promise<TestAnswer>;
  /** Confirms with the person's password: from now on dangerous actions work, for ten minutes. */
  elevate(): Promise<TestClient>;
  /** `Cookie` header of the session; undefined for the anonymous client. */
  readonly cookie: string | undefined;
  readonly personId: string | undefined;
  readonly person: TestPerson | undefined;
};

export type TestApp = {
  readonly app: FastifyInstance;
  readonly ctx: Context;
  readonly dataDir: string;
  /** A client that never signed in. */
  readonly anonymous: TestClient;
  /** A new person of this role (default owner) with a living session. */
  signIn(role?: RoleId, options?: Omit<TestPersonOptions, 'role' | 'name'>): Promise<TestClient>;
  close(): Promise<void>;
};

export type TestAppOptions = {
  /** Default `fake`: nothing on the machine changes. */
  agent?: 'fake' | 'real';
  /** Changes to the configuration. */
  config?: Partial<Config>;
  /** More environment variables for `loadConfig`. */
  env?: Record<string, string>;
  clock?: Clock;
  /** In place of the agent that `agent` names. */
  agentClient?: AgentClient;
  /** Default: everything the panel serves. */
  features?: readonly Feature[];
  /** Receives each log line; default: none is kept. */
  onLogLine?: (line: string) => void;
};

/** Makes the application; call `close()` in `afterAll`. */
export async function makeTestApp(options: TestAppOptions = {}): Promise<TestApp> {
  const dataDir = await mkdtemp(join(tmpdir(), 'aapanel-test-'));
  const database = options.env?.['DATABASE_TYPE'] === undefined ? await takeTestDatabase() : undefined;
  const env = { AGENT: options.agent ?? 'fake', ...database?.env, ...options.env };
  const config = testConfig(dataDir, { ...options, env });
  const { onLogLine } = options;
  const log =
    onLogLine === undefined
      ? pino({ ...logOptions('silent') })
      : pino(logOptions('debug'), { write: (line: string) => onLogLine(line) });
  const ctx = await createContext(config, {
    log,
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.agentClient === undefined ? {} : { agent: options.agentClient }),
  });
  const { server: app } = createApp(ctx, options.features ?? features);
  await app.ready();
  let count = 0;
  return {
    app,
    ctx,
    dataDir,
    anonymous: clientOf(app, undefined, undefined),
    async signIn(role = 'owner', more = {}) {
      count += 1;
      const person = await addTestPerson(ctx, { name: `${role}-${count}`, role, ...more });
      const { token } = await ctx.sessions.create(person.id, { address: '127.0.0.1', userAgent: 'test' });
      return clientOf(app, `${sessionCookieName(config)}=${token}`, person);
    },
    async close() {
      ctx.health.drain();
      await app.close();
      await ctx.close();
      await database?.release();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** A configuration of the development environment in `dataDir` with the fake agent. */
export function testConfig(
  dataDir: string,
  { config = {}, env = {} }: Pick<TestAppOptions, 'config' | 'env'> = {},
): Config {
  const base = loadConfig({
    argv: [],
    cwd: dataDir,
    env: {
      ENVIRONMENT: 'development',
      DATA_DIR: dataDir,
      AGENT: 'fake',
      DATABASE_TYPE: 'sqlite',
      DEV_DATABASE_PATH: join(dataDir, 'panel.db'),
      WEB_DIST_DIR: join(dataDir, 'web'),
      ...env,
    },
  });
  return { ...base, ...config };
}

function clientOf(app: FastifyInstance, given: string | undefined, person: TestPerson | undefined): TestClient {
  let cookie = given;
  async function request(path: string, { method = 'GET', body, headers = {}, remoteAddress }: TestRequest = {}) {
    const all: Record<string, string | undefined> = {
      host: 'localhost:5000',
      ...(cookie === undefined ? {} : { cookie }),
      ...(method === 'GET' || method === 'HEAD' ? {} : { origin: 'http://localhost:5000', 'x-aapanel': '1' }),
      'sec-fetch-site': 'same-origin',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    };
    const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
    const injected: InjectOptions = { method, url: path, headers: Object.fromEntries(given) };
    if (body !== undefined) injected.payload = typeof body === 'string' ? body : JSON.stringify(body);
    if (remoteAddress !== undefined) injected.remoteAddress = remoteAddress;
    const answer = await app.inject(injected);
    return { status: answer.statusCode, headers: answer.headers, json: jsonOf(answer), text: answer.body };
  }
  const writer =
    (method: 'POST' | 'PUT' | 'PATCH' | 'DELETE') => (path: string, body?: unknown, headers?: TestRequest['headers']) =>
      request(path, { method, body, ...(headers === undefined ? {} : { headers }) });
  const client: TestClient = {
    request,
    get: (path, headers) => request(path, headers === undefined ? {} : { headers }),
    post: writer('POST'),
    put: writer('PUT'),
    patch: writer('PATCH'),
    delete: writer('DELETE'),
    async elevate() {
      const proof = { kind: 'password', password: person?.password ?? '' };
      const answer = await request('/api/v1/me/elevation', { method: 'POST', body: { proof } });
      if (answer.status !== 200) throw new Error(`no elevation: ${answer.text}`);
      cookie = cookiesOf(answer);
      return client;
    },
    get cookie() {
      return cookie;
    },
    personId: person?.id,
    person,
  };
  return client;
}

/** The `Cookie` header that a browser sends after this answer; cleared ones are left out. */
export function cookiesOf(answer: Pick<TestAnswer, 'headers'>): string {
  return [answer.headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';')[0] ?? '')
    .filter((pair) => !pair.endsWith('='))
    .join('; ');
}

function jsonOf(answer: LightMyRequestResponse): unknown {
  if (answer.body === '' || !/[/+]json\b/.test(String(answer.headers['content-type'] ?? ''))) return undefined;
  return JSON.parse(answer.body) as unknown;
}
