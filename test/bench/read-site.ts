import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Figure } from './figures.ts';
import type { Panel } from './panel-process.ts';

type Load = { requestsPerSecond: number; p99Ms: number; failures: number };

/** Authenticated reading of one site: the panel on one core, 50 connections from the other. */
export function measureReading(panel: Panel, siteId: string, seconds: number): Figure[] {
  const path = `/api/v1/sites/${siteId}`;
  load(panel, path, 4);
  const { requestsPerSecond, p99Ms, failures } = load(panel, path, seconds);
  if (failures > 0) throw new Error(`${failures} of the requests failed`);
  const note = `50 connections for ${seconds} s, panel pinned to one core`;
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

function load(panel: Panel, path: string, seconds: number): Load {
  const program = join(import.meta.dirname, 'load.ts');
  const args = ['-c', '1', process.execPath, program, panel.origin + path, String(seconds)];
  const { status, stdout, stderr } = spawnSync('taskset', args, { encoding: 'utf8', input: panel.cookie });
  if (status !== 0) throw new Error(`load: ${stderr}`);
  return JSON.parse(stdout) as Load;
}
