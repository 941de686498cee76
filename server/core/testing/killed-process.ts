import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { StatementSync } from 'node:sqlite';
import { pino } from 'pino';
import type { AgentActionName } from '#shared/agent/index.ts';
import { loadConfig } from '../../config.ts';
import { createContext } from '../../context.ts';
import { createAppOf } from '../../create-app.ts';
import { certificatesIssueHandler } from '../../features/certificates/issue.logic.ts';
import { sitesRoutes } from '../../features/sites/sites.routes.ts';
import { createAgentClient, type AgentClient } from '../agent-client.ts';

/*
 * For tests: a web process that dies by SIGKILL at the n-th point of one request or job. A point is: before each
 * statement of the database that writes, begin and commit among them, and before and after each call of the agent; point
 * 0 is never. Behind a statement, or at one that only reads, a request leaves what it leaves before the next that writes;
 * a job also dies there, for it does more beside its statements.
 * `node killed-process.ts <json>` with `{dataDir, socketPath, cookie, killAt, afterMs, requests, jobId}`.
 * `afterMs`: kills so long after the first call to the agent began instead. Ends with 0 when it was not killed.
 * It is started hundreds of times, so it loads what it is asked for: sites (and the kind of job that a site may begin with)
 * for requests, all kinds of jobs for a job.
 */

type Orders = {
  readonly dataDir: string;
  readonly socketPath: string;
  readonly cookie: string;
  readonly killAt: number;
  readonly afterMs?: number;
  readonly requests?: readonly { method: 'POST' | 'PATCH' | 'PUT'; path: string; body: unknown }[];
  readonly jobId?: string;
};

const orders = JSON.parse(process.argv[2] ?? '{}') as Orders;
let isArmed = false;
let points = 0;

const die = () => process.kill(process.pid, 'SIGKILL');

function point(): void {
  if (!isArmed) return;
  points += 1;
  if (points === orders.killAt) die();
}

for (const method of ['all', 'run'] as const) {
  const original = StatementSync.prototype[method] as (...values: never[]) => never;
  StatementSync.prototype[method] = function (this: StatementSync, ...values: never[]) {
    if (orders.jobId !== undefined || !/^select\b/i.test(this.sourceSQL)) point();
    const result = original.apply(this, values);
    if (orders.jobId !== undefined) point();
    return result;
  } as never;
}

const log = pino({ level: 'silent' });
const config = loadConfig({
  argv: [],
  cwd: orders.dataDir,
  env: {
    ENVIRONMENT: 'development',
    DATA_DIR: orders.dataDir,
    AGENT: 'real',
    AAPANEL_AGENT_SOCKET: orders.socketPath,
    DATABASE_TYPE: 'sqlite',
    DEV_DATABASE_PATH: join(orders.dataDir, 'panel.db'),
    WEB_DIST_DIR: join(orders.dataDir, 'web'),
  },
});
const inner = createAgentClient(config, log);
const agent: AgentClient = {
  mode: 'real',
  get state() {
    return inner.state;
  },
  onState: (callback) => inner.onState(callback),
  async call<N extends AgentActionName>(action: N, ...rest: never[]) {
    point();
    if (isArmed && orders.afterMs !== undefined) setTimeout(die, orders.afterMs);
    const result = await (inner.call as (...args: unknown[]) => Promise<never>)(action, ...rest);
    point();
    return result;
  },
  send: (...given) => inner.send(...given),
  fetch: (...given) => inner.fetch(...given),
  close: () => inner.close(),
};

const jobHandlers =
  orders.jobId === undefined ? [certificatesIssueHandler] : (await import('../../job-handlers.ts')).jobHandlers;
const ctx = await createContext(config, { log, agent, jobHandlers });
const { server } = createAppOf(ctx, [sitesRoutes]);
// A job starts with the panel; a request comes when the start is over and its own looks are not counted.
if (orders.jobId !== undefined) isArmed = true;
await server.ready();
if (orders.jobId !== undefined) ctx.jobs.start();
await new Promise((resolve) => setTimeout(resolve, 20));
// One that is killed would never say what it has compiled.
flushCompileCache();
isArmed = true;

for (const { method, path, body } of orders.requests ?? []) {
  const headers = {
    host: 'localhost:5000',
    origin: 'http://localhost:5000',
    'x-aapanel': '1',
    'content-type': 'application/json',
    cookie: orders.cookie,
  };
  const answer = await server.inject({ method, url: path, headers, payload: JSON.stringify(body) });
  if (answer.statusCode >= 400) throw new Error(`${method} ${path}: ${answer.body}`);
}
if (orders.jobId !== undefined) {
  while ((await ctx.jobs.get(orders.jobId)).endedAt === null) await new Promise((resolve) => setTimeout(resolve, 10));
}
process.exit(0);
