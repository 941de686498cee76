import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { Figure } from './figures.ts';
import { dropCaches, fillDatabase, startMariadb } from './mariadb.ts';
import { ask, startAgent, startPanel, type Code, type Panel } from './panel-process.ts';
import { onDisk } from './private-machine.ts';
import { residentMb } from './process-cost.ts';

/*
 * A SQL file into a database: by the bare client, and by the panel's import, which reads it as the site's user, divides it
 * into statements and sends them as the database's own account. The same file and the same server, in turn.
 */

const port = 15454;
const mib = 1024 * 1024;
const records = '/var/lib/aapanel-agent/databases/runs';
const rounds = 2;

/** Of a dump of `databaseMib`. Inside the private machine only. */
export async function measureImport(code: Code, folder: string, databaseMib: number): Promise<Figure[]> {
  // The dump, and the copy of the database before it.
  const giveBack = [onDisk(folder, '/www/wwwroot'), onDisk(folder, '/var/lib')];
  const server = await startMariadb(folder);
  const agent = await startAgent(code, folder);
  const panel = await startPanel(code, { port, dataDir: join(folder, 'import'), agentSocket: agent.socket });
  try {
    fillDatabase(server.socket, databaseMib);
    const { databaseId, siteId, path } = await prepare(panel, server.socket);
    const bare: number[] = [];
    const ours: { seconds: number; wholeSeconds: number; peakMb: number }[] = [];
    for (let round = 0; round < rounds; round += 1) {
      bare.push(loadBare(server.socket, path));
      ours.push(await load(panel, databaseId, siteId));
    }
    const size = `${Math.round(statSync(path).size / mib)} MiB`;
    const [best, bareBest] = [Math.min(...ours.map(({ seconds }) => seconds)), Math.min(...bare)];
    const whole = Math.min(...ours.map(({ wholeSeconds }) => wholeSeconds));
    return [
      {
        what: 'import of an SQL dump into MariaDB',
        unit: '× bare',
        value: best / bareBest,
        limit: { atMost: 1.15 },
        note: `${size}: ${best.toFixed(1)} s against ${bareBest.toFixed(1)} s by the client; ${whole.toFixed(1)} s with the copy of the database before it`,
      },
      {
        what: 'import, memory of the run',
        unit: 'MB',
        value: Math.max(...ours.map(({ peakMb }) => peakMb)),
        limit: { atMost: 150 },
        note: 'the process that loads, at its peak',
      },
    ];
  } finally {
    await panel.stop();
    await agent.stop();
    await server.stop();
    for (const each of giveBack) each();
  }
}

/** A database of the panel's and a site that has the dump. */
async function prepare(panel: Panel, socket: string): Promise<{ databaseId: string; siteId: string; path: string }> {
  const { site } = await ask<{ site: { id: string } }>(panel, 'POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['import.test'],
  });
  const database = await ask<{ id: string }>(panel, 'POST', '/api/v1/databases', { name: 'loaded', user: 'loaded' });
  const place = '/www/wwwroot/import.test';
  const path = join(place, 'dump.sql');
  const file = openSync(path, 'w', 0o640);
  const { uid, gid } = statSync(place);
  chownSync(path, uid, gid);
  const args = ['--no-defaults', `--socket=${socket}`, '--single-transaction', '--quick', 'shop'];
  const { status } = spawnSync('/usr/bin/mariadb-dump', args, { stdio: ['ignore', file, 'inherit'] });
  closeSync(file);
  if (status !== 0) throw new Error('the dump was not made');
  execFileSync('/usr/bin/mariadb', ['--no-defaults', `--socket=${socket}`, '-e', 'create database bare']);
  return { databaseId: database.id, siteId: site.id, path };
}

function loadBare(socket: string, path: string): number {
  dropCaches();
  const file = openSync(path, 'r');
  const from = performance.now();
  const args = ['--no-defaults', `--socket=${socket}`, 'bare'];
  const { status } = spawnSync('/usr/bin/mariadb', args, { stdio: [file, 'ignore', 'inherit'] });
  const seconds = (performance.now() - from) / 1_000;
  closeSync(file);
  if (status !== 0) throw new Error('the client did not load it');
  return seconds;
}

type Record = {
  readonly state: string;
  readonly process: { readonly pid: number } | null;
  readonly load: { readonly phase: 'copy' | 'load' | 'done' };
  readonly failure: unknown;
};

/** From the first statement to the last one; the copy of the database before it is what the bare client does not make. */
async function load(
  panel: Panel,
  databaseId: string,
  siteId: string,
): Promise<{ seconds: number; wholeSeconds: number; peakMb: number }> {
  dropCaches();
  const from = performance.now();
  const job = await ask<{ id: string }>(panel, 'POST', `/api/v1/databases/${databaseId}/imports`, {
    siteId,
    path: 'dump.sql',
  });
  let loadFrom = from;
  let peakMb = 0;
  for (;;) {
    const record = JSON.parse(readFileSync(`${records}/${job.id}.json`, 'utf8')) as Record;
    if (record.load.phase === 'copy') loadFrom = performance.now();
    peakMb = Math.max(peakMb, residentMb(record.process?.pid ?? 0));
    if (record.load.phase === 'done' || record.state === 'succeeded') {
      const now = performance.now();
      while (!(await isReady(panel, databaseId))) await wait(50);
      return { seconds: (now - loadFrom) / 1_000, wholeSeconds: (now - from) / 1_000, peakMb };
    }
    if (record.state === 'failed') throw new Error(`the import failed: ${JSON.stringify(record.failure)}`);
    await wait(10);
  }
}

async function isReady(panel: Panel, databaseId: string): Promise<boolean> {
  const { items } = await ask<{ items: { id: string; state: string }[] }>(panel, 'GET', '/api/v1/databases');
  return items.find(({ id }) => id === databaseId)?.state === 'ready';
}
