import { X509Certificate } from 'node:crypto';
import type { Shelved } from '#shared/agent/certificates.ts';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { arrangePair, keyKindOf, looksOf, type Pair } from '#shared/certificate-pair.ts';
import { AppError } from '#shared/errors.ts';
import { uncoveredHosts } from '#shared/site-tls.ts';
import type { FakeActions } from '../agent-fake.ts';

type CertificatesAction = Extract<keyof FakeActions, `certificates.${string}`>;
type Kept = { name: string; source: Shelved['source']; addedAt: number; changedAt: number; pair: Pair };

export type FakeCertificates = {
  readonly actions: Pick<FakeActions, CertificatesAction>;
  /** Throws what the real agent says of HTTPS that cannot be. */
  check(spec: SiteSpec): void;
};

/** The part of the fake agent that keeps certificates: the same checks of the same pairs, in memory. */
export function createFakeCertificates(now: () => number, specs: () => Iterable<SiteSpec>): FakeCertificates {
  const shelf = new Map<string, Kept>();
  const done = new Set<string>();

  function get(certificateId: string): Kept {
    const kept = shelf.get(certificateId);
    if (kept !== undefined) return kept;
    throw new AppError('not_found', 'There is no such certificate.', { reason: 'certificate_unknown' });
  }

  const usersOf = (certificateId: string): SiteSpec[] =>
    [...specs()].filter(({ tls }) => tls?.certificateId === certificateId);

  function shelved(id: string, { pair, name, source, addedAt, changedAt }: Kept): Shelved {
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
      siteIds: usersOf(id).map(({ siteId }) => siteId),
    };
  }

  return {
    check({ tls, domains }) {
      if (tls === null) return;
      const kept = shelf.get(tls.certificateId);
      if (kept === undefined) throw refused('tls.certificateId', 'certificate_unknown');
      const hosts = domains.filter(({ port }) => port === 80 || port === 443).map(({ host }) => host);
      if (hosts.length === 0) throw refused('tls', 'tls_needs_web_port');
      const looks = looksOf(kept.pair.certificate);
      if (uncoveredHosts(looks?.names ?? [], hosts).length === new Set(hosts).size)
        throw refused('tls.certificateId', 'certificate_not_for_site');
      if (tls.hsts !== null && looks?.isSelfSigned === true) throw refused('tls.hsts', 'hsts_self_signed');
    },
    actions: {
      'certificates.export_key': ({ certificateId }) => Promise.resolve({ key: get(certificateId).pair.key }),
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
        const { pair } = arrangePair({ certificate, key }, now());
        checkNamesStay(before?.pair.certificate, pair.certificate, usersOf(certificateId));
        const title = name === '' ? (before?.name ?? looksOf(pair.certificate)?.names[0] ?? '') : name;
        const kept = { name: title, source: 'own' as const, addedAt: before?.addedAt ?? now(), changedAt: now(), pair };
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
        shelf.delete(certificateId);
        done.add(changeId);
        return {};
      },
    },
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
