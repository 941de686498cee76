import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeTestApp, type TestApp } from '../../testing.ts';
import { makeToken } from '../../testing/matrix.ts';
import { findProgram } from './testing.ts';

/*
 * The real programs of Prometheus, where they are installed. metrics.test.ts has the strict reader that runs everywhere.
 */

const prometheus = findProgram('prometheus');
const promtool = findProgram('promtool');
let test: TestApp;
let folder: string;
let origin: string;
let secret: string;
let running: ChildProcess | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'aapanel-prometheus-'));
  test = await makeTestApp();
  secret = await makeToken(await (await test.signIn()).elevate(), ['system.read', 'backups.read']);
  origin = await test.app.listen({ host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  if (running?.exitCode === null) {
    const ended = new Promise((resolve) => running?.once('exit', resolve));
    running.kill();
    await ended;
  }
  await test.close();
  await rm(folder, { recursive: true, force: true });
});

/** The example of the documentation that holds this word, as a file. */
async function exampleWith(word: string): Promise<string> {
  const page = await readFile(join(import.meta.dirname, '../../../docs/en/metrics.md'), 'utf8');
  const blocks = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, text = '']) => text);
  return blocks.find((text) => text.includes(word)) ?? '';
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('Prometheus itself', () => {
  it.skipIf(promtool === undefined)('P5.1-1 H-7 promtool finds nothing to object to', async () => {
    const answer = await fetch(`${origin}/metrics`, { headers: { authorization: `Bearer ${secret}` } });
    const { status, stdout, stderr } = spawnSync(promtool ?? '', ['check', 'metrics'], { input: await answer.text() });
    expect([status, String(stdout), String(stderr)]).toEqual([0, '', '']);
  });

  it.skipIf(promtool === undefined)('the example rules of the documentation are rules', async () => {
    const path = join(folder, 'rules.yml');
    await writeFile(path, await exampleWith('BackupTooOld'));
    const { status, stdout } = spawnSync(promtool ?? '', ['check', 'rules', path]);
    expect([status, String(stdout)]).toEqual([0, expect.stringContaining('5 rules found')]);
  });

  it.skipIf(prometheus === undefined)(
    'P5.1-1 scrapes the panel as the documentation says, and finds it up',
    async () => {
      await writeFile(join(folder, 'token'), secret);
      await writeFile(join(folder, 'rules.yml'), await exampleWith('BackupTooOld'));
      const scrape = (await exampleWith('scrape_configs'))
        .replace('scheme: https', 'scheme: http')
        .replace('/etc/prometheus/aapanel.token', join(folder, 'token'))
        .replace('panel.example.com:5000', new URL(origin).host)
        .replace('15s', '1s')
        .replace('10s', '1s');
      await writeFile(join(folder, 'prometheus.yml'), `${scrape}\nrule_files: ['${join(folder, 'rules.yml')}']\n`);
      const port = await freePort();
      running = spawn(
        prometheus ?? '',
        [
          `--config.file=${join(folder, 'prometheus.yml')}`,
          `--storage.tsdb.path=${join(folder, 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        { stdio: 'ignore' },
      );
      const ask = async (query: string) => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/query?query=${encodeURIComponent(query)}`);
        const { data } = (await answer.json()) as { data: { result: { value: [number, string] }[] } };
        return data.result[0]?.value[1];
      };
      await vi.waitFor(async () => expect(await ask('up{job="aapanel"}')).toBe('1'), {
        timeout: 30_000,
        interval: 250,
      });
      expect(await ask('aapanel_build_info{service="aapanel"}')).toBe('1');
      expect(await ask('aapanel_db_healthy')).toBe('1');
    },
    40_000,
  );
});
