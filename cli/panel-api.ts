import { request as requestPlain, type IncomingMessage, type RequestOptions } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { https } from '#shared/lazy-node.ts';
import { z } from 'zod';
import type { BodyInputOf, Operation, QueryInputOf, ResponseOf } from '#shared/http.ts';
import { loadConfig } from '#server/config.ts';
import { CommandError, type CommandContext } from './command.ts';
import { localUrl } from './local-url.ts';
import { loadActingConfig } from './panel-database.ts';
import { installedCommand, runSelf } from './rescue-process.ts';

/*
 * The running panel, asked over its own API as a program with a token: permissions, confirmations, audit and jobs are those
 * of the browser. Only this machine is asked, so the certificate of the panel is not looked at.
 */

/** What the panel said instead of an answer. */
export class Refused extends Error {
  readonly code: string;
  readonly reason: string | undefined;
  readonly params: Readonly<Record<string, unknown>>;
  readonly fields: readonly string[];
  constructor(problem: z.output<typeof problemForm>) {
    super(problem.message);
    this.name = 'Refused';
    this.code = problem.code;
    this.reason = problem.reason;
    this.params = problem.params;
    this.fields = problem.fields.map(({ field }) => field);
  }
}

const problemForm = z.object({
  code: z.string(),
  message: z.string().default(''),
  reason: z.string().optional(),
  params: z.record(z.string(), z.unknown()).default({}),
  fields: z.array(z.object({ field: z.string() })).default([]),
});

type Given<O extends Operation> = {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: QueryInputOf<O>;
  readonly body?: BodyInputOf<O>;
  /** The same key twice is carried out once. */
  readonly idempotencyKey?: string;
};

export type PanelApi = {
  /** Throws Refused, or CommandError when the panel does not answer. */
  call<O extends Operation>(operation: O, given: Given<O>): Promise<ResponseOf<O>>;
  /** The bytes of an operation from an offset on; throws the same. */
  open(operation: Operation, params: Readonly<Record<string, string>>, offset: number): Promise<IncomingMessage>;
};

const idleMs = 60_000;
const tries = 5;

/** `token`: of a person who may do what is asked for. */
export async function openPanel(ctx: CommandContext, token: string): Promise<PanelApi> {
  const base = new URL(await addressOf(ctx));
  const request = base.protocol === 'https:' ? https().request : requestPlain;

  function send(method: string, path: string, headers: Record<string, string>, body?: string) {
    const options: RequestOptions & { rejectUnauthorized: boolean } = {
      method,
      headers: { ...headers, accept: 'application/json', authorization: `Bearer ${token}` },
      timeout: idleMs,
      rejectUnauthorized: false,
      agent: false,
    };
    return new Promise<IncomingMessage>((resolve, reject) => {
      const sent = request(new URL(path, base), options, resolve);
      sent.once('timeout', () => sent.destroy(new Error('no answer')));
      sent.once('error', reject);
      sent.end(body);
    });
  }

  /** Asked again while it restarts, or while a token asks too often: what is sent may safely be sent twice. */
  async function patiently(method: string, path: string, headers: Record<string, string>, body?: string) {
    for (let left = tries; ; left -= 1) {
      const answer = await send(method, path, headers, body).catch(() => undefined);
      const isBusy = answer === undefined || answer.statusCode === 429 || answer.statusCode === 503;
      if (answer !== undefined && (!isBusy || left <= 1)) return answer;
      if (left <= 1) throw new CommandError(ctx.text('notRunning', { url: base.origin }));
      const seconds = Number(answer?.headers['retry-after'] ?? 1);
      answer?.resume();
      await wait(Math.min(60, Number.isFinite(seconds) ? seconds : 1) * 1_000);
    }
  }

  return {
    async call(operation, { params = {}, query, body, idempotencyKey }) {
      const headers = {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      };
      const sent = body === undefined ? undefined : JSON.stringify(body);
      const answer = await patiently(operation.method, pathOf(operation, params, query ?? {}), headers, sent);
      const said = await text(answer);
      if ((answer.statusCode ?? 500) >= 300) throw refusedBy(ctx, said);
      const parsed = operation.response.safeParse(said === '' ? undefined : parseJson(said));
      if (!parsed.success) throw new CommandError(ctx.text('siteNoAnswer'));
      return parsed.data as ResponseOf<typeof operation>;
    },
    async open(operation, params, offset) {
      const range = offset === 0 ? {} : { range: `bytes=${offset}-` };
      const answer = await patiently(operation.method, pathOf(operation, params, {}), range);
      if (answer.statusCode === (offset === 0 ? 200 : 206)) return answer;
      throw refusedBy(ctx, await text(answer));
    },
  };
}

function pathOf({ path }: Operation, params: Readonly<Record<string, string>>, query: object): string {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return search.size === 0 ? filled : `${filled}?${search.toString()}`;
}

function refusedBy(ctx: CommandContext, said: string): Error {
  const problem = problemForm.safeParse(parseJson(said));
  return problem.success ? new Refused(problem.data) : new CommandError(ctx.text('siteNoAnswer'));
}

function parseJson(said: string): unknown {
  try {
    return JSON.parse(said);
  } catch {
    return null;
  }
}

/** As root it is the panel's own user who looks into the database of the panel. */
async function addressOf(ctx: CommandContext): Promise<string> {
  if (installedCommand(ctx) === undefined) return localUrl(await loadActingConfig(loadConfig(ctx.input)));
  const { out } = await runSelf(ctx, ['entry', '--json']);
  const said = z.object({ localUrl: z.url() }).safeParse(parseJson(out));
  if (!said.success) throw new CommandError(ctx.text('siteNoAnswer'));
  return said.data.localUrl;
}
