// A visitor who uses the panel's API from another namespace, as a browser would: cookies, Origin, the custom header.
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { ask } from './ask.ts';
import { cookiesFor, keepCookies } from './cookies.ts';
import { until } from './host.ts';
import type { Machine } from './machine.ts';

export type Answer = { status: number; headers: Record<string, string>; body: unknown; text: string };

export type Visitor = {
  readonly machine: Machine;
  /** Scheme, address and port of the panel. */
  readonly origin: string;
  readonly cookieFile: string;
};

export function visitor(machine: Machine, origin: string): Visitor {
  return { machine, origin, cookieFile: join(machine.folder, `cookies-${Math.random().toString(36).slice(2)}`) };
}

/**
 * One request. Status 0: no answer at all. What needs a fresh factor is confirmed with the owner's password and
 * asked again, as the browser does.
 */
export async function request(
  who: Visitor,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await requestOnce(who, method, path, body, headers);
  const code = (answer.body as { code?: unknown } | undefined)?.code;
  if (answer.status !== 403 || code !== 'elevation_required') return answer;
  const proof = { kind: 'password', password: ownerPassword };
  mustBe(await requestOnce(who, 'POST', '/api/v1/me/elevation', { proof }, {}), 200);
  return await requestOnce(who, method, path, body, headers);
}

async function requestOnce(
  who: Visitor,
  method: string,
  path: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answer> {
  const all = {
    Origin: who.origin,
    'Sec-Fetch-Site': 'same-origin',
    'X-Aapanel': '1',
    ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...headers,
  };
  const url = who.origin + path;
  const cookies = cookiesFor(who.cookieFile, url);
  const output = await ask(who.machine.world, {
    method,
    url,
    headers: { ...all, ...(cookies === '' ? {} : { Cookie: cookies }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    timeoutMs: 60_000,
  });
  keepCookies(who.cookieFile, url, setCookies(output));
  return parse(output);
}

/** The values of the headers `Set-Cookie`. */
function setCookies(output: string): string[] {
  const head = output.slice(0, Math.max(output.indexOf('\r\n\r\n'), 0));
  return head.split('\r\n').flatMap((line) => /^set-cookie: (.*)$/i.exec(line)?.[1] ?? []);
}

function parse(output: string): Answer {
  const end = output.indexOf('\r\n\r\n');
  const [statusLine = '', ...headerLines] = output.slice(0, Math.max(end, 0)).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of headerLines) {
    const colon = line.indexOf(':');
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const text = end < 0 ? '' : output.slice(end + 4);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  return { status: Number(statusLine.split(' ')[1] ?? 0), headers, body, text };
}

/** Like `request`, and any status but the expected one is an error that shows the answer. */
export async function call<T>(
  who: Visitor,
  method: string,
  path: string,
  body?: unknown,
  options: { status?: number; headers?: Record<string, string> } = {},
): Promise<T> {
  const answer = await request(who, method, path, body, options.headers);
  const isGood = answer.status >= 200 && answer.status < 300;
  if (options.status === undefined ? !isGood : answer.status !== options.status)
    throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text.slice(0, 2000)}`);
  return answer.body as T;
}

/** Any other status is an error that shows the answer. */
export function mustBe(answer: Answer, status: number): void {
  if (answer.status !== status)
    throw new Error(`expected ${status}, got ${answer.status}: ${answer.text.slice(0, 2000)}`);
}

export const ownerPassword = 'correct horse battery 7';

/** The secret of a printed link: it stands behind `#token=`. */
export function tokenOf(text: string): string {
  const token = /#token=([A-Za-z0-9_.~-]+)/.exec(text)?.[1];
  if (token === undefined) throw new Error(`no one-time link in:\n${text.slice(-3000)}`);
  return token;
}

/** Opens the secret entry that a printed link leads through; without one it changes nothing. */
export async function openEntry(who: Visitor, printed: string): Promise<void> {
  const entry = /https?:\/\/[^/\s]+(\/[A-Za-z0-9_-]{8,64})\/[a-z-]+#token=/.exec(printed)?.[1];
  if (entry !== undefined) mustBe(await request(who, 'GET', entry), 302);
}

/** `printed`: what was printed with the link of the first run. */
export async function createOwner(who: Visitor, printed: string): Promise<void> {
  await openEntry(who, printed);
  const token = tokenOf(printed);
  await call(
    who,
    'POST',
    '/api/v1/first-run',
    { token, name: 'owner', displayName: 'المالك', password: ownerPassword },
    { status: 201 },
  );
}

export type Site = {
  id: string;
  slug: string;
  state: string;
  revision: number;
  root: string;
  domains: { host: string }[];
};

export async function createSite(who: Visitor, body: Record<string, unknown>): Promise<Site> {
  return (await call<{ site: Site }>(who, 'POST', '/api/v1/sites', body, { status: 201 })).site;
}

export async function getSite(who: Visitor, id: string): Promise<Site> {
  return await call(who, 'GET', `/api/v1/sites/${id}`);
}

/** The site that answers to exactly this name, as the list knows it. */
export async function findSite(who: Visitor, host: string): Promise<Site | undefined> {
  const list = await call<{ items: Site[] }>(who, 'GET', `/api/v1/sites?search=${host}`);
  return list.items.find(({ domains }) => domains.some((domain) => domain.host === host));
}

type Inspection = { drift: string; diff: string; isolatedReason: string | null };

export async function inspect(who: Visitor, id: string): Promise<Inspection> {
  return await call(who, 'GET', `/api/v1/sites/${id}/inspection`);
}

type Change = { id: string; action: string; actor: { name: string }; at: string; isUndoable: boolean };

/** Newest first. */
export async function changesOf(who: Visitor, siteId: string): Promise<Change[]> {
  return (await call<{ items: Change[] }>(who, 'GET', `/api/v1/site-changes?siteId=${siteId}`)).items;
}

/** Changes a site as the browser does: with the revision it has seen. */
export async function updateSite(who: Visitor, id: string, body: Record<string, unknown>): Promise<Answer> {
  const { revision } = await getSite(who, id);
  return await request(who, 'PATCH', `/api/v1/sites/${id}`, body, { 'If-Match': `"${revision}"` });
}

type Visit = { status: number; headers: string; text: string };

/** What a visitor of a site gets from nginx. Status 0: nobody answers. */
export async function visit(machine: Machine, hostName: string, path = '/', timeoutMs = 5_000): Promise<Visit> {
  const url = `http://${machine.address}${path}`;
  // Processes of nginx that are ending take a connection for some milliseconds: no person is that quick.
  await wait(20);
  const stdout = await ask(machine.world, { method: 'GET', url, headers: { Host: hostName }, timeoutMs });
  const end = stdout.indexOf('\r\n\r\n');
  const headers = stdout.slice(0, Math.max(end, 0));
  return { status: Number(headers.split(' ')[1] ?? 0), headers, text: end < 0 ? '' : stdout.slice(end + 4) };
}

/** So many visits one after the other, each over a connection of its own, some forty a second. */
export async function visits(machine: Machine, hostName: string, count: number, path = '/'): Promise<Visit[]> {
  const answers: Visit[] = [];
  while (answers.length < count) answers.push(await visit(machine, hostName, path, 10_000));
  return answers;
}

export async function waitForText(
  machine: Machine,
  hostName: string,
  wanted: string,
  timeoutMs = 15_000,
): Promise<void> {
  // Twice, further apart than old processes of nginx live after a reload: from then on nobody gets another answer.
  let seen = 0;
  await until(
    `${hostName} to answer with ${wanted}`,
    async () => {
      seen = (await visit(machine, hostName)).text.includes(wanted) ? seen + 1 : 0;
      return seen >= 2 ? true : undefined;
    },
    timeoutMs,
  );
}

/** Workers of nginx that are ending may still take a connection for a moment. */
export async function waitForNoText(machine: Machine, hostName: string, gone: string): Promise<void> {
  await until(
    `${hostName} to answer without ${gone}`,
    async () => ((await visit(machine, hostName)).text.includes(gone) ? undefined : true),
    3_000,
    50,
  );
}

export type Job = {
  id: string;
  state: string;
  attempts: number;
  steps: { name: string; state: string }[];
  failure: unknown;
};

export async function startNginxJob(who: Visitor): Promise<Job> {
  return await call<Job>(who, 'POST', '/api/v1/software/nginx/install', undefined, { status: 202 });
}

export async function getJob(who: Visitor, id: string): Promise<Job> {
  return await call(who, 'GET', `/api/v1/jobs/${id}`);
}

/** Waits while the panel may be down. */
export async function endOfJob(who: Visitor, id: string): Promise<Job> {
  return await until(
    'the job to end',
    async () => {
      const now = await getJob(who, id);
      return ['succeeded', 'failed', 'cancelled'].includes(now.state) ? now : undefined;
    },
    180_000,
    300,
  );
}

/** Installs nginx by the durable job; answers the job's log as the browser sees it. */
export async function installNginx(who: Visitor): Promise<string> {
  const job = await endOfJob(who, (await startNginxJob(who)).id);
  const log = await jobLog(who, job.id);
  if (job.state !== 'succeeded') throw new Error(`job ${job.state}: ${JSON.stringify(job)}\n${log.slice(-3000)}`);
  return log;
}

/** The whole log of an ended job over the event stream. */
export async function jobLog(who: Visitor, jobId: string): Promise<string> {
  const url = `${who.origin}/api/v1/jobs/${jobId}/stream`;
  const headers = { Cookie: cookiesFor(who.cookieFile, url) };
  const output = await ask(who.machine.world, { method: 'GET', url, headers, timeoutMs: 2_000 });
  return output.slice(output.indexOf('\r\n\r\n') + 4);
}
