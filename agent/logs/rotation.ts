import { z } from 'zod';
import { defaultLogRotation, logRotation, type LogRotation, type LogRotationState } from '#shared/logs.ts';
import { wwwlogs } from '#shared/site-folders.ts';
import { listNames, look, readText } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';
import { allRecords } from '../sites/site-records.ts';
import { keptFolder, logNamesOf, logPath, logsFolder } from './logs.paths.ts';

type Where = Pick<Machine, 'prefix' | 'stateFolder'>;

const lastRun = z.object({ at: z.number(), failures: z.number() });

const rotationFile = (where: Where): string => `${logsFolder(where)}/rotation.json`;
const lastRunFile = (where: Where): string => `${logsFolder(where)}/last-run.json`;

export function readRotation(where: Where): LogRotation {
  const text = readText(rotationFile(where));
  return text === undefined ? defaultLogRotation : logRotation.parse(JSON.parse(text));
}

export async function putRotation(where: Where, rotation: LogRotation): Promise<void> {
  await putJsonFile(rotationFile(where), rotation);
}

export async function noteRun(where: Where, run: z.infer<typeof lastRun>): Promise<void> {
  await putJsonFile(lastRunFile(where), run);
}

export function rotationState(where: Where): LogRotationState {
  const text = readText(lastRunFile(where));
  const last = text === undefined ? undefined : lastRun.safeParse(JSON.parse(text)).data;
  const kept = { files: 0, bytes: 0 };
  const add = (path: string): void => {
    const found = look(path);
    if (found.type !== 'file') return;
    kept.files++;
    kept.bytes += found.size;
  };
  for (const [slug, record] of allRecords(where)) {
    for (const kind of logNamesOf(record)) add(`${logPath(where, slug, kind)}.1`);
  }
  for (const slug of listNames(`${where.prefix}${wwwlogs}/kept`)) {
    const folder = where.prefix + keptFolder(slug);
    if (look(folder).type === 'folder') for (const name of listNames(folder)) add(`${folder}/${name}`);
  }
  return {
    rotation: readRotation(where),
    lastRunAt: last === undefined ? null : new Date(last.at).toISOString(),
    failures: last?.failures ?? 0,
    kept,
  };
}
