import { randomInt } from 'node:crypto';
import { logLine, type Machine } from '../core/machine.ts';
import { look } from '../core/files.ts';
import { allRecords, findRecord, noteRecord, recordWant, type SiteRecord } from '../sites/site-records.ts';
import { askNginx, blamedSite, brokenElsewhere, findNginx, shownPath, type Complaint } from './nginx.check.ts';
import { nginxPaths } from './nginx.files.ts';

/** Thrown when the file of another site, broken by hand, keeps nginx from loading anything. */
export class BrokenSiteError extends Error {
  readonly slug: string;
  readonly complaint: Complaint;
  constructor(slug: string, complaint: Complaint) {
    super(complaint.message);
    this.name = 'BrokenSiteError';
    this.slug = slug;
    this.complaint = complaint;
  }
}

/** Takes one site out of what nginx reads and keeps the complaint; its files stay as they are. A pool that PHP-FPM refuses gets another name, which FPM does not read. */
export async function isolateSite(machine: Machine, slug: string, complaint: Complaint): Promise<void> {
  const { link } = nginxPaths(machine.prefix);
  const reason = machine.prefix === '' ? complaint.message : complaint.message.replaceAll(machine.prefix, '');
  const changeId = newChangeId();
  const pool = complaint.file !== null && complaint.file.includes('/fpm/pool.d/') ? complaint.file : undefined;
  const record = { ...(findRecord(machine, slug) ?? unknownSite(slug)), isolated: { reason, at: Date.now() } };
  await machine.engine.run({
    changeId,
    action: 'nginx.isolate',
    actor: 'agent',
    wants: [
      { kind: 'remove', path: link(slug), shownAs: shownPath(link(slug), machine.prefix) },
      ...(pool === undefined ? [] : [{ kind: 'move' as const, from: pool, to: `${pool}.aside-${changeId}` }]),
      recordWant(machine, record),
    ],
  });
  noteRecord(machine, slug, record);
  logLine('info', 'a site was set aside', { slug, reason });
}

/** Sets aside what keeps the present tree from loading; for the time before nginx starts. Answers the slugs. */
export async function isolateBroken(machine: Machine): Promise<string[]> {
  const paths = nginxPaths(machine.prefix);
  const isolated: string[] = [];
  if (findNginx(machine.prefix) === undefined || look(paths.enabled).type !== 'folder') return isolated;
  // Each round removes one site: this ends.
  for (let round = 0; round <= allRecords(machine).size + 100; round++) {
    const complaint = await askNginx(machine.prefix, paths.main);
    if (complaint === undefined) return isolated;
    const slug = blamedSite(machine.prefix, complaint);
    if (slug === null || isolated.includes(slug)) throw brokenElsewhere(complaint, machine.prefix);
    await isolateSite(machine, slug, complaint);
    isolated.push(slug);
  }
  throw brokenElsewhere({ message: 'too many files in a row were refused', file: paths.main, line: 1 }, machine.prefix);
}

function unknownSite(slug: string): SiteRecord {
  const none = { domains: [], isEnabled: true, files: {}, adopted: null, isolated: null };
  return { siteId: '', slug, linuxUser: '', uid: null, root: '', ...none };
}

export function newChangeId(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz234567';
  return Array.from({ length: 16 }, () => letters[randomInt(32)]).join('');
}
