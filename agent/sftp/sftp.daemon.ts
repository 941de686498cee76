import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '#shared/errors.ts';
import { findProgram, run } from '../core/run.ts';
import { errnoOf, look, makeFolder } from '../core/files.ts';
import { commonSettings } from './sftp.render.ts';

/** The SSH server of the machine: asked about its settings, told to read them again. Its other settings are not ours. */

const timeoutMs = 10_000;

function findSshd(prefix: string): string | undefined {
  return findProgram('sshd', prefix);
}

export const hasServer = (prefix: string): boolean => findSshd(prefix) !== undefined;

function configOf(prefix: string): string {
  return `${prefix}/etc/ssh/sshd_config`;
}

/** Where sshd gives its rights up; the service makes it when it starts, and without it sshd looks at no file. */
const separationFolder = '/run/sshd';

/** Throws what sshd says against its present files. */
export async function checkSshd(prefix: string, reason: 'sftp_sshd_broken' | 'sftp_rejected'): Promise<void> {
  const sshd = findSshd(prefix);
  if (sshd === undefined) throw new AppError('in_use', 'There is no SSH server.', { reason: 'sftp_sshd_missing' });
  if (look(separationFolder).type === 'missing') makeFolder(separationFolder, { mode: 0o755 });
  const { code, stderr } = await run(sshd, ['-t', '-f', configOf(prefix)], { timeoutMs });
  if (code !== 0)
    throw new AppError('config_rejected', 'The SSH server does not take its settings.', {
      reason,
      params: { message: stderr.trim().slice(0, 500) },
    });
}

/**
 * What sshd would do for a user, as it says itself. Somebody's own settings that stand before ours would win: then the
 * site gets no access at all rather than another one than was promised.
 */
export async function checkEffective(
  prefix: string,
  user: string,
  wanted: { readonly authorizedkeysfile: string; readonly forcecommand: string },
): Promise<void> {
  const sshd = findSshd(prefix);
  if (sshd === undefined) throw new AppError('in_use', 'There is no SSH server.', { reason: 'sftp_sshd_missing' });
  const who = `user=${user},host=localhost,addr=127.0.0.1`;
  const { code, stdout, stderr } = await run(sshd, ['-T', '-f', configOf(prefix), '-C', who], { timeoutMs });
  if (code !== 0)
    throw new AppError('config_rejected', 'The SSH server does not take its settings.', {
      reason: 'sftp_rejected',
      params: { message: stderr.trim().slice(0, 500) },
    });
  const found = new Map(
    stdout.split('\n').map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1).trim()]),
  );
  // What a version does not know it does not say.
  for (const [name, value] of Object.entries({ ...commonSettings, ...wanted }))
    if (found.has(name) && found.get(name) !== value)
      throw new AppError('config_rejected', 'Other settings of the SSH server stand before those of the site.', {
        reason: 'sftp_overruled',
        params: { name },
      });
  if (!found.has('forcecommand') || !found.has('authorizedkeysfile'))
    throw new AppError('config_rejected', 'The SSH server does not read sshd_config.d.', {
      reason: 'sftp_overruled',
      params: { name: 'Include' },
    });
}

/** Makes a running sshd read its files again; sessions go on. One that is started for each connection reads them anyway. */
export function reloadSshd(prefix: string): void {
  const pid = Number(readOr(`${prefix}/run/sshd.pid`).trim());
  if (!Number.isInteger(pid) || pid < 2 || readOr(`/proc/${pid}/comm`).trim() !== 'sshd') return;
  try {
    process.kill(pid, 'SIGHUP');
  } catch (error) {
    if (errnoOf(error) !== 'ESRCH') throw error;
  }
}

/** Ends the sessions of a user, and ends when none is left: whoever came by a key that is gone, goes too. */
export async function endSessions(uid: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const left = sessionsOf(uid);
    if (left.length === 0) return;
    for (const pid of left) {
      try {
        process.kill(pid, tries < 100 ? 'SIGTERM' : 'SIGKILL');
      } catch (error) {
        if (errnoOf(error) !== 'ESRCH') throw error;
      }
    }
    await wait(10);
  }
}

/** Not by the owner of their folder in /proc: sshd makes that root's. */
function sessionsOf(uid: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name) || !/^sshd(-session)?$/.test(readOr(`/proc/${name}/comm`).trim())) return [];
    const owner = /^Uid:\t(\d+)\t/m.exec(readOr(`/proc/${name}/status`))?.[1];
    return owner === String(uid) ? [Number(name)] : [];
  });
}

function readOr(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
