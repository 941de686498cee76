import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OcspReach } from '../revocation.ts';
import type { TestPair } from './certificates.ts';

/** Who signs an answer: the authority, whom it appointed, and one of its servers that it appointed for nothing. */
export type Signer = 'ca' | 'appointed' | 'good';

export type OcspAuthority = {
  /** Chains of two, whose first is good, or taken back, at this authority. */
  readonly good: TestPair;
  readonly revoked: TestPair;
  readonly ca: string;
  readonly reach: OcspReach;
  /** What the responder is asked for next. */
  answerBy(listener: RequestListener): void;
  /** By OpenSSL's own responder; it counts for a day. */
  answer(question: Buffer, signer?: Signer): Buffer;
  stop(): void;
};

/** An authority with an OCSP responder in this process, which answers by OpenSSL. */
export async function openOcspAuthority(names: string): Promise<OcspAuthority> {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-ocsp-'));
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

  function answer(question: Buffer, signer: Signer = 'ca'): Buffer {
    writeFileSync(join(folder, 'question'), question);
    const by = ['-CA', 'ca.pem', '-rsigner', `${signer}.pem`, '-rkey', `${signer}.key`];
    openssl('ocsp', '-index', 'index.txt', ...by, '-ndays', '1', '-reqin', 'question', '-respout', 'answer');
    return readFileSync(join(folder, 'answer'));
  }
  const byOpenssl: RequestListener = (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part)).on('end', () => response.end(answer(Buffer.concat(parts))));
  };
  let listener = byOpenssl;
  const server = createServer((request, response) => listener(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  openssl('req', '-x509', ...newKey, '-days', '30', '-subj', '/CN=ca', '-keyout', 'ca.key', '-out', 'ca.pem');
  const access = `subjectAltName=${names}\nauthorityInfoAccess=OCSP;URI:http://ocsp.test:${port}/asked\n`;
  const made = { good: access, revoked: access, appointed: 'extendedKeyUsage=OCSPSigning\n' };
  for (const [index, [name, extensions]] of Object.entries(made).entries()) {
    writeFileSync(join(folder, `${name}.ext`), extensions);
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', `0x900${index}`];
    const out = ['-days', '30', '-extfile', `${name}.ext`, '-out', `${name}.pem`];
    openssl('x509', '-req', '-in', `${name}.csr`, ...by, ...out);
  }
  const later = '300101000000Z';
  writeFileSync(
    join(folder, 'index.txt'),
    `V\t${later}\t\t9000\tunknown\t/CN=good\nR\t${later}\t260101000000Z\t9001\tunknown\t/CN=revoked\n`,
  );
  const pairOf = (name: string): TestPair => ({
    certificate: read(`${name}.pem`) + read('ca.pem'),
    key: read(`${name}.key`),
  });
  return {
    good: pairOf('good'),
    revoked: pairOf('revoked'),
    ca: read('ca.pem'),
    reach: {
      resolve: () => Promise.resolve(['127.0.0.1']),
      isAllowed: (address, asked) => address === '127.0.0.1' && asked === port,
    },
    answerBy: (next) => void (listener = next),
    answer,
    stop() {
      server.closeAllConnections();
      server.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
