import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as requestPlainly } from 'node:http';
import { request } from 'node:https';
import {
  connect,
  getCiphers,
  rootCertificates,
  type PeerCertificate,
  type SecureVersion,
  type TLSSocket,
} from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { SiteTls } from '#shared/site-tls.ts';
import { withCertificates, type TestPair } from '#server/core/testing/certificates.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { nginxHandlers } from '../nginx/nginx.actions.ts';
import { isolateBroken } from '../nginx/nginx.isolate.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, visit, visitUntil, type World } from '../testing/world.ts';
import { certificatesHandlers } from './certificates.actions.ts';
import { leadsToKnownRoot } from './known-roots.ts';

const made = withCertificates((make) => ({
  one: make.selfSigned('DNS:one.test,DNS:www.one.test'),
  renewed: make.selfSigned('DNS:one.test,DNS:www.one.test'),
  narrow: make.selfSigned('DNS:one.test'),
  two: make.selfSigned('DNS:*.two.test'),
  rsa: make.selfSigned('DNS:rsa.test', 30, { rsaBits: 2048 }),
  faulty: make.selfSigned('DNS:faulty.test'),
  faultyNext: make.selfSigned('DNS:faulty.test'),
  over: make.aged('DNS:faulty.test', 30, 40),
  plain: make.selfSigned('DNS:plain.test', 30, { rsaBits: 2048 }),
  weak: make.selfSigned('DNS:weak.test', 30, { rsaBits: 1024 }),
  staple: make.selfSigned('DNS:staple.test', 30, { extension: 'tlsfeature=status_request' }),
  issued: make.issued('DNS:issued.test'),
  known: make.issued('DNS:known.test'),
  unknown: make.issued('DNS:known.test'),
}));
const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256;

let world: World;
let machine: Machine;
beforeAll(async () => {
  world = await makeWorld({ nginx: hasNginx ? 'running' : 'missing' });
  machine = await openMachine(world.settings);
});
afterAll(async () => {
  await machine.settled();
  machine.close();
  world.destroy();
});

const put = (pair: TestPair, more: { certificateId?: string; isNew?: boolean; name?: string } = {}) =>
  certificatesHandlers['certificates.put'](
    machine,
    { certificateId: newChangeId(), changeId: newChangeId(), isNew: true, name: '', ...pair, ...more },
    call(),
  );
const list = async () => (await certificatesHandlers['certificates.list'](machine, {}, call())).items;
const remove = (certificateId: string) =>
  certificatesHandlers['certificates.remove'](machine, { certificateId, changeId: newChangeId() }, call());
const apply = (spec: SiteSpec, isNew = true) =>
  sitesHandlers['sites.apply'](machine, { spec, changeId: newChangeId(), isNew, onDrift: 'refuse' }, call());
const tlsOf = (certificateId: string, more: Partial<NonNullable<SiteTls>> = {}): SiteTls => ({
  certificateId,
  profile: 'intermediate',
  isForced: false,
  isHttp2: true,
  isHttp3: false,
  hsts: null,
  ...more,
});

type Hello = { readonly version?: SecureVersion; readonly ciphers?: string; readonly alpn?: string[] };
type Met = { readonly fingerprint: string; readonly protocol: string | null; readonly alpn: string | false };

/** The handshake as a visitor makes it; undefined when it is refused. */
async function shake(host: string | undefined, hello: Hello = {}): Promise<Met | undefined> {
  for (let tries = 0; tries < 5; tries++) {
    const met = await shakeOnce(host, hello);
    if (met !== 'broken') return met;
  }
  return undefined;
}

/** `broken`: no word of TLS was said, as when a worker of before the last reload took the connection and ended. */
async function shakeOnce(
  host: string | undefined,
  { version, ciphers, alpn }: Hello,
): Promise<Met | 'broken' | undefined> {
  return await new Promise((resolve) => {
    const socket: TLSSocket = connect({
      host: '127.0.0.1',
      port: world.tlsPort,
      rejectUnauthorized: false,
      ...(host === undefined ? {} : { servername: host }),
      ...(version === undefined ? {} : { minVersion: version, maxVersion: version }),
      ...(ciphers === undefined ? {} : { ciphers }),
      ...(alpn === undefined ? {} : { ALPNProtocols: alpn }),
    });
    socket.on('secureConnect', () => {
      const { fingerprint256: fingerprint } = socket.getPeerCertificate() as PeerCertificate;
      resolve({ fingerprint, protocol: socket.getProtocol(), alpn: socket.alpnProtocol ?? false });
      socket.destroy();
    });
    socket.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve(code === 'ECONNRESET' || code === 'EPIPE' ? 'broken' : undefined),
    );
  });
}

/** For a tenth of a second after a reload old workers accept beside the new ones. */
async function until<T>(ask: () => Promise<T>, isWanted: (seen: T) => boolean): Promise<T> {
  const endsAt = Date.now() + 3_000;
  for (let run = 0; ; ) {
    const seen = await ask();
    run = isWanted(seen) ? run + 1 : 0;
    if (run >= 5 || Date.now() > endsAt) return seen;
  }
}

type Answer = { readonly status: number; readonly body: string; readonly hsts: string | undefined };
async function visitSecurely(host: string, path = '/'): Promise<Answer> {
  return await new Promise((resolve) => {
    const at = { host: '127.0.0.1', port: world.tlsPort, path, servername: host, headers: { host }, agent: false };
    const sent = request({ ...at, rejectUnauthorized: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => (body += part));
      const hsts = response.headers['strict-transport-security'];
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body, hsts }));
    });
    sent.on('error', () => resolve({ status: 0, body: '', hsts: undefined }));
    sent.end();
  });
}

describe('the shelf', () => {
  it('T-8 keeps chain and key for root alone, and shows everything but the key', async () => {
    const stored = await put(made.one, { name: 'main' });
    expect(stored).toMatchObject({
      name: 'main',
      source: 'own',
      names: ['one.test', 'www.one.test'],
      keyKind: 'P-256',
      isSelfSigned: true,
      fingerprint: fingerprintOf(made.one.certificate),
      siteIds: [],
    });
    const folder = `${machine.stateFolder}/certificates/${stored.id}`;
    const mode = (path: string): number => statSync(`${folder}/${path}`).mode & 0o777;
    expect([mode('.'), mode('current/'), mode('current/key.pem'), mode('current/chain.pem')]).toEqual([
      0o700, 0o700, 0o600, 0o600,
    ]);
    expect(JSON.stringify(await list())).not.toContain('PRIVATE');
    const { key } = await certificatesHandlers['certificates.export_key'](
      machine,
      { certificateId: stored.id },
      call(),
    );
    expect(key.trim()).toBe(made.one.key.trim());
    // Neither the journal nor its contents hold the key.
    const kept = spawnSync('grep', ['-rl', 'PRIVATE KEY', machine.stateFolder], { encoding: 'utf8' }).stdout;
    expect(
      kept
        .trim()
        .split('\n')
        .every((path) => path.endsWith('/key.pem')),
    ).toBe(true);
    await remove(stored.id);
    expect(existsSync(folder)).toBe(false);
    expect(await list()).toEqual([]);
  });

  it('a chain out of order is sorted, and what belongs to no visitor is left out', async () => {
    const [leaf, between, root] = made.issued.chain;
    const { id } = await put({
      certificate: [root, between, made.one.certificate, leaf].join(''),
      key: made.issued.key,
    });
    const { chain } = await certificatesHandlers['certificates.read'](machine, { certificateId: id }, call());
    const found = chain.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
    expect(found.map(fingerprintOf)).toEqual([leaf, between].map(fingerprintOf));
    await remove(id);
  });

  it.each<[string, () => TestPair]>([
    ['must_staple', () => made.staple],
    ['not_usable', () => made.weak],
    ['key_of_another_certificate', () => ({ ...made.one, key: made.two.key })],
    ['no_certificate', () => ({ ...made.one, certificate: 'hello' })],
    ['key_not_readable', () => ({ ...made.one, key: 'no key' })],
  ])('T-3 %s: refused with an explanation, and nothing is kept', async (why, pair) => {
    await expect(put(pair())).rejects.toMatchObject({ reason: 'site_certificate_invalid', params: { why } });
    expect(await list()).toEqual([]);
    expect(readdirSync(`${machine.stateFolder}/certificates`)).toEqual([]);
  });
});

describe.runIf(hasNginx)('HTTPS of a site', () => {
  let one: string;
  let two: string;
  let spec: SiteSpec;
  const workers = (): number => {
    const master = readFileSync(world.path('/run/nginx.pid'), 'utf8').trim();
    return readFileSync(`/proc/${master}/task/${master}/children`, 'utf8').trim().split(' ').length;
  };
  /** Workers of before a reload know nothing of a new site, and still take connections for a moment. */
  const oldWorkersGone = async (): Promise<void> => {
    await expect.poll(workers).toBe(1);
  };
  beforeAll(async () => {
    one = (await put(made.one)).id;
    two = (await put(made.two)).id;
    const domains = ['one.test', 'www.one.test'].map((host) => ({ host, port: world.port }));
    spec = specOf(world, 'one.test', { domains });
    await apply(spec);
    await apply({ ...spec, tls: tlsOf(one) }, false);
    const wild = specOf(world, 'two.test', { domains: [{ host: 'shop.two.test', port: world.port }] });
    await apply({ ...wild, tls: tlsOf(two, { profile: 'modern', isHttp2: false }) });
  });

  it('answers over both when the action ends, with HTTP/2, and each name shows its own certificate', async () => {
    expect((await visitSecurely('one.test')).body).toContain('one.test');
    expect((await visit(world.port, 'one.test')).status).toBe(200);
    expect(await shake('www.one.test', { alpn: ['h2', 'http/1.1'] })).toMatchObject({
      fingerprint: fingerprintOf(made.one.certificate),
      alpn: 'h2',
    });
    const shop = await until(
      () => shake('shop.two.test'),
      (met) => met !== undefined,
    );
    expect(shop?.fingerprint).toBe(fingerprintOf(made.two.certificate));
    const items = await list();
    expect(items.find(({ id }) => id === one)?.siteIds).toEqual([spec.siteId]);
  });

  it('T-2 a name that no site has, and no name at all, is refused and never shows the certificate of another', async () => {
    expect(await shake('foreign.test')).toBeUndefined();
    expect(await shake(undefined)).toBeUndefined();
    expect((await visitSecurely('foreign.test')).status).toBe(0);
  });

  it('T-2 exactly the versions and suites of its profile are agreed on', async () => {
    await oldWorkersGone();
    const anyCipher = 'DEFAULT:@SECLEVEL=0';
    const versionsOf = async (host: string): Promise<(string | null)[]> => {
      const versions = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
      const met = await Promise.all(versions.map((version) => shake(host, { version, ciphers: anyCipher })));
      return met.flatMap((each) => (each === undefined ? [] : [each.protocol]));
    };
    expect(await versionsOf('one.test')).toEqual(['TLSv1.2', 'TLSv1.3']);
    expect(await versionsOf('shop.two.test')).toEqual(['TLSv1.3']);
    const suites = ['ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-CHACHA20-POLY1305'];
    for (const ciphers of suites)
      expect(await shake('one.test', { version: 'TLSv1.2', ciphers }), ciphers).toBeDefined();
    for (const ciphers of ['ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-CCM', 'AES128-GCM-SHA256'])
      expect(await shake('one.test', { version: 'TLSv1.2', ciphers }), ciphers).toBeUndefined();
  });

  it('T-2 of all suites that there are, exactly those of the profile and of the kind of key are agreed on', async () => {
    const rsa = (await put(made.plain)).id;
    await oldWorkersGone();
    await apply(specOf(world, 'plain.test', { tls: tlsOf(rsa) }));
    await until(
      () => shake('plain.test'),
      (met) => met !== undefined,
    );
    await expect.poll(workers).toBe(1);
    const all = getCiphers().map((name) => name.toUpperCase());
    const old = all.filter((name) => !name.startsWith('TLS_'));
    expect(old.length).toBeGreaterThan(30);
    const agreed = async (host: string, version: SecureVersion, suites: readonly string[]): Promise<string[]> => {
      const met: string[] = [];
      for (const ciphers of suites)
        if (
          (await shake(host, { version, ciphers: `${ciphers}:${version === 'TLSv1.3' ? 'HIGH' : '@SECLEVEL=0'}` })) !==
          undefined
        )
          met.push(ciphers);
      return met.sort();
    };
    const of = (kind: string): string[] =>
      ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'].map((end) => `ECDHE-${kind}-${end}`);
    expect(await agreed('one.test', 'TLSv1.2', old)).toEqual(of('ECDSA'));
    expect(await agreed('plain.test', 'TLSv1.2', old)).toEqual(of('RSA'));
    expect(await agreed('shop.two.test', 'TLSv1.2', old)).toEqual([]);
    const modern = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];
    for (const host of ['one.test', 'plain.test', 'shop.two.test'])
      expect(await agreed(host, 'TLSv1.3', modern), host).toEqual(modern);
    for (const version of ['TLSv1', 'TLSv1.1'] as const)
      expect(await agreed('plain.test', version, ['DEFAULT'])).toEqual([]);
  }, 60_000);

  it('TLS-2 forced, everything is sent to HTTPS with its method, and the path of challenges is not', async () => {
    const forced = { ...spec, tls: tlsOf(one, { isForced: true }) };
    // A rule of somebody's own that redirects everything, over HTTPS too.
    await apply({ ...forced, customDirectives: 'return 302 https://elsewhere.test/;\n' }, false);
    expect((await visitUntil(world.port, 'one.test', ({ status }) => status === 308)).status).toBe(308);
    expect(await redirectOf('one.test', '/a?b=c')).toEqual([308, `https://one.test:${world.tlsPort}/a?b=c`]);
    writeFileSync(challengeFile('token-1'), 'proof');
    expect(await visit(world.port, 'one.test', '/.well-known/acme-challenge/token-1')).toEqual({
      status: 200,
      body: 'proof',
    });
    const secure = await until(
      () => visitSecurely('one.test', '/.well-known/acme-challenge/token-1'),
      ({ body }) => body === 'proof',
    );
    expect(secure.body).toBe('proof');
    expect((await visit(world.port, 'one.test', '/.well-known/acme-challenge/none')).status).toBe(404);
    await apply({ ...spec, tls: tlsOf(one) }, false);
  });

  it.each([
    ['a redirect of everything', 'return 301 https://elsewhere.test$request_uri;'],
    ['a rewrite of everything', 'rewrite ^ /index.html break;'],
    ['a password', 'auth_basic "closed";'],
    ['a list of addresses', 'deny all;'],
    ['maintenance', 'return 503;'],
    ['a rule for names with a dot', 'location ~ /\\. { deny all; }'],
    ['a condition', 'if ($request_method = GET) { return 403; }'],
  ])('TLS-2 the path of challenges is not swallowed by %s', async (_, customDirectives) => {
    await apply({ ...spec, tls: tlsOf(one), customDirectives: `${customDirectives}\n` }, false);
    writeFileSync(challengeFile('token-2'), 'proof');
    const isProof = ({ body }: { body: string }): boolean => body === 'proof';
    expect((await visitUntil(world.port, 'one.test', isProof, '/.well-known/acme-challenge/token-2')).body).toBe(
      'proof',
    );
  });

  it('T-11 HSTS is said on error pages too, and refused with a certificate that no browser trusts', async () => {
    const hsts = { maxAgeSeconds: 86_400 as const, includesSubdomains: false, isPreload: false };
    await expect(apply({ ...spec, tls: tlsOf(one, { hsts }) }, false)).rejects.toMatchObject({
      fields: [{ field: 'tls.hsts', code: 'hsts_self_signed' }],
    });
    const issued = (await put({ certificate: made.issued.chain.join(''), key: made.issued.key })).id;
    const site = specOf(world, 'issued.test', { tls: tlsOf(issued, { hsts }) });
    await apply(site);
    const missing = await until(
      () => visitSecurely('issued.test', '/missing'),
      ({ status }) => status !== 0,
    );
    expect(missing).toMatchObject({ status: 404, hsts: 'max-age=86400' });
  });

  it('T-9 a new version is served when the action ends, and the sites keep all their names', async () => {
    await apply({ ...spec, tls: tlsOf(one) }, false);
    await put(made.renewed, { certificateId: one, isNew: false });
    const isRenewed = (met?: Met): boolean => met?.fingerprint === fingerprintOf(made.renewed.certificate);
    expect(isRenewed(await until(() => shake('one.test'), isRenewed))).toBe(true);
    await expect(put(made.narrow, { certificateId: one, isNew: false })).rejects.toMatchObject({
      reason: 'certificate_loses_names',
      params: { names: 'www.one.test' },
    });
    expect((await shake('one.test'))?.fingerprint).toBe(fingerprintOf(made.renewed.certificate));
    await expect(remove(one)).rejects.toMatchObject({ reason: 'certificate_in_use', params: { sites: 'one.test' } });
  });

  it('T-9 what a known authority vouches for is replaced by nothing that browsers would not believe', async () => {
    const [leaf, between, root] = made.known.chain;
    mkdirSync(world.path('/etc/ssl/certs'), { recursive: true });
    writeFileSync(
      world.path('/etc/ssl/certs/ca-certificates.crt'),
      `${made.issued.chain[2]}not a certificate\n${root}`,
    );
    const certificateId = newChangeId();
    const whole = { certificate: leaf + between, key: made.known.key };
    expect(await put(whole, { certificateId })).toMatchObject({ hasKnownRoot: true });
    const stranger = { certificate: made.unknown.chain.join(''), key: made.unknown.key };
    for (const pair of [{ ...whole, certificate: leaf }, stranger])
      await expect(put(pair, { certificateId, isNew: false })).rejects.toMatchObject({
        reason: 'site_certificate_invalid',
        params: { why: 'root_unknown' },
      });
    const kept = (await list()).find(({ id }) => id === certificateId);
    expect(kept).toMatchObject({ fingerprint: fingerprintOf(leaf), hasKnownRoot: true });
    expect(await put(whole, { certificateId, isNew: false })).toMatchObject({ hasKnownRoot: true });
    // One that stands for itself is taken, and said to be unknown; nothing is lost by another of that kind.
    const other = newChangeId();
    expect(await put(stranger, { certificateId: other })).toMatchObject({ hasKnownRoot: false });
    expect(await put(stranger, { certificateId: other, isNew: false })).toMatchObject({ hasKnownRoot: false });
    expect(leadsToKnownRoot('', rootCertificates[0] ?? '', Date.parse('2024-01-01'))).toBe(true);
    for (const id of [certificateId, other]) await remove(id);
  });

  it('T-9 whatever fails while a new version is put there, the old pair is kept and served', async () => {
    const id = (await put(made.faulty)).id;
    await apply(specOf(world, 'faulty.test', { tls: tlsOf(id) }));
    const present = fingerprintOf(made.faulty.certificate);
    const isPresent = (met?: Met): boolean => met?.fingerprint === present;
    expect(isPresent(await until(() => shake('faulty.test'), isPresent))).toBe(true);
    const versions = (): string[] => readdirSync(`${machine.stateFolder}/certificates/${id}/versions`);
    const before = versions();
    // Read before ours: nginx takes the first server of a name.
    const byHand = world.path('/etc/nginx/conf.d/0-by-hand.conf');
    const other = world.path('/etc/by-hand');
    writeFileSync(`${other}.pem`, made.two.certificate);
    writeFileSync(`${other}.key`, made.two.key);
    const pair = `ssl_certificate ${other}.pem; ssl_certificate_key ${other}.key;`;
    const faults: [string, TestPair, string | null, string][] = [
      ['a key of another', { ...made.faultyNext, key: made.two.key }, null, 'site_certificate_invalid'],
      ['one that is over', made.over, null, 'site_certificate_invalid'],
      ['names that are lost', made.narrow, null, 'certificate_loses_names'],
      ['a text that nginx refuses', made.faultyNext, 'nonsense;', 'nginx_rejected'],
      [
        'another that is shown in its place',
        made.faultyNext,
        `server { listen ${world.tlsPort} ssl; server_name faulty.test; ${pair} }`,
        'site_not_answering',
      ],
    ];
    for (const [what, next, text, reason] of faults) {
      if (text !== null) writeFileSync(byHand, text);
      const failed = await put(next, { certificateId: id, isNew: false }).catch((error: unknown) => error);
      expect([what, (failed as { reason?: string }).reason]).toEqual([what, reason]);
      rmSync(byHand, { force: true });
      expect([what, (await list()).find((each) => each.id === id)?.fingerprint]).toEqual([what, present]);
      expect(versions()).toEqual(before);
      // What stood in nginx's own folder is gone from it by the next change.
      if (text !== null) await apply(specOf(world, `${reason.replaceAll('_', '-')}.test`));
      expect(isPresent(await until(() => shake('faulty.test'), isPresent)), what).toBe(true);
    }
    await put(made.faultyNext, { certificateId: id, isNew: false });
    const next = fingerprintOf(made.faultyNext.certificate);
    const isNext = (met?: Met): boolean => met?.fingerprint === next;
    expect(isNext(await until(() => shake('faulty.test'), isNext))).toBe(true);
  }, 60_000);

  it('an unknown certificate, and one for other names, is refused before anything changes', async () => {
    for (const [id, code] of [
      [newChangeId(), 'certificate_unknown'],
      [two, 'certificate_not_for_site'],
    ] as const)
      await expect(apply({ ...spec, tls: tlsOf(id) }, false)).rejects.toMatchObject({
        fields: [{ field: 'tls.certificateId', code }],
      });
    const present = fingerprintOf(made.renewed.certificate);
    // An old worker may still answer after the reload before.
    const met = await until(
      () => shake('one.test'),
      (seen) => seen?.fingerprint === present,
    );
    expect(met?.fingerprint).toBe(present);
  });

  it('T-14 HTTP/3 is refused in words where the installed nginx has none', async () => {
    const { hasHttp3 } = await nginxHandlers['nginx.features'](machine, {}, call());
    const outcome = apply({ ...spec, tls: tlsOf(one, { isHttp3: true }) }, false);
    if (hasHttp3) await outcome;
    else await expect(outcome).rejects.toMatchObject({ fields: [{ field: 'tls.isHttp3', code: 'http3_unavailable' }] });
    const text = readFileSync(world.path(`/etc/nginx/aapanel/sites/${spec.slug}.conf`), 'utf8');
    expect(/ quic;/.test(text)).toBe(hasHttp3);
  });

  it('switched off, the site answers over HTTP alone', async () => {
    await apply({ ...spec, tls: null }, false);
    expect((await visitUntil(world.port, 'one.test', ({ status }) => status === 200)).status).toBe(200);
    expect(
      await until(
        () => shake('one.test'),
        (met) => met === undefined,
      ),
    ).toBeUndefined();
    await remove(one);
  });

  it('CONF-9 a site whose certificate was deleted by hand is set aside, and the others start', async () => {
    const id = (await put(made.rsa)).id;
    await apply(specOf(world, 'rsa.test', { tls: tlsOf(id) }));
    rmSync(`${machine.stateFolder}/certificates/${id}`, { recursive: true });
    expect(await isolateBroken(machine)).toEqual(['rsa.test']);
    expect((await visit(world.port, 'one.test')).status).toBe(200);
  });
});

function challengeFile(token: string): string {
  const folder = world.path('/var/lib/aapanel-acme/.well-known/acme-challenge');
  mkdirSync(folder, { recursive: true });
  return `${folder}/${token}`;
}

async function redirectOf(host: string, path: string): Promise<[number | undefined, string | undefined]> {
  return await new Promise((resolve, reject) => {
    const at = { host: '127.0.0.1', port: world.port, method: 'POST', path, headers: { host }, agent: false };
    const sent = requestPlainly(at, (response) => {
      resolve([response.statusCode, response.resume().headers.location]);
    });
    sent.on('error', reject).end();
  });
}
