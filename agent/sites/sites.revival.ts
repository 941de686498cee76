import { look } from '../core/files.ts';
import { logLine, type Machine } from '../core/machine.ts';
import { findNginx, shownPath } from '../nginx/nginx.check.ts';
import { nginxPaths } from '../nginx/nginx.files.ts';
import { newChangeId } from '../nginx/nginx.isolate.ts';
import { checkCandidate, nginxLock } from './sites.apply.ts';
import { sharedText } from './site-texts.ts';
import { allRecords, findDrift, noteRecord, recordWant, type SiteRecord } from './site-records.ts';
import { createServing } from './site-serving.ts';

/** At most so many per start: each costs one question to nginx. */
const mostAtOnce = 20;
const limitMs = 20_000;

/**
 * Takes sites in again that were set aside and whose files are ours and unchanged: what nginx refused lay elsewhere, most
 * often the name of an upstream that could not be resolved while the machine booted.
 */
export async function bringBackSites(machine: Machine): Promise<void> {
  if (findNginx(machine.prefix) === undefined) return;
  const waiting = [...allRecords(machine).values()].filter((record) => isOursAndWhole(machine, record));
  for (const record of waiting.slice(0, mostAtOnce))
    await machine.locks.hold(nginxLock, Number.POSITIVE_INFINITY, () => bringBack(machine, record));
}

function isOursAndWhole(machine: Machine, record: SiteRecord): boolean {
  return record.isolated !== null && Object.keys(record.files).length > 0 && findDrift(machine, record) === undefined;
}

async function bringBack(machine: Machine, { slug }: SiteRecord): Promise<void> {
  const record = allRecords(machine).get(slug);
  if (record === undefined || !isOursAndWhole(machine, record)) return;
  const paths = nginxPaths(machine.prefix);
  const link = paths.link(slug);
  if (look(link).type !== 'missing') return;
  const next = { ...record, isolated: null };
  const deadlineAt = Date.now() + limitMs;
  const serving = createServing(machine, { targets: [], marker: undefined, deadlineAt });
  try {
    await machine.engine.run({
      changeId: newChangeId(),
      action: 'nginx.bring_back',
      actor: 'agent',
      wants: [
        { kind: 'link', path: link, target: `../sites/${slug}.conf`, shownAs: shownPath(link, machine.prefix) },
        recordWant(machine, next),
      ],
      validate: async () => checkCandidate(machine, slug, paths.site(slug), await sharedText(machine)),
      activate: () => serving.activate(),
      probe: () => serving.probe(),
    });
  } catch {
    // Still refused: it stays aside, with the reason that is kept.
    return;
  }
  noteRecord(machine, slug, next);
  logLine('info', 'a site that was set aside is served again', { slug });
}
