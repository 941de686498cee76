import { generateKeyPair as generate } from 'node:crypto';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { AppError } from '#shared/errors.ts';
import { maxFtpUsers, plainFtpWord, type FtpSettings, type FtpWish } from '#shared/ftp.ts';
import type { Call } from '../core/call.ts';
import { look, putFile, readText, removeFile, Unsynced } from '../core/files.ts';
import type { Machine } from '../core/machine.ts';
import { findProgram, run } from '../core/run.ts';
import type { Want } from '../core/steps.ts';
import { listMachineAccounts } from '../machine-accounts/read-accounts.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { poll } from '../nginx/nginx.process.ts';
import { selfOwner } from '../sites/site-records.ts';
import { ftpMark, ftpPaths, plainLine, renderFtp } from './ftp.render.ts';

/*
 * The FTP server of the distribution (vsftpd): our file in place of its own, before the package starts it for the first time.
 * Nobody may sign in until somebody is named.
 */

const generateKeyPair = promisify(generate);
const unit = 'vsftpd.service';

/** Throws `ftp_missing`, `ftp_foreign`. */
export function readFtpSettings(machine: Machine): FtpSettings {
  const { prefix } = machine;
  const text = ownText(prefix);
  return {
    users: usersOf(prefix),
    candidates: candidatesOf(machine),
    requiresTls: !text.split('\n').includes(plainLine),
  };
}

/** Throws `plain_ftp_unconfirmed`, `ftp_user_unfit` and what reading throws. */
export async function putFtpSettings(machine: Machine, wish: FtpWish, call: Call): Promise<FtpSettings> {
  ownText(machine.prefix);
  if (!wish.requiresTls && wish.confirmed !== plainFtpWord)
    throw new AppError('invalid_request', 'Without TLS passwords travel readable: that has to be confirmed.', {
      reason: 'plain_ftp_unconfirmed',
    });
  const before = usersOf(machine.prefix);
  const candidates = candidatesOf(machine);
  // Whoever is let in already may stay, so that somebody else's lost password does not stand in the way.
  const unfit = wish.users.find((name) => !candidates.includes(name) && !before.includes(name));
  if (unfit !== undefined)
    throw new AppError('invalid_request', 'Only people of the machine with a password sign in over FTP.', {
      reason: 'ftp_user_unfit',
      params: { name: unfit },
    });
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'ftp.put_settings',
    actor: call.actor.id,
    wants: wantsOf(machine, [...new Set(wish.users)].sort(), wish.requiresTls),
    activate: () => restart(machine),
    probe: () => mustRun(machine),
  });
  return readFtpSettings(machine);
}

/**
 * Our files, unless a server with a file of somebody else is there already. Called before the package comes, and again
 * afterwards: the distribution's own file would let every user in without TLS.
 */
export async function configureFtp(machine: Machine, say: (text: string) => void): Promise<void> {
  const { prefix } = machine;
  const isThere = findProgram('vsftpd', prefix) !== undefined;
  const text = readText(prefix + ftpPaths.main);
  if (isThere && text?.startsWith(ftpMark) !== true) {
    say(`${ftpPaths.main} is somebody else's and stays as it is.`);
    return;
  }
  const pair = look(prefix + ftpPaths.pair).type === 'missing' ? await makePair(machine) : undefined;
  const isPlain = text?.startsWith(ftpMark) === true && text.split('\n').includes(plainLine);
  await machine.engine.run({
    changeId: newChangeId(),
    action: 'ftp.configure',
    actor: 'agent',
    wants: [
      ...(pair === undefined ? [] : [fileOf(machine, ftpPaths.pair, pair, 0o600)]),
      ...wantsOf(machine, usersOf(prefix), !isPlain),
    ],
  });
  say(ftpPaths.main);
}

function wantsOf(machine: Machine, users: readonly string[], requiresTls: boolean): Want[] {
  return [
    fileOf(machine, ftpPaths.users, users.map((name) => `${name}\n`).join(''), 0o600),
    // vsftpd refuses a file that somebody but root can write.
    fileOf(machine, ftpPaths.main, renderFtp(requiresTls), 0o644),
  ];
}

function fileOf(machine: Machine, path: string, text: string, mode: number): Want {
  const bytes = Buffer.from(text);
  return { kind: 'file', path: machine.prefix + path, bytes, mode, ...selfOwner(machine), shownAs: path };
}

/** Signed by itself, for ten years: whoever connects is asked once whether they know it. Its key, then its certificate. */
async function makePair({ prefix, stateFolder }: Machine): Promise<string> {
  const openssl = findProgram('openssl', prefix) ?? findProgram('openssl');
  if (openssl === undefined) throw new Error('openssl is missing');
  const { privateKey } = await generateKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const name = /^[A-Za-z0-9.-]{1,64}$/.test(hostname()) ? hostname() : 'localhost';
  const keyPath = `${stateFolder}/ftp-key.pem`;
  const unsynced = new Unsynced();
  putFile(keyPath, Buffer.from(privateKey), { mode: 0o600 }, 'new', unsynced);
  unsynced.drop();
  try {
    const asked = ['req', '-x509', '-new', '-key', keyPath, '-days', '3650', '-subj', `/CN=${name}`];
    const { code, stdout } = await run(openssl, asked, { timeoutMs: 30_000 });
    if (code !== 0 || !stdout.includes('CERTIFICATE')) throw new Error('openssl made no certificate');
    return privateKey + stdout;
  } finally {
    removeFile(keyPath);
  }
}

function ownText(prefix: string): string {
  if (findProgram('vsftpd', prefix) === undefined)
    throw new AppError('in_use', 'The FTP server is not installed.', { reason: 'ftp_missing' });
  const text = readText(prefix + ftpPaths.main);
  if (text?.startsWith(ftpMark) !== true)
    throw new AppError('in_use', 'The FTP server has a file that is not of the panel.', { reason: 'ftp_foreign' });
  return text;
}

function usersOf(prefix: string): string[] {
  const lines = (readText(prefix + ftpPaths.users) ?? '').split('\n');
  return lines.filter((line) => line !== '').slice(0, maxFtpUsers);
}

function candidatesOf(machine: Machine): string[] {
  const { items } = listMachineAccounts(machine);
  const fit = items.filter(
    ({ kind, canSignIn, hasPassword }) => kind === 'person' && canSignIn && hasPassword === true,
  );
  return fit.map(({ name }) => name).sort();
}

async function restart(machine: Machine): Promise<void> {
  const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl !== undefined) await run(systemctl, ['restart', '--', unit], { timeoutMs: 30_000 });
}

async function mustRun(machine: Machine): Promise<void> {
  const systemctl = machine.hasSystemd ? findProgram('systemctl') : undefined;
  if (systemctl === undefined) return;
  // It ends at once when it does not like its file.
  await poll(() => false, Date.now() + 700);
  const { code } = await run(systemctl, ['is-active', '--quiet', '--', unit], { timeoutMs: 10_000 });
  if (code !== 0) throw new AppError('config_rejected', 'The FTP server does not start.', { reason: 'ftp_rejected' });
}
