import { X509Certificate } from 'node:crypto';
import { tls } from '#shared/lazy-node.ts';
import { readText } from '../core/files.ts';

/** What this machine trusts besides: the authorities of the distribution, and those that an administrator put there. */
const machineRoots = '/etc/ssl/certs/ca-certificates.crt';
const maxBytes = 4 * 1024 * 1024;

/**
 * Whether a chain that was checked in itself leads to an authority that browsers know (Mozilla's list, which comes with
 * Node) or that this machine trusts. Reads some 300 certificates, so it is asked when a certificate is put, never for a list.
 */
export function leadsToKnownRoot(prefix: string, chain: string, now: number): boolean {
  const links = certificatesIn(chain).map((pem) => new X509Certificate(pem));
  const own = certificatesIn(readText(prefix + machineRoots, maxBytes) ?? '');
  return [tls().rootCertificates, own].some((roots) => roots.some((pem) => vouches(pem, links, now)));
}

/** The known authority that issued a certificate itself, without anybody between; undefined: none did. */
export function knownIssuerOf(prefix: string, leaf: X509Certificate): X509Certificate | undefined {
  const own = certificatesIn(readText(prefix + machineRoots, maxBytes) ?? '');
  for (const pem of [...own, ...tls().rootCertificates]) {
    try {
      const root = new X509Certificate(pem);
      if (leaf.checkIssued(root) && leaf.verify(root.publicKey)) return root;
    } catch {
      // Another one of the machine's.
    }
  }
  return undefined;
}

function vouches(pem: string, links: readonly X509Certificate[], now: number): boolean {
  try {
    const root = new X509Certificate(pem);
    if (root.validToDate.getTime() <= now) return false;
    return links.some(
      (link) => link.fingerprint256 === root.fingerprint256 || (link.checkIssued(root) && link.verify(root.publicKey)),
    );
  } catch {
    // One unreadable certificate of the machine's says nothing about the others.
    return false;
  }
}

function certificatesIn(pem: string): string[] {
  return pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
}
