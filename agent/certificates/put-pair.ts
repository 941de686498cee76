import { randomBytes, type X509Certificate } from 'node:crypto';
import { AppError } from '#shared/errors.ts';
import { looksOf, type Pair } from '#shared/certificate-pair.ts';
import { uncoveredHosts } from '#shared/site-tls.ts';
import { listNames, makeFolders, putFile, removeOwnFolder, Unsynced } from '../core/files.ts';
import { webPortsOf, type Machine } from '../core/machine.ts';
import type { Want } from '../core/steps.ts';
import { showsCertificate } from '../nginx/nginx.answers.ts';
import { poll } from '../nginx/nginx.process.ts';
import { isServed, privateFile, type SiteRecord } from '../sites/site-records.ts';
import { createServing, notAnswering } from '../sites/site-serving.ts';
import { leadsToKnownRoot } from './known-roots.ts';
import { findStored, placeOf, sitesWith, type CertificateRecord, type Stored } from './shelf.ts';

/** Sites that are asked whether they show the new certificate, at most: they all got it by the same reload. */
const mostAsked = 20;
const longestMs = 8_000;

export type NewVersion = {
  readonly certificateId: string;
  readonly changeId: string;
  readonly action: string;
  readonly actor: string;
  readonly record: Omit<CertificateRecord, 'hasKnownRoot'>;
  readonly pair: Pair;
  readonly leaf: X509Certificate;
  readonly deadlineAt: number;
};

/**
 * Puts a checked pair in the place of the present one, in one transaction: both files lie on the disk before the link
 * names them, nginx loads them, and each site that uses the certificate must be seen to show it. What a known
 * authority vouches for is replaced by nothing less. Otherwise the old pair is
 * back and served. Call it with nginx's lock held.
 */
export async function putPair(machine: Machine, given: NewVersion): Promise<void> {
  const { certificateId, leaf, deadlineAt } = given;
  const place = placeOf(machine, certificateId);
  const users = sitesWith(machine, certificateId).filter(isServed);
  const before = findStored(machine, certificateId);
  checkNamesStay(before?.leaf, leaf, users);
  const hasKnownRoot = leadsToKnownRoot(machine.prefix, given.pair.certificate, Date.now());
  if (!hasKnownRoot) checkTrustStays(machine, before);
  const version = await writeVersion(machine, given);
  const serving = createServing(machine, { targets: [], marker: undefined, deadlineAt });
  const wants: Want[] = [
    { kind: 'link', path: place.current, target: `versions/${version}` },
    privateFile(machine, place.record, `${JSON.stringify({ ...given.record, hasKnownRoot })}\n`),
  ];
  try {
    await machine.engine.run({
      changeId: given.changeId,
      action: given.action,
      actor: given.actor,
      wants,
      ...(users.length === 0
        ? {}
        : {
            activate: () => serving.activate(),
            async probe() {
              await serving.probe();
              if (serving.isServing) await mustShow(machine, users, leaf.fingerprint256, deadlineAt);
            },
          }),
    });
  } catch (error) {
    removeOwnFolder(place.version(version));
    throw error;
  }
  // One step back is kept, for somebody who looks for it by hand.
  const kept = new Set([version, before?.version]);
  for (const name of listNames(place.versions)) if (!kept.has(name)) removeOwnFolder(place.version(name));
}

/** Throws when a site would lose a name that the present certificate is good for. */
function checkNamesStay(before: X509Certificate | undefined, next: X509Certificate, users: SiteRecord[]): void {
  if (before === undefined) return;
  const hosts = users.flatMap(({ domains }) => domains.map(({ host }) => host));
  const namesOf = (each: X509Certificate): string[] => looksOf(each.toString())?.names ?? [];
  const alreadyOut = new Set(uncoveredHosts(namesOf(before), hosts));
  const lost = uncoveredHosts(namesOf(next), hosts).filter((host) => !alreadyOut.has(host));
  if (lost.length === 0) return;
  throw new AppError('in_use', 'Sites that use this certificate would lose names.', {
    reason: 'certificate_loses_names',
    params: { names: lost.slice(0, 20).join(', ') },
  });
}

/**
 * Throws when browsers would stop to believe what they believe now: a certificate of an authority that nobody knows, or a
 * chain without its middle, in the place of a good one.
 */
function checkTrustStays({ prefix }: Machine, before: Stored | undefined): void {
  const now = Date.now();
  if (
    before === undefined ||
    before.record.revoked !== null ||
    before.isFoundRevoked ||
    before.leaf.validToDate.getTime() <= now
  )
    return;
  if (!leadsToKnownRoot(prefix, before.chain, now)) return;
  throw new AppError('invalid_request', 'The chain does not lead to a known root, and that of the present one does.', {
    reason: 'site_certificate_invalid',
    params: { why: 'root_unknown' },
  });
}

/** Both files, and the names of their folders, are on the disk when this ends. */
async function writeVersion(machine: Machine, { certificateId, pair }: NewVersion): Promise<string> {
  const place = placeOf(machine, certificateId);
  const version = `${Date.now()}-${randomBytes(4).toString('hex')}`;
  const folder = place.version(version);
  makeFolders(folder);
  const unsynced = new Unsynced();
  try {
    putFile(`${folder}/chain.pem`, Buffer.from(pair.certificate), { mode: 0o600 }, 'new', unsynced);
    putFile(`${folder}/key.pem`, Buffer.from(pair.key), { mode: 0o600 }, 'new', unsynced);
    for (const path of [folder, place.versions, place.folder]) unsynced.addParent(path);
    await unsynced.flush();
  } catch (error) {
    unsynced.drop();
    removeOwnFolder(folder);
    throw error;
  }
  return version;
}

async function mustShow(
  machine: Machine,
  users: readonly SiteRecord[],
  fingerprint: string,
  deadlineAt: number,
): Promise<void> {
  const ports = webPortsOf(machine);
  const targets = users.slice(0, mostAsked).flatMap(({ domains }) => {
    const first = domains.find(({ port }) => port === ports.http || port === ports.https);
    return first === undefined ? [] : [{ host: first.host, port: ports.https, fingerprint }];
  });
  const endsAt = Math.min(Date.now() + longestMs, deadlineAt - 1_000);
  for (const target of targets) if (!(await poll(() => showsCertificate(target), endsAt))) throw notAnswering(target);
}
