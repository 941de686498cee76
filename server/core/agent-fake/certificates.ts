import { createHash, X509Certificate } from 'node:crypto';
import type { Shelved } from '#shared/agent/certificates.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { endingStage } from '#shared/certificate-trouble.ts';
import { arrangePair, keyKindOf, looksOf, type Pair } from '#shared/certificate-pair.ts';
import type { WaitingProof } from '#shared/certificate-proofs.ts';
import type { CertificateOrder } from '#shared/certificates.ts';
import { AppError } from '#shared/errors.ts';
import { uncoveredHosts } from '#shared/site-tls.ts';
import type { FakeActions } from '../agent-fake.ts';
import { createFakeDnsAccounts } from './dns-accounts.ts';
import { fakePair } from './self-signed.ts';

type CertificatesAction = Extract<keyof FakeActions, `certificates.${string}`>;
type Kept = {
  name: string;
  source: Shelved['source'];
  addedAt: number;
  changedAt: number;
  pair: Pair;
  /** Of the site whose names somebody proves by hand. */
  byHandFor: string | null;
  files: Shelved['files'];
  revoked: Shelved['revoked'];
};
type Order = {
  certificateId: string;
  hosts: readonly string[];
  startedAt: number;
  isFailed: boolean;
  /** Of one that waits for a person's records; how often somebody has looked. */
  byHand: { readonly siteId: string; looks: number; isCancelled: boolean } | null;
};

/** How long an order takes, and what it says meanwhile. */
const orderMs = 1_500;
/** The first look finds nothing yet. */
const looksUntilShown = 2;
const third = 30 * 24 * 60 * 60 * 1000;

export type FakeCertificates = {
  readonly actions: Pick<FakeActions, CertificatesAction>;
  /** Throws what the real agent says of HTTPS that cannot be. */
  check(spec: SiteSpec): void;
  /** Puts one on the shelf that came in the file of a site. */
  bring(certificateId: string, pair: Pair): void;
};

/** The part of the fake agent that keeps certificates: the same checks of the same pairs, in memory. */
export function createFakeCertificates(now: () => number, specs: () => Iterable<SiteSpec>): FakeCertificates {
  const shelf = new Map<string, Kept>();
  const done = new Set<string>();
  /** What was chosen for the panel, the newest first. */
  let ofPanel: readonly string[] = [];
  /** Ordered for its own name. */
  const forPanel = new Set<string>();
  const orders = new Map<string, Order>();
  const accounts = createFakeDnsAccounts((certificateId) => shelf.get(certificateId)?.name);

  function get(certificateId: string): Kept {
    const kept = shelf.get(certificateId);
    if (kept !== undefined) return kept;
    throw new AppError('not_found', 'There is no such certificate.', { reason: 'certificate_unknown' });
  }

  const usersOf = (certificateId: string): SiteSpec[] =>
    [...specs()].filter(({ tls }) => tls?.certificateId === certificateId);

  function shelved(id: string, { pair, name, source, addedAt, changedAt, files, revoked }: Kept): Shelved {
    const leaf = new X509Certificate(pair.certificate);
    const looks = looksOf(pair.certificate);
    if (looks === null) throw new Error('a kept certificate cannot be read');
    return {
      id,
      name,
      source,
      ...looks,
      validFrom: leaf.validFromDate.toISOString(),
      serial: leaf.serialNumber,
      keyKind: keyKindOf(leaf),
      addedAt: new Date(addedAt).toISOString(),
      changedAt: new Date(changedAt).toISOString(),
      isOfPanel: ofPanel.includes(id),
      siteIds: usersOf(id).map(({ siteId }) => siteId),
      renewal: source === 'acme' ? renewalOf(id, leaf) : null,
      revoked,
      files,
      // All that is made here is known to nobody.
      hasKnownRoot: false,
      trouble: troubleOf(id, source, leaf),
    };
  }

  /** As the real one sees it: of those that sites are served with, a renewal from its second failure on. */
  function troubleOf(id: string, source: Shelved['source'], leaf: X509Certificate): Shelved['trouble'] {
    if (!ofPanel.includes(id) && !usersOf(id).some(({ isEnabled }) => isEnabled)) return null;
    const times = { validFrom: leaf.validFromDate.getTime(), validUntil: leaf.validToDate.getTime() };
    const stage = endingStage(times, now());
    const failed = [...orders.values()].filter(({ certificateId, isFailed }) => certificateId === id && isFailed);
    const reason = failed.length === 0 ? null : dead.reason;
    const at = new Date(now()).toISOString();
    if (stage !== null && (source !== 'acme' || stage !== 'third')) return { kind: 'ending', stage, at, reason };
    return failed.length < 2 ? null : { kind: 'renewal_failed', stage: null, at, reason };
  }

  function renewalOf(id: string, leaf: X509Certificate): Shelved['renewal'] {
    const last = [...orders.values()].findLast(({ certificateId }) => certificateId === id);
    return {
      nextAt: new Date(leaf.validToDate.getTime() - third).toISOString(),
      lastAt: last === undefined ? null : new Date(last.startedAt).toISOString(),
      failure: last === undefined ? null : shown(last).failure,
      stopped: shelf.get(id)?.byHandFor === null ? null : 'by_hand',
    };
  }

  function startOrder(
    orderId: string,
    certificateId: string,
    hosts: readonly string[],
    byHandFor: string | null = null,
  ): CertificateOrder {
    const isFailed =
      hosts.includes('fail-acme.test') || (shelf.has(certificateId) && hosts.includes('fail-renewal.test'));
    const order = orders.get(orderId) ?? {
      certificateId,
      hosts,
      startedAt: now(),
      isFailed,
      byHand: byHandFor === null ? null : { siteId: byHandFor, looks: 0, isCancelled: false },
    };
    orders.set(orderId, order);
    return shown(order);
  }

  /** The fake authority signs itself: nothing here makes keys, so what it issues is one prepared pair. */
  function shown({ certificateId, hosts, startedAt, isFailed, byHand }: Order): CertificateOrder {
    const facts = { certificateId, isWaiting: false };
    if (byHand?.isCancelled === true) return { ...facts, state: 'failed', failure: cancelled };
    if (byHand !== null && byHand.looks < looksUntilShown)
      return { ...facts, state: 'running', failure: null, isWaiting: true };
    if (now() - startedAt < orderMs) return { ...facts, state: 'running', failure: null };
    if (isFailed) return { ...facts, state: 'failed', failure: dead };
    if ((shelf.get(certificateId)?.changedAt ?? 0) < startedAt) {
      const before = shelf.get(certificateId);
      const pair = fakePair(hosts);
      const times = { addedAt: before?.addedAt ?? now(), changedAt: Math.max(now(), startedAt) };
      const byHandFor = byHand?.siteId ?? null;
      shelf.set(certificateId, {
        name: before?.name ?? hosts[0] ?? '',
        source: 'acme',
        ...times,
        pair,
        byHandFor,
        files: null,
        revoked: null,
      });
    }
    return { ...facts, state: 'succeeded', failure: null };
  }

  return {
    bring(certificateId, pair) {
      const times = { addedAt: now(), changedAt: now() };
      const name = looksOf(pair.certificate)?.names[0] ?? '';
      shelf.set(certificateId, { name, source: 'own', ...times, pair, byHandFor: null, files: null, revoked: null });
    },
    check({ tls, domains }) {
      if (tls === null) return;
      const kept = shelf.get(tls.certificateId);
      if (kept === undefined) throw refused('tls.certificateId', 'certificate_unknown');
      const hosts = domains.filter(({ port }) => port === 80 || port === 443).map(({ host }) => host);
      if (hosts.length === 0) throw refused('tls', 'tls_needs_web_port');
      const looks = looksOf(kept.pair.certificate);
      if (uncoveredHosts(looks?.names ?? [], hosts).length === new Set(hosts).size)
        throw refused('tls.certificateId', 'certificate_not_for_site');
      if (tls.isHttp3 && domains.some(({ host }) => host === 'fail-http3.test'))
        throw refused('tls.isHttp3', 'http3_unavailable');
      if (tls.hsts !== null && looks?.isSelfSigned === true) throw refused('tls.hsts', 'hsts_self_signed');
    },
    actions: {
      ...accounts.actions,
      'certificates.export_key': ({ certificateId }) => Promise.resolve({ key: get(certificateId).pair.key }),
      async 'certificates.choose_for_panel'({ certificateId, followedId }) {
        get(certificateId);
        ofPanel = [certificateId, ...ofPanel.filter((each) => each === followedId && each !== certificateId)];
        return {};
      },
      'certificates.of_panel'({ certificateId, isSettled, knownFingerprint }) {
        const ids =
          certificateId !== null && (ofPanel.includes(certificateId) || forPanel.has(certificateId))
            ? [certificateId]
            : [];
        if (isSettled) ofPanel = ids;
        else ofPanel = [...ids, ...ofPanel.filter((each) => !ids.includes(each))];
        const kept = shelf.get(ids[0] ?? '');
        if (kept === undefined) return Promise.resolve({ isKnown: false, pair: null });
        const isSame = new X509Certificate(kept.pair.certificate).fingerprint256 === knownFingerprint;
        return Promise.resolve({ isKnown: true, pair: isSame ? null : kept.pair });
      },
      async 'certificates.issue'({ orderId, certificateId, siteId, hosts, proof }) {
        if (proof.kind === 'dns') accounts.use(proof.accountId, certificateId);
        return startOrder(orderId, certificateId, hosts, proof.kind === 'manual' ? siteId : null);
      },
      async 'certificates.issue_for_panel'({ orderId, certificateId, host }) {
        if (host === 'fail-nginx.test')
          throw new AppError('in_use', 'nginx does not run.', { reason: 'acme_no_nginx' });
        const known = [...shelf].find(([id, { name }]) => forPanel.has(id) && name === host)?.[0];
        forPanel.add(known ?? certificateId);
        return startOrder(orderId, known ?? certificateId, [host]);
      },
      'certificates.tell_panel_fallback': () => Promise.resolve({}),
      'certificates.cancel_order'({ orderId }) {
        const { byHand } = orders.get(orderId) ?? { byHand: null };
        if (byHand !== null && byHand.looks < looksUntilShown) byHand.isCancelled = true;
        return Promise.resolve({});
      },
      'certificates.look_for_proof'({ orderId }) {
        const order = orders.get(orderId);
        if (order?.byHand !== null && order?.byHand !== undefined) {
          order.byHand.looks += 1;
          if (order.byHand.looks === looksUntilShown) order.startedAt = now();
        }
        return Promise.resolve({});
      },
      'certificates.proofs': ({ siteId }) =>
        Promise.resolve({
          items: [...orders].flatMap(([orderId, order]) =>
            order.byHand?.siteId === siteId && shown(order).isWaiting ? [waitingOf(orderId, order)] : [],
          ),
        }),
      'certificates.order'({ orderId, offset }) {
        const order = orders.get(orderId);
        if (order === undefined) return Promise.resolve({ order: null, text: '', nextOffset: offset });
        const text = order.hosts.map((host) => `${host}: 192.0.2.10 answers\n`).join('');
        return Promise.resolve({ order: shown(order), text: text.slice(offset), nextOffset: text.length });
      },
      'certificates.renew'({ orderId, certificateId }) {
        const kept = get(certificateId);
        if (kept.source !== 'acme')
          throw new AppError('in_use', 'This certificate was brought by somebody.', {
            reason: 'certificate_not_issued',
          });
        const names = looksOf(kept.pair.certificate)?.names ?? [];
        return Promise.resolve(startOrder(orderId, certificateId, names, kept.byHandFor));
      },
      'certificates.renew_due': () => Promise.resolve({ orderIds: [] }),
      async 'certificates.revoke'({ certificateId, orderId, reason }) {
        const kept = get(certificateId);
        if (kept.source !== 'acme')
          throw new AppError('in_use', 'This certificate was brought by somebody.', {
            reason: 'certificate_not_issued',
          });
        if (kept.revoked !== null)
          throw new AppError('in_use', 'This certificate is revoked already.', { reason: 'certificate_revoked' });
        kept.revoked = { at: new Date(now()).toISOString(), reason };
        const order = { certificateId, hosts: [], startedAt: 0, isFailed: false, byHand: null };
        orders.set(orderId, order);
        return shown(order);
      },
      'certificates.settle': () => Promise.resolve({}),
      'certificates.list': () => Promise.resolve({ items: [...shelf].map(([id, kept]) => shelved(id, kept)) }),
      async 'certificates.put'({ certificateId, changeId, isNew, name, certificate, key }) {
        const before = isNew ? shelf.get(certificateId) : get(certificateId);
        if (before !== undefined && done.has(changeId)) return shelved(certificateId, before);
        if (isNew && before !== undefined)
          throw new AppError('already_exists', 'There is a certificate with this id.', {
            reason: 'certificate_exists',
          });
        if (before?.source === 'acme')
          throw new AppError('in_use', 'An issued certificate is renewed, not replaced.', {
            reason: 'certificate_issued',
          });
        if (before?.source === 'files')
          throw new AppError('in_use', 'Another tool keeps this certificate.', { reason: 'certificate_of_files' });
        const { pair } = arrangePair({ certificate, key }, now());
        checkNamesStay(before?.pair.certificate, pair.certificate, usersOf(certificateId));
        const title = name === '' ? (before?.name ?? looksOf(pair.certificate)?.names[0] ?? '') : name;
        const times = { addedAt: before?.addedAt ?? now(), changedAt: now() };
        const kept = {
          name: title,
          source: 'own' as const,
          ...times,
          pair,
          byHandFor: null,
          files: null,
          revoked: null,
        };
        shelf.set(certificateId, kept);
        done.add(changeId);
        return shelved(certificateId, kept);
      },
      'certificates.take_up_files': () => Promise.resolve({}),
      /** Files are not looked at here: whatever is named holds one prepared pair, and what is called `missing` is not there. */
      async 'certificates.watch'({ certificateId, changeId, name, certificatePath, keyPath }) {
        for (const path of [certificatePath, keyPath]) {
          if (path.includes('missing'))
            throw new AppError('not_found', 'There is no such file.', { reason: 'file_missing', params: { path } });
        }
        const pair = fakePair(['files.example.com']);
        const files = { certificatePath, keyPath, fault: null };
        const title = name === '' ? (looksOf(pair.certificate)?.names[0] ?? '') : name;
        const times = { addedAt: now(), changedAt: now() };
        const kept = { name: title, source: 'files' as const, ...times, pair, byHandFor: null, files, revoked: null };
        shelf.set(certificateId, kept);
        done.add(changeId);
        return shelved(certificateId, kept);
      },
      async 'certificates.read'({ certificateId }) {
        const kept = get(certificateId);
        return { ...shelved(certificateId, kept), chain: kept.pair.certificate };
      },
      async 'certificates.remove'({ certificateId, changeId }) {
        if (!shelf.has(certificateId) && done.has(changeId)) return {};
        get(certificateId);
        const users = usersOf(certificateId);
        if (users.length > 0)
          throw new AppError('in_use', 'Sites are served with this certificate.', {
            reason: 'certificate_in_use',
            params: { sites: users.map(({ slug }) => slug).join(', ') },
          });
        if (ofPanel.includes(certificateId))
          throw new AppError('in_use', 'The panel itself shows this certificate.', { reason: 'certificate_of_panel' });
        shelf.delete(certificateId);
        done.add(changeId);
        return {};
      },
    },
  };
}

const dead = { reason: 'acme_ca_unreachable', params: {} };
const cancelled = { reason: 'acme_cancelled', params: {} };

/** What a person would have to put into the DNS: a value as long as those of authorities. */
function waitingOf(orderId: string, { certificateId, hosts, startedAt, byHand }: Order): WaitingProof {
  const records = hosts.map((host, index) => ({
    name: `_acme-challenge.${host.replace(/^\*\./, '')}`,
    value: createHash('sha256').update(`${orderId}${index}`).digest('base64url'),
    servers: ['192.0.2.53', '198.51.100.53'].map((server) => ({ server, sight: 'none' as const })),
  }));
  const isLooked = byHand !== null && byHand.looks > 0;
  return {
    orderId,
    certificateId,
    hosts: [...hosts],
    records: records.map((record) => (isLooked ? record : { ...record, servers: [] })),
    startedAt: new Date(startedAt).toISOString(),
    endsAt: new Date(startedAt + 48 * 3_600_000).toISOString(),
    checkedAt: isLooked ? new Date(startedAt).toISOString() : null,
  };
}

function refused(field: string, code: string): AppError {
  return new AppError('invalid_request', 'HTTPS of the site cannot be as asked.', { fields: [{ field, code }] });
}

function checkNamesStay(before: string | undefined, next: string, users: readonly SiteSpec[]): void {
  if (before === undefined) return;
  const hosts = users.flatMap(({ domains }) => domains.map(({ host }) => host));
  const alreadyOut = new Set(uncoveredHosts(looksOf(before)?.names ?? [], hosts));
  const lost = uncoveredHosts(looksOf(next)?.names ?? [], hosts).filter((host) => !alreadyOut.has(host));
  if (lost.length === 0) return;
  throw new AppError('in_use', 'Sites that use this certificate would lose names.', {
    reason: 'certificate_loses_names',
    params: { names: lost.slice(0, 20).join(', ') },
  });
}
