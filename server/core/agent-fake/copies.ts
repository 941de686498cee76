import type { SiteSpec } from '#shared/agent/sites.ts';
import { AppError } from '#shared/errors.ts';
import { secretIdsOf } from '#shared/site-app.ts';
import type { SiteCopyState } from '#shared/site-copies.ts';
import type { FakeActions, FakeCall } from '../agent-fake.ts';
import type { FakeCertificates } from './certificates.ts';
import type { createFakeDatabases } from './databases.ts';
import { pairOfFile } from './site-files.ts';
import type { FakeSites } from './sites.ts';

type CopiesAction = Extract<keyof FakeActions, `copies.${string}`>;
type Copy = {
  readonly spec: SiteSpec;
  readonly sourceId: string;
  readonly beganAt: number;
  /** Of one that comes from a file. */
  readonly certificateId: string | null;
  state: 'running' | 'settled' | 'cancelled';
};

const lines = ['212 files, 18874368 bytes.', 'Left out, neither file nor folder nor link: cache/queue.sock'];

/** The part of the fake agent that copies sites: no file is copied, and each copy is there after a moment. */
export function createFakeCopies({
  runMs,
  now,
  sites,
  databases,
  certificates,
  requireTicket,
}: {
  readonly runMs: number;
  readonly now: () => number;
  readonly sites: FakeSites;
  readonly databases: Pick<ReturnType<typeof createFakeDatabases>, 'bring' | 'takeBack'>;
  readonly certificates: Pick<FakeCertificates, 'bring'>;
  readonly requireTicket: (call: FakeCall) => void;
}): Pick<FakeActions, CopiesAction> {
  const copies = new Map<string, Copy>();

  function seen({ state, beganAt, spec }: Copy): SiteCopyState {
    const share = Math.min(1, (now() - beganAt) / runMs);
    if (state !== 'running') return { state, progress: Math.floor(share * 100), failure: null };
    if (share < 1) return { state, progress: Math.floor(share * 100), failure: null };
    // A domain with a meaning: its disk is full.
    if (spec.domains.some(({ host }) => host === 'full-disk.test'))
      return { state: 'failed', progress: null, failure: { reason: 'disk_full', params: {} } };
    return { state: 'copied', progress: 100, failure: null };
  }

  return {
    async 'copies.start'({ copyId, source, spec, withSecrets }, call) {
      const present = copies.get(copyId);
      if (present !== undefined) return seen(present);
      if ('base' in source) requireTicket(call);
      else if (
        'siteId' in source &&
        !sites.specs().some(({ siteId, slug }) => siteId === source.siteId && slug === source.slug)
      )
        throw new AppError('not_found', 'There is no such site.', { reason: 'site_unknown' });
      const certificateId = 'uploadId' in source ? source.certificateId : null;
      await sites.check(certificateId === null ? spec : { ...spec, tls: null });
      const hasSecrets = withSecrets && spec.app !== null && secretIdsOf(spec.app).length > 0;
      if (spec.customDirectives.trim() !== '' || hasSecrets) requireTicket(call);
      if ('uploadId' in source) databases.bring(copyId, spec.siteId, source.databases);
      const sourceId = 'siteId' in source ? source.siteId : '';
      const copy: Copy = { spec, sourceId, certificateId, beganAt: now(), state: 'running' };
      copies.set(copyId, copy);
      return seen(copy);
    },
    async 'copies.follow'({ copyId, offset }) {
      const copy = copies.get(copyId);
      if (copy === undefined) return { copy: null, isInterrupted: false, text: '', nextOffset: offset };
      const text = lines.map((line) => `${line}\n`).join('');
      return { copy: seen(copy), isInterrupted: false, text: text.slice(offset), nextOffset: text.length };
    },
    async 'copies.cancel'({ copyId }) {
      const copy = copies.get(copyId);
      if (copy === undefined) return { copy: null };
      if (copy.state === 'running') databases.takeBack(copyId);
      if (copy.state === 'running' && seen(copy).state !== 'failed') copy.state = 'cancelled';
      return { copy: seen(copy) };
    },
    async 'copies.settle'({ copyId, changeId }) {
      const copy = copies.get(copyId);
      if (copy === undefined) throw new AppError('not_found', 'There is no such copy.', { reason: 'copy_unknown' });
      if (copy.state !== 'settled' && seen(copy).state !== 'copied')
        throw new AppError('in_use', 'The files of the copy are not all there.', { reason: 'copy_not_ready' });
      if (copy.certificateId !== null) certificates.bring(copy.certificateId, pairOfFile());
      const made = await sites.makeCopied(copy.spec, changeId, copy.sourceId);
      copy.state = 'settled';
      return made;
    },
  };
}
