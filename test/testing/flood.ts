import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

/** What a flood of sign-ins led to. Times in milliseconds. */
export type Flood = {
  readonly statuses: readonly number[];
  /** Answers to `GET /health/live` meanwhile, from the panel and from a server that does nothing else. */
  readonly probedMs: readonly number[];
  readonly bareMs: readonly number[];
  /** Processor time of the thread that answers requests, per sign-in: the same on a busy machine. */
  readonly loopMsPerSignIn: number;
  readonly mostBytes: number;
};

export type FloodOptions = {
  readonly pid: number;
  /** `http://127.0.0.1:PORT` of a panel that trusts `X-Forwarded-For` of 127.0.0.1. */
  readonly origin: string;
  /** Of a server that answers at once. */
  readonly bareOrigin: string;
  readonly seconds: number;
  readonly perSecond: number;
};

const everyMs = 20;
const pool = new Agent({ keepAlive: true, maxSockets: 100 });
const probes = new Agent({ keepAlive: true, maxSockets: 2 });

/** Sends `perSecond` wrong sign-ins in each second, for 50 names, each from an address of its own. */
export async function flood({ pid, origin, bareOrigin, seconds, perSecond }: FloodOptions): Promise<Flood> {
  const answers: Promise<{ status: number }>[] = [];
  const probedMs: number[] = [];
  const bareMs: number[] = [];
  let mostBytes = 0;
  const loopFromMs = loopMs(pid);
  const startedAt = performance.now();
  for (let tick = 0; tick < (seconds * 1_000) / everyMs; tick += 1) {
    for (let index = 0; index < (perSecond * everyMs) / 1_000; index += 1) answers.push(signIn(origin, answers.length));
    if (tick % 5 === 0) {
      const [own, bare] = await Promise.all([ask(`${origin}/health/live`), ask(bareOrigin)]);
      probedMs.push(own.ms);
      bareMs.push(bare.ms);
      mostBytes = Math.max(mostBytes, rssBytes(pid));
    }
    await wait(Math.max(0, startedAt + (tick + 1) * everyMs - performance.now()));
  }
  const statuses = (await Promise.all(answers)).map(({ status }) => status);
  return { statuses, probedMs, bareMs, mostBytes, loopMsPerSignIn: (loopMs(pid) - loopFromMs) / statuses.length };
}

async function signIn(origin: string, number: number): Promise<{ status: number }> {
  const body = JSON.stringify({ name: `name-${number % 50}`, password: 'wrong password' });
  const from = `203.0.${number % 250}.${Math.floor(number / 250) % 250}`;
  return await send(`${origin}/api/v1/sign-in`, pool, body, {
    origin,
    'x-aapanel': '1',
    'x-forwarded-for': from,
    'content-type': 'application/json',
  });
}

/** One GET, as a probe makes it. */
export async function ask(url: string): Promise<{ status: number; ms: number }> {
  return await send(url, probes);
}

async function send(url: string, agent: Agent, body?: string, headers: Record<string, string> = {}) {
  const startedAt = performance.now();
  return await new Promise<{ status: number; ms: number }>((resolve, reject) => {
    const sent = request(url, { method: body === undefined ? 'GET' : 'POST', headers, agent }, (answer) => {
      answer.resume();
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, ms: performance.now() - startedAt }));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

function rssBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
}

/** Processor time of the main thread, user and system; Linux counts it in hundredths of a second (proc(5)). */
function loopMs(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/task/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
