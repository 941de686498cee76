import type { WaitingProof } from '#shared/certificate-proofs.ts';
import type { TlsReport } from '#shared/tls-check.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import type { Asker } from './ask.ts';
import type { Screen } from './screens.ts';

const checked: TlsReport = {
  host: 'example.com',
  port: 443,
  address: '93.184.215.14',
  checkedAt: '2026-11-27T10:00:00.000Z',
  grade: 'C',
  findings: ['old_versions', 'no_hsts'],
  versions: ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'],
  certificate: {
    subject: 'CN=example.com',
    issuer: 'C=US, O=An authority with a long name, CN=An authority R11',
    names: ['example.com', 'www.example.com'],
    validUntil: '2027-02-10T10:00:00.000Z',
    daysLeft: 74,
    keyKind: 'RSA 2048',
    fingerprint: 'AA:BB',
    chainLength: 2,
  },
  distrust: null,
  hsts: null,
  revocation: 'good',
};

const waiting: WaitingProof = {
  orderId: 'aaaaaaaaaaaaaaaa',
  certificateId: 'bbbbbbbbbbbbbbbb',
  hosts: ['example.com', '*.example.com'],
  records: [
    {
      name: '_acme-challenge.example.com',
      value: 'gfj9Xq-RabcR53Kz9cK3ABtq8nRB4x2ZKfgF6qAuFhQ',
      servers: [
        { server: '192.0.2.53', sight: 'shown' },
        { server: '2001:db8::53', sight: 'none' },
      ],
    },
    {
      name: '_acme-challenge.example.com',
      value: 'LoqXcYV8q5ONbJQxbmR7SCTNo3tiAXDfowyjxAjEuX0',
      servers: [
        { server: '192.0.2.53', sight: 'other' },
        { server: '2001:db8::53', sight: 'silent' },
      ],
    },
  ],
  startedAt: '2026-11-27T10:00:00.000Z',
  endsAt: '2026-11-29T10:00:00.000Z',
  checkedAt: '2026-11-27T10:05:00.000Z',
};

/** A certificate that serves the site, ends soon and leaves out one of its names, two that nobody uses, and one whose renewal fails. */
export async function prepareCertificates(owner: Asker, siteId: string): Promise<void> {
  const made = withCertificates((make) => ({
    shop: make.aged('DNS:shop.example.com', 90, 80),
    short: make.aged('DNS:*.example.com,DNS:a-name-that-goes-on-and-on-and-on-and-on.example.com', 90, 89.5),
    issued: make.issued('DNS:shop.example.com,DNS:www.shop.example.com'),
  }));
  const add = (name: string, certificate: string, key: string): Promise<{ id: string }> =>
    owner.send('POST', '/api/v1/certificates', { name, certificate, key });
  const { id } = await add('متجر الحي', made.shop.certificate, made.shop.key);
  await add('', made.short.certificate, made.short.key);
  await add('issued', made.issued.chain.join(''), made.issued.key);
  await owner.send('PUT', '/api/v1/dns-accounts/cccccccccccccccc', {
    kind: 'cloudflare',
    name: 'نطاقات الشركة',
    token: 'a-token-that-nobody-has-anywhere',
  });
  await owner.send('PUT', '/api/v1/dns-accounts/bbbbbbbbbbbbbbbb', {
    kind: 'rfc2136',
    name: 'BIND',
    server: '2001:db8::53',
    keyName: 'panel.example.com',
    secret: 'dGhpcnR5LXR3byBieXRlcyBvZiBhIHRlc3Qga2V5Li4=',
  });
  await owner.send('PATCH', `/api/v1/sites/${siteId}`, { tls: { certificateId: id, isForced: true } });
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['fail-renewal.test'],
  });
  await ended(owner, await owner.send('POST', `/api/v1/sites/${site.id}/certificate`, {}));
  const { items } = await owner.get<{ items: { id: string; source: string }[] }>('/api/v1/certificates');
  const issued = items.find(({ source }) => source === 'acme');
  await ended(owner, await owner.send('POST', `/api/v1/certificates/${issued?.id}/renewal`));
}

async function ended(owner: Asker, { id }: { id: string }): Promise<void> {
  for (let count = 0; count < 100; count++) {
    const { endedAt } = await owner.get<{ endedAt: string | null }>(`/api/v1/jobs/${id}`);
    if (endedAt !== null) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

export const certificateScreens: readonly Screen[] = [
  { name: 'certificates', path: '/certificates' },
  {
    name: 'certificate-import',
    path: '/certificates',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.certificates.import }).click();
      await page.getByLabel(texts.doors.certificate.chain, { exact: true }).fill('nothing');
      await page.getByLabel(texts.doors.certificate.key, { exact: true }).fill('nothing');
      await page.getByRole('button', { name: texts.certificates.submit }).click();
      await page.getByRole('alert').waitFor();
    },
  },
  {
    name: 'certificate-files',
    path: '/certificates',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.certificates.files.open, exact: true }).click();
      await page.getByRole('button', { name: texts.certificates.files.submit }).click();
      await page.getByText(texts.certificates.files.required).first().waitFor();
    },
  },
  {
    name: 'certificate-revoke',
    path: '/certificates',
    open: async (page, texts) => {
      const name = 'fail-renewal.test';
      await page.getByRole('button', { name: texts.certificates.actions.replace('{{name}}', name) }).click();
      await page.getByRole('menuitem', { name: texts.certificates.revoke.action }).click();
      await page.getByText(texts.certificates.revoke.sure).click();
    },
  },
  {
    name: 'certificate-check',
    path: '/certificates',
    open: async (page, texts) => {
      // Nobody is reached from here: what the panel would answer.
      await page.route('**/api/v1/tls-checks', (route) => route.fulfill({ json: checked }));
      await page.getByRole('button', { name: texts.certificates.check.open }).click();
      await page.getByLabel(texts.certificates.check.host, { exact: true }).fill('example.com');
      await page.getByRole('button', { name: texts.certificates.check.action, exact: true }).click();
      await page.getByTestId('tls-report').waitFor();
    },
  },
  {
    name: 'dns-account',
    path: '/certificates',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.certificates.dns.add }).click();
      await page.getByText(texts.certificates.dns.kinds.rfc2136, { exact: true }).last().click();
      await page.getByRole('button', { name: texts.certificates.dns.submit }).click();
      await page.getByText(texts.certificates.dns.required).first().waitFor();
    },
  },
  {
    name: 'certificate-order',
    path: '/sites/{proxy}/https',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.certificates.issue.action }).click();
      await page.getByRole('radio', { name: texts.certificates.issue.proofs.dns, exact: true }).click();
      await page.getByLabel(texts.certificates.issue.account).waitFor();
    },
  },
  { name: 'site-https-none', path: '/sites/{proxy}/https' },
  {
    name: 'site-https',
    path: '/sites/{site}/https',
    open: async (page, texts) => {
      await page.getByLabel(texts.certificates.site.hsts, { exact: true }).selectOption('years');
      await page.getByText(texts.certificates.site.preload).waitFor();
    },
  },
  {
    // The last one: what is answered here stays answered.
    name: 'certificate-by-hand',
    path: '/sites/{proxy}/https',
    open: async (page, texts) => {
      await page.route('**/certificate-proofs', (route) => route.fulfill({ json: { items: [waiting] } }));
      await page.reload();
      await page.getByText(texts.certificates.byHand.title).waitFor();
    },
  },
];
