import { readFileSync } from 'node:fs';
import { request as requestPlain } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { parseEnv } from 'node:util';
import { https } from '#shared/lazy-node.ts';
import { findProgram, run } from '../../core/run.ts';
import { settingsFile } from '../sources/panel-layout.ts';
import type { BackupWork } from '../work.ts';

/*
 * The panel stands still while its records and its database change places. Where systemd is missing (a container, a
 * development machine) whoever started the processes stops them; the agent's lock tells when that was forgotten.
 */

const units = ['aapanel.service', 'aapanel-agent.socket', 'aapanel-agent.service'] as const;

async function systemctl(
  ...args: readonly string[]
): Promise<{ readonly code: number | null; readonly stderr: string }> {
  const program = findProgram('systemctl');
  if (program === undefined) throw new Error('systemctl is missing');
  return await run(program, args, { timeoutMs: 120_000 });
}

/** Answers what is to be started again. */
export async function stopPanel(work: BackupWork): Promise<() => Promise<void>> {
  if (!work.hasSystemd) return () => Promise.resolve();
  work.log('Stopping the panel.');
  const { code, stderr } = await systemctl('stop', ...units);
  // Units that do not exist are no panel to stop.
  if (code !== 0 && !/not loaded/i.test(stderr)) throw new Error(`systemctl stop: ${stderr.slice(0, 300)}`);
  return async () => {
    work.log('Starting the panel.');
    await systemctl('reset-failed', ...units);
    const started = await systemctl('start', 'aapanel-agent.socket', 'aapanel.service');
    if (started.code !== 0) throw new Error(`systemctl start: ${started.stderr.slice(0, 300)}`);
  };
}

/** Whether the panel answers that it is ready, within the time. */
export async function isPanelReady(work: BackupWork, limitMs: number): Promise<boolean> {
  const values = parseEnv(readFileSync(settingsFile(work), 'utf8'));
  const scheme = (values['SSL_CERT_PATH'] ?? '') === '' ? 'http' : 'https';
  const url = `${scheme}://127.0.0.1:${values['PORT'] ?? '5000'}/health/ready`;
  const endsAt = Date.now() + limitMs;
  for (;;) {
    if (await answers(url)) return true;
    if (Date.now() > endsAt) return false;
    await wait(200);
  }
}

async function answers(url: string): Promise<boolean> {
  return await new Promise((resolve) => {
    const start = url.startsWith('https:') ? https().request : requestPlain;
    // The panel's own certificate is known to nobody, and only this machine is asked.
    const sent = start(url, { rejectUnauthorized: false, timeout: 2_000 }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    sent.on('timeout', () => sent.destroy(new Error('timeout')));
    sent.on('error', () => resolve(false));
    sent.end();
  });
}
