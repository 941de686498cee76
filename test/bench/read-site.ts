import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Figure } from './figures.ts';
import { send, until, type Panel } from './panel-process.ts';

type Load = { requestsPerSecond: number; p99Ms: number; failures: number };

/** What no panel on Node can be faster than: the same answer from memory, without a route, a session or a database. */
const bareServer = `require('node:http')
  .createServer((request, response) => {
    const body = process.env.BODY;
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body);
  })
  .listen(Number(process.env.PORT), '127.0.0.1');`;
const barePort = 15454;

/** Authenticated reading of one site: the panel on one core, 50 connections from the other; beside a bare server. */
export async function measureReading(panel: Panel, siteId: string, seconds: number): Promise<Figure[]> {
  const path = `/api/v1/sites/${siteId}`;
  load(panel.origin + path, panel.cookie, 4);
  const { requestsPerSecond, p99Ms, failures } = load(panel.origin + path, panel.cookie, seconds);
  if (failures > 0) throw new Error(`${failures} of the requests failed`);
  const bare = await measureBare(JSON.stringify((await panel.call('GET', path)).body), seconds);
  const note = `50 connections for ${seconds} s, panel pinned to one core; a bare server of Node: ${Math.round(bare.requestsPerSecond)} requests/s, p99 ${bare.p99Ms} ms`;
  return [
    {
      what: 'GET /api/v1/sites/{id}, signed in',
      unit: 'requests/s',
      value: requestsPerSecond,
      limit: { atLeast: 5_000 },
      note,
    },
    { what: 'GET /api/v1/sites/{id}, signed in, p99', unit: 'ms', value: p99Ms, limit: { atMost: 20 }, note },
  ];
}

async function measureBare(body: string, seconds: number): Promise<Load> {
  const env = { BODY: body, PORT: String(barePort) };
  const server = spawn('taskset', ['-c', '0', process.execPath, '-e', bareServer], { env, stdio: 'ignore' });
  try {
    const origin = `http://127.0.0.1:${barePort}`;
    await until('the bare server', async () => (await send(origin, 'GET', '/').catch(() => undefined)) && true);
    return load(origin, 'none', seconds);
  } finally {
    server.kill('SIGKILL');
  }
}

function load(url: string, cookie: string, seconds: number): Load {
  const program = join(import.meta.dirname, 'load.ts');
  const args = ['-c', '1', process.execPath, program, url, String(seconds)];
  const { status, stdout, stderr } = spawnSync('taskset', args, { encoding: 'utf8', input: cookie });
  if (status !== 0) throw new Error(`load: ${stderr}`);
  return JSON.parse(stdout) as Load;
}
