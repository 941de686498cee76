import type { AapanelSite } from '#shared/aapanel.ts';
import { looksOf, type Pair } from '#shared/certificate-pair.ts';
import { AppError } from '#shared/errors.ts';
import type { FakeActions } from '../agent-fake.ts';
import { fakePair } from './self-signed.ts';

const plain = {
  state: 'ready',
  kind: 'static',
  runFolder: '',
  phpVersion: null,
  preset: 'none',
  fallback: 'none',
  upstream: null,
  certificate: null,
  redirects: [],
  proxies: [],
  isEnabled: true,
  remark: '',
  category: '',
  endsAt: null,
  files: { count: 212, sizeBytes: 18_874_368, isTruncated: false },
  notes: [],
} as const;

const moved: AapanelSite['redirects'][number] = {
  match: 'regex',
  path: '^/old(.*)',
  hosts: [],
  target: 'https://store.example.net/new$1',
  status: 301,
  isPathKept: false,
  isQueryKept: true,
  isEnabled: true,
};
const passedOn: AapanelSite['proxies'][number] = {
  path: '/api/',
  scheme: 'http',
  servers: [{ address: '127.0.0.1:3001', weight: 1, isBackup: false }],
  balance: 'round_robin',
  isPathStripped: true,
  isWebsocket: true,
  sentHost: 'visitor',
  ownHost: '',
  connectSeconds: 10,
  sendSeconds: null,
  answerSeconds: 60,
  cacheMinutes: null,
  headers: [],
  replacements: [],
  isReplacedOnce: false,
};

const sites: AapanelSite[] = [
  {
    ...plain,
    redirects: [],
    proxies: [],
    notes: [],
    name: 'docs.example.net',
    path: '/www/wwwroot/docs.example.net',
    domains: ['docs.example.net'],
  },
  {
    ...plain,
    name: 'store.example.net',
    state: 'differs',
    kind: 'php',
    path: '/www/wwwroot/store.example.net',
    runFolder: '/public',
    phpVersion: '7.4',
    endsAt: '2030-02-01T00:00:00.000Z',
    preset: 'laravel',
    redirects: [moved],
    proxies: [passedOn],
    domains: ['store.example.net', 'www.store.example.net'],
    remark: 'متجر الكتب',
    files: { count: 18_204, sizeBytes: 812_646_400, isTruncated: false },
    notes: [
      { code: 'php_missing', params: { version: '7.4' } },
      { code: 'certificate_own', params: { until: '2027-02-01' } },
      { code: 'passwords_by_hand', params: { count: '1' } },
      { code: 'rewrite_by_hand', params: { text: 'rewrite ^/old/(.*)$ /new/$1 last;' } },
      { code: 'databases', params: { names: 'store' } },
    ],
  },
  {
    ...plain,
    name: 'worker',
    state: 'blocked',
    kind: 'static',
    path: '/root/worker',
    domains: [],
    files: null,
    redirects: [],
    proxies: [],
    notes: [
      { code: 'kind_unknown', params: { kind: 'Node', facts: 'v20.11.0 · npm run start · 3000 · /www/wwwroot/api' } },
      { code: 'path_elsewhere', params: { path: '/root/worker' } },
      { code: 'no_domain', params: {} },
    ],
  },
];

let pair: Pair | undefined;
const storePair = (): Pair => (pair ??= fakePair(['store.example.net', 'www.store.example.net']));

function storeLooks(): AapanelSite['certificate'] {
  const looks = looksOf(storePair().certificate);
  if (looks === null) throw new Error('a certificate that was just made cannot be read');
  const { names, validUntil, fingerprint } = looks;
  return { names, validUntil, fingerprint, isForced: true };
}

/** The part of the fake agent that reads an aaPanel: always the same three sites; there is none in `/nowhere`. */
export function createFakeAapanel(
  put: FakeActions['certificates.put'],
): Pick<FakeActions, 'aapanel.read' | 'aapanel.take_certificate'> {
  return {
    async 'aapanel.take_certificate'({ name, certificateId, changeId }, ...asked) {
      if (name !== 'store.example.net')
        throw new AppError('not_found', 'There is no such certificate.', { reason: 'certificate_unknown' });
      const { certificate, key } = storePair();
      return await put({ certificateId, changeId, isNew: true, name: '', certificate, key }, ...asked);
    },
    async 'aapanel.read'({ base }) {
      if (base === '/nowhere')
        throw new AppError('not_found', 'There is no aaPanel here.', {
          reason: 'aapanel_missing',
          params: { path: base },
        });
      return {
        layout: 'split',
        sites: sites.map((site) => (site.name === 'store.example.net' ? { ...site, certificate: storeLooks() } : site)),
        databases: [{ name: 'store', user: 'store', engine: 'MySQL' }],
        others: { ftpAccounts: 1, cronJobs: 2 },
        flags: {
          flags: [
            { file: 'admin_path.pl', code: 'entry', value: null },
            { file: 'domain.conf', code: 'domain', value: 'panel.example.net' },
            { file: 'port.pl', code: 'port', value: '8888' },
          ],
          unknown: ['debug.pl', 'session_timeout.pl'],
        },
      };
    },
  };
}
