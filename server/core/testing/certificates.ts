import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** For tests: keys and certificates made by openssl, as a person would bring them. */
export type TestPair = { readonly certificate: string; readonly key: string };

export type TestCertificates = {
  /** Self-signed, for these names (`DNS:localhost,IP:127.0.0.1`). */
  selfSigned(names: string, days?: number, more?: { readonly rsaBits?: number; readonly extension?: string }): TestPair;
  /** The same, of a life that began some time ago. */
  aged(names: string, days: number, ageDays: number): TestPair;
  /** Issued by an authority in between; `chain` is leaf, authority in between, root. */
  issued(names: string): { readonly key: string; readonly chain: readonly [string, string, string] };
};

export function withCertificates<T>(work: (make: TestCertificates) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-certificates-'));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  let count = 0;

  function sign(name: string, issuer: string, extensions: string): string {
    writeFileSync(file(`${name}.ext`), extensions);
    openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const by = ['-CA', `${issuer}.pem`, '-CAkey', `${issuer}.key`, '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      `${name}.csr`,
      ...by,
      '-days',
      '30',
      '-extfile',
      `${name}.ext`,
      '-out',
      `${name}.pem`,
    );
    return readFileSync(file(`${name}.pem`), 'utf8');
  }

  try {
    return work({
      selfSigned(names, days = 30, { rsaBits, extension: further } = {}) {
        count += 1;
        const keyOf = rsaBits === undefined ? newKey : ['-newkey', `rsa:${rsaBits}`, '-nodes'];
        const out = ['-keyout', `self${count}.key`, '-out', `self${count}.pem`];
        const extension = [
          '-addext',
          `subjectAltName=${names}`,
          ...(further === undefined ? [] : ['-addext', further]),
        ];
        openssl('req', '-x509', ...keyOf, '-days', String(days), '-subj', '/CN=test', ...extension, ...out);
        return {
          certificate: readFileSync(file(`self${count}.pem`), 'utf8'),
          key: readFileSync(file(`self${count}.key`), 'utf8'),
        };
      },
      aged(names, days, ageDays) {
        count += 1;
        const name = `aged${count}`;
        const at = (day: number): string =>
          `${new Date(Date.now() + day * 86_400_000).toISOString().replace(/\D/g, '').slice(0, 14)}Z`;
        writeFileSync(file('index.txt'), '');
        writeFileSync(
          file('ca.conf'),
          `[ca]\ndefault_ca=own\n[own]\ndatabase=index.txt\nrand_serial=yes\nnew_certs_dir=.\ndefault_md=sha256\npolicy=any\nx509_extensions=more\n[any]\ncommonName=supplied\n[more]\nsubjectAltName=${names}\n`,
        );
        openssl('req', ...newKey, '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
        const from = ['-startdate', at(-ageDays), '-enddate', at(days - ageDays)];
        const given = ['-keyfile', `${name}.key`, '-in', `${name}.csr`, '-out', `${name}.pem`];
        openssl('ca', '-batch', '-notext', '-selfsign', '-config', 'ca.conf', ...from, ...given);
        return {
          certificate: readFileSync(file(`${name}.pem`), 'utf8'),
          key: readFileSync(file(`${name}.key`), 'utf8'),
        };
      },
      issued(names) {
        openssl(
          'req',
          '-x509',
          ...newKey,
          '-days',
          '30',
          '-subj',
          '/CN=root',
          '-keyout',
          'root.key',
          '-out',
          'root.pem',
        );
        const between = sign('between', 'root', 'basicConstraints=critical,CA:TRUE\n');
        const leaf = sign('leaf', 'between', `subjectAltName=${names}\nbasicConstraints=CA:FALSE\n`);
        const key = readFileSync(file('leaf.key'), 'utf8');
        return { key, chain: [leaf, between, readFileSync(file('root.pem'), 'utf8')] };
      },
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
