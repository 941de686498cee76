import { z } from 'zod';
import { id, idPattern } from '#shared/http.ts';
import { AppError } from '#shared/errors.ts';
import { recordingSettings, type RecordingSettings, type TerminalRecording } from '#shared/terminal-recordings.ts';
import { terminalUsers, type RecordingRule } from '#shared/terminals.ts';
import { requireTicket, type Call } from '../core/call.ts';
import { closeFile, listNames, makeFolders, openFile, readAt, readText, removeFile } from '../core/files.ts';
import { putJsonFile } from '../core/json-file.ts';
import type { Machine } from '../core/machine.ts';
import { registerOf } from '../people/register.ts';
import { listFacts, type TerminalFacts } from './terminal-records.ts';

/*
 * Recordings of terminals in the agent's own state: who had the terminal beside what it showed (recorder.ts). The web
 * process reads those of root's, of saved hosts and of other people only with a fresh factor of somebody who may be root.
 */

type Where = Pick<Machine, 'stateFolder'>;
type Kept = Where & Pick<Machine, 'now' | 'prefix' | 'isRoot'>;

/** Of all recordings; the oldest go first. */
const mostBytesOfAll = 1024 * 1024 * 1024;
/** They are listed whole. */
const mostRecordings = 1_000;
const pieceBytes = 4 * 1024 * 1024;
const dayMs = 24 * 60 * 60_000;

const facts = z.object({
  person: z.object({ id: z.string(), name: z.string() }),
  kind: z.enum(terminalUsers),
  siteId: id.nullable(),
  user: z.string(),
  startedAt: z.int(),
});

const folderOf = ({ stateFolder }: Where): string => `${stateFolder}/terminal-recordings`;
const settingsPath = ({ stateFolder }: Where): string => `${stateFolder}/terminal-recording.json`;
export const recordingPath = (where: Where, terminalId: string): string => `${folderOf(where)}/${terminalId}.cast`;
const factsPath = (where: Where, terminalId: string): string => `${folderOf(where)}/${terminalId}.json`;

export function readRecordingSettings(where: Where): RecordingSettings {
  const text = readText(settingsPath(where));
  return text === undefined ? { recorded: 'none', keptDays: 30 } : recordingSettings.parse(JSON.parse(text));
}

/** Answers what stood there before. */
export async function setRecording(machine: Machine, settings: RecordingSettings): Promise<RecordingSettings> {
  const before = readRecordingSettings(machine);
  await putJsonFile(settingsPath(machine), settings);
  pruneRecordings(machine);
  return before;
}

/** Of this moment: a terminal that runs goes on as it began. Whom the register does not have falls under the strictest. */
export function recordingRuleOf(machine: Machine, { actor }: Pick<Call, 'actor'>): RecordingRule {
  const role = registerOf(machine).find(actor.id)?.recording ?? 'always';
  return { role, recorded: readRecordingSettings(machine).recorded };
}

/** Before the terminal begins, so that no recording is without its owner. */
export async function prepareRecording(
  machine: Machine,
  { terminalId, kind, siteId, user, startedAt }: TerminalFacts,
  person: Call['actor'],
): Promise<void> {
  makeFolders(folderOf(machine));
  pruneRecordings(machine);
  const owner = { id: person.id, name: person.name };
  await putJsonFile(factsPath(machine, terminalId), { person: owner, kind, siteId, user, startedAt });
}

/** Newest first: all with the permission for root's terminals, else the person's own. */
export function listRecordings(machine: Machine, { actor, may }: Call): TerminalRecording[] {
  pruneRecordings(machine);
  const all = findAll(machine);
  return may('terminals.root') ? all : all.filter(({ person }) => person.id === actor.id);
}

/** Throws `elevation_required` for what the person's own factor of just now must open. */
export function readRecording(
  machine: Machine,
  { recordingId, offset }: { readonly recordingId: string; readonly offset: number },
  call: Call,
): { data: string; sizeBytes: number } {
  const found = findAll(machine).find((each) => each.id === recordingId);
  // Before it is said whether there is one.
  if (found?.person.id !== call.actor.id || found.kind !== 'site') requireTicket(call, 'terminals.root');
  const file = found === undefined ? undefined : openFile(recordingPath(machine, found.id));
  if (file === undefined) throw gone();
  try {
    return { data: readAt(file.fd, offset, pieceBytes).toString('base64'), sizeBytes: file.stats.size };
  } finally {
    closeFile(file.fd);
  }
}

export function removeRecording(machine: Machine, recordingId: string): TerminalRecording {
  const found = findAll(machine).find((each) => each.id === recordingId);
  if (found === undefined) throw gone();
  if (found.isRunning)
    throw new AppError('in_use', 'The terminal is still there.', { reason: 'terminal_recording_running' });
  forget(machine, recordingId);
  return found;
}

/** Throws away what is too old, and the oldest of what is too much. */
export function pruneRecordings(machine: Kept): void {
  const { keptDays } = readRecordingSettings(machine);
  let total = 0;
  for (const [index, { id: recordingId, isRunning, lastAt, sizeBytes }] of findAll(machine).entries()) {
    total += sizeBytes;
    const isOld = machine.now() - Date.parse(lastAt) > keptDays * dayMs;
    if (!isRunning && (isOld || total > mostBytesOfAll || index >= mostRecordings)) forget(machine, recordingId);
  }
}

function forget(where: Where, recordingId: string): void {
  removeFile(recordingPath(where, recordingId));
  removeFile(factsPath(where, recordingId));
}

/** Newest first. */
function findAll(machine: Kept): TerminalRecording[] {
  const running = new Set(listFacts(machine, machine.now()).map(({ terminalId }) => terminalId));
  const found = listNames(folderOf(machine)).flatMap((name): TerminalRecording[] => {
    const recordingId = name.replace(/\.cast$/, '');
    if (!name.endsWith('.cast') || !idPattern.test(recordingId)) return [];
    const text = readText(factsPath(machine, recordingId));
    const file = openFile(recordingPath(machine, recordingId));
    if (file !== undefined) closeFile(file.fd);
    if (text === undefined || file === undefined) return [];
    const { startedAt, ...rest } = facts.parse(JSON.parse(text));
    const { size: sizeBytes, mtimeMs } = file.stats;
    return [
      {
        id: recordingId,
        ...rest,
        startedAt: new Date(startedAt).toISOString(),
        lastAt: new Date(mtimeMs).toISOString(),
        sizeBytes,
        isRunning: running.has(recordingId),
      },
    ];
  });
  return found.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
}

const gone = (): AppError =>
  new AppError('not_found', 'There is no such recording.', { reason: 'terminal_recording_gone' });
