import type { ActionParams } from '#shared/agent/action.ts';
import type { Shelved } from '#shared/agent/certificates.ts';
import type { AgentActions } from '#shared/agent/index.ts';
import { arrangePair, looksOf } from '#shared/certificate-pair.ts';
import { AppError } from '#shared/errors.ts';
import { askOrDo } from '../core/ask-or-do.ts';
import type { Call } from '../core/call.ts';
import { logLine, type AgentSettings, type Machine } from '../core/machine.ts';
import { markOfTrusted, readTrusted } from '../core/trusted-file.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { putPair } from './put-pair.ts';
import { allStored, findStored, getStored } from './shelf.ts';
import { shelvedOf } from './shown.ts';
import { readSeen, writeSeen } from './watch-state.ts';

/*
 * Certificates whose files belong to another tool. They are copied to the shelf, and copied anew when they have changed: what
 * sites are served with is always a pair that was checked as a whole. Until a new one can be used the one before goes on.
 */

type Files = { readonly certificate: string; readonly key: string };
type Where = Pick<Machine, 'stateFolder' | 'prefix'>;

const maxBytes = 64 * 1024;

/** Puts a certificate of another tool's on the shelf and has its files looked after from now on. */
export async function watch(
  machine: Machine,
  { certificateId, changeId, name, ...files }: ActionParams<AgentActions['certificates.watch']>,
  { actor, deadlineAt }: Call,
): Promise<Shelved> {
  const before = findStored(machine, certificateId);
  const done = machine.engine.find(changeId);
  if (before !== undefined && done !== undefined && done !== 'open' && done.state === 'committed')
    return shelvedOf(machine, before);
  if (before !== undefined)
    throw new AppError('already_exists', 'There is a certificate with this id.', { reason: 'certificate_exists' });
  const paths = { certificate: files.certificatePath, key: files.keyPath };
  const mark = markOf(machine, paths);
  const now = Date.now();
  const { pair, leaf } = arrangePair(readPairOf(machine, paths), now);
  const title = name === '' ? (looksOf(pair.certificate)?.names[0] ?? '') : name;
  const record = {
    name: title,
    source: 'files' as const,
    addedAt: now,
    changedAt: now,
    acme: null,
    files: paths,
    revoked: null,
  };
  const change = { certificateId, changeId, action: 'certificates.watch', actor: actor.id, deadlineAt };
  await putPair(machine, { ...change, record, pair, leaf });
  await writeSeen(machine, certificateId, { mark, fault: null });
  return shelvedOf(machine, getStored(machine, certificateId));
}

/** Those whose files are not as they were when they were last looked at. */
export function changedCertificates(where: Where): string[] {
  return allStored(where).flatMap((stored) => {
    const { files } = stored.record;
    return files !== null && readSeen(where, stored.certificateId)?.mark !== markOf(where, files)
      ? [stored.certificateId]
      : [];
  });
}

/** For the timer: the agent takes up what has changed. */
export async function takeUpChanged(where: Where & { readonly settings: AgentSettings }): Promise<void> {
  for (const certificateId of changedCertificates(where))
    await askOrDo(where.settings, 'certificates.take_up_files', { certificateId }, (machine) =>
      takeUpFiles(machine, certificateId, Date.now() + 60_000),
    );
}

/** Serves what the files hold now, or notes why not. Call it with nginx's lock held. */
export async function takeUpFiles(machine: Machine, certificateId: string, deadlineAt: number): Promise<void> {
  const stored = findStored(machine, certificateId);
  const files = stored?.record.files ?? null;
  if (stored === undefined || files === null) return;
  const mark = markOf(machine, files);
  const before = readSeen(machine, certificateId);
  if (before?.mark === mark) return;
  try {
    const now = Date.now();
    const { pair, leaf } = arrangePair(readPairOf(machine, files), now);
    if (leaf.fingerprint256 !== stored.leaf.fingerprint256) {
      const record = { ...stored.record, changedAt: now };
      const change = { certificateId, changeId: newChangeId(), action: 'certificates.take_up_files', actor: 'agent' };
      await putPair(machine, { ...change, deadlineAt, record, pair, leaf });
    }
    await writeSeen(machine, certificateId, { mark, fault: null });
  } catch (error) {
    const why = whyOf(error);
    logLine('error', 'a certificate of another tool has changed and cannot be used', { certificateId, why });
    await writeSeen(machine, certificateId, { mark, fault: { why, at: before?.fault?.at ?? Date.now() } });
  }
}

/** A key of `errors.certificate`. */
function whyOf(error: unknown): string {
  if (!(error instanceof AppError)) return 'not_served';
  const { reason, params } = error;
  if (reason === 'site_certificate_invalid') return String(params['why']);
  const own = ['file_missing', 'file_not_roots', 'certificate_loses_names'];
  return reason !== undefined && own.includes(reason) ? reason : 'not_served';
}

function readPairOf({ prefix }: Where, files: Files): { certificate: string; key: string } {
  return {
    certificate: readTrusted(prefix, files.certificate, maxBytes),
    key: readTrusted(prefix, files.key, maxBytes),
  };
}

/** What cannot be read has a mark too: that it cannot be read any more is a change. */
function markOf({ prefix }: Where, files: Files): string {
  return [files.certificate, files.key]
    .map((path) => {
      try {
        return markOfTrusted(prefix, path);
      } catch (error) {
        return error instanceof AppError ? (error.reason ?? 'unreadable') : 'unreadable';
      }
    })
    .join(' ');
}
