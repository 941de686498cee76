import {
  chmodSync,
  chownSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
  constants,
} from 'node:fs';
import { join, resolve } from 'node:path';
import type { ConfigInput } from '#server/config.ts';

/** The file of settings that `loadConfig` reads for this input. */
export function envFileOf({ env, cwd }: Pick<ConfigInput, 'env' | 'cwd'>): string {
  const named = env['AAPANEL_ENV_FILE']?.trim() ?? '';
  return named === '' ? join(cwd, '.env') : resolve(cwd, named);
}

export type WrittenEnvFile = {
  /** A copy of what stood there before; undefined when there was no file. */
  readonly backup: string | undefined;
  /** Puts back what stood there before. */
  undo(): void;
};

/**
 * Replaces whole lines: `null` takes a variable out. What else stands in the file stays as it is, and so do its mode and
 * owner. The old file is kept beside it; a reader sees the old or the new one, never a half. Throws what the disk throws.
 */
export function writeEnvFile(path: string, values: Readonly<Record<string, string | null>>, now: Date): WrittenEnvFile {
  const isThere = existsSync(path);
  const before = isThere ? readFileSync(path, 'utf8') : '';
  const kept = before.split('\n').filter((line) => !Object.hasOwn(values, nameOf(line)));
  while (kept.at(-1) === '') kept.pop();
  const added = Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [`${name}=${quoted(value)}`]));
  const stamp = now.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const backup = isThere ? `${path}.before-move-${stamp}` : undefined;
  if (backup !== undefined) {
    copyFileSync(path, backup, constants.COPYFILE_EXCL);
    keepOwner(path, backup);
  }
  replace(path, `${[...kept, ...added].join('\n')}\n`);
  return {
    backup,
    undo() {
      if (!isThere) return rmSync(path, { force: true });
      replace(path, before);
      if (backup !== undefined) rmSync(backup, { force: true });
    },
  };
}

function nameOf(line: string): string {
  return /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=/.exec(line)?.[1] ?? '';
}

function quoted(value: string): string {
  return /^[\w.:/@%?=&+,~-]*$/.test(value) ? value : `'${value}'`;
}

function replace(path: string, text: string): void {
  const part = `${path}.part-${process.pid}`;
  const file = openSync(part, 'wx', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  if (existsSync(path)) keepOwner(path, part);
  renameSync(part, path);
}

function keepOwner(from: string, to: string): void {
  const { uid, gid, mode } = statSync(from);
  const own = statSync(to);
  if (own.uid !== uid || own.gid !== gid) chownSync(to, uid, gid);
  chmodSync(to, mode & 0o777);
}
