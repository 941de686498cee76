import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { CertificateOrder } from '#shared/certificates.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { openMachine, type AgentSettings, type Machine } from '../core/machine.ts';
import { showsCertificate } from '../nginx/nginx.answers.ts';
import { poll } from '../nginx/nginx.process.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { authorityNames, hasAuthority, limitOrders, startAuthority, type Authority } from '../testing/authority.ts';
import { call, hasNginx, makeWorld, newChangeId, specOf, type World } from '../testing/world.ts';
import { failureOf } from './acme-failure.ts';
import { runOrder, type RunOptions } from './acme-run.ts';
import { caaIdentities } from './caa.ts';
import { accountsAt } from './certbot.ts';
import { certificatesHandlers } from './certificates.actions.ts';
import { noteOrder, settleOrder } from './issue.ts';
import { checkLimits } from './order-limits.ts';
import { findOrder, listOrders, shownOrder, writeOrder } from './orders.ts';
import { answerChallenges } from './panel-name.ts';
import { nextTryAt, renewalAt } from './renewal-time.ts';
import { renewability } from './renewability.ts';
import { getStored } from './shelf.ts';

describe('why an authority refused, from the words of the tool', () => {
  it.each([
    [
      'acme_ca_unreachable',
      "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='ca.test'): Max retries exceeded",
    ],
    [
      'acme_rate_limited',
      'error:rateLimited :: too many failed authorizations (5) for "a.test", retry after 2026-12-01 10:00:00 UTC: see',
    ],
    ['acme_rate_limited', 'urn:ietf:params:acme:error:rateLimited :: too many certificates already issued'],
    ['acme_dns', 'Domain: one.test\n  Type:   dns\n  Detail: DNS problem: NXDOMAIN looking up A for one.test'],
    [
      'acme_connection',
      'Domain: one.test\n  Type: connection\n  Detail: 192.0.2.1: Timeout during connect (likely firewall)',
    ],
    ['acme_refused', 'Domain: one.test\n  Type: unauthorized\n  Detail: Invalid response from http://one.test/x: 404'],
    ['acme_caa', 'urn:ietf:params:acme:error:caa :: CAA record for one.test prevents issuance'],
    [
      'acme_clock',
      'SSLError(1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: certificate is not yet valid (_ssl.c:992)")',
    ],
    ['disk_full', "OSError: [Errno 28] No space left on device: '/x'"],
    ['acme_failed', 'Some chosen words'],
  ])('TLS-1 %s', (reason, words) => {
    expect(failureOf(words).reason).toBe(reason);
  });
});

describe('the time of a renewal', () => {
  const stored = (certificateId: string, days: number) => ({
    certificateId,
    leaf: { validFromDate: new Date(0), validToDate: new Date(days * 86_400_000) } as X509Certificate,
  });
  it.each([
    [6.66, 1 / 2],
    [45, 2 / 3],
    [64, 2 / 3],
    [90, 2 / 3],
  ])('T-5 of %d days lies at %d of its life, or up to a thirtieth before', (days, share) => {
    const at = ['aaaaaaaaaaaaaaaa', 'bcdefghijklmnopq', 'zzzzzzzzzzzzzzz2'].map((id) => renewalAt(stored(id, days)));
    const life = days * 86_400_000;
    for (const each of at) {
      expect(each).toBeLessThanOrEqual(life * share);
      expect(each).toBeGreaterThanOrEqual(life * (share - 1 / 30));
    }
    expect(new Set(at).size).toBe(3);
  });
});

const http = { proof: { kind: 'http' as const } };
const isAble = hasNginx && hasAuthority && process.getuid?.() === 0;
describe.runIf(isAble)('with an authority', () => {
  let world: World;
  let machine: Machine;
  let authority: Authority;
  let settings: AgentSettings;
  let spec: SiteSpec;
  const certificateId = newChangeId();
  const hosts = ['one.test', 'www.one.test'];
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'running' });
    authority = await startAuthority({ http: world.port, https: world.tlsPort });
    const { directory, caBundle } = authority;
    settings = { ...world.settings, acme: { directory, caBundle } };
    machine = await openMachine(settings);
    spec = specOf(world, 'one.test', { domains: hosts.map((host) => ({ host, port: world.port })) });
    await apply(spec, true);
  }, 60_000);
  afterAll(async () => {
    await machine.settled();
    machine.close();
    await authority.stop();
    world.destroy();
  });

  const apply = (given: SiteSpec, isNew = false) =>
    sitesHandlers['sites.apply'](machine, { spec: given, changeId: newChangeId(), isNew, onDrift: 'refuse' }, call());
  const options: RunOptions = {
    lookup: (host) => Promise.resolve(host.endsWith('.test') ? ['127.0.0.1'] : []),
    settle: (orderId) => settleOrder(machine, orderId, Date.now() + 20_000),
  };

  /** As the agent does it, with the process of the order in this one. */
  async function order(
    more: { hosts?: string[]; isRenewal?: boolean; lookup?: RunOptions['lookup'] } = {},
    at = settings,
  ) {
    const orderId = newChangeId();
    const wanted = { siteId: spec.siteId, hosts: more.hosts ?? hosts, keyKind: 'ecdsa' as const, email: '', ...http };
    await noteOrder(machine, { orderId, certificateId, ...wanted, isRenewal: more.isRenewal === true });
    await runOrder(at, [orderId], { ...options, ...(more.lookup === undefined ? {} : { lookup: more.lookup }) });
    return { orderId, ...observe(orderId) };
  }
  function observe(orderId: string): CertificateOrder {
    const record = findOrder(machine, orderId);
    if (record === undefined) throw new Error('no such order');
    return shownOrder(record, Date.now());
  }
  // For a tenth of a second after a reload old workers accept beside the new ones.
  const isShown = () => {
    const { fingerprint256: fingerprint } = getStored(machine, certificateId).leaf;
    return poll(() => showsCertificate({ host: 'one.test', port: world.tlsPort, fingerprint }), Date.now() + 3_000);
  };

  it('T-4 T-8 a certificate for the names of a site is issued, kept with a key of its own, and can serve the site', async () => {
    const { state, failure, orderId } = await order();
    const { text } = await certificatesHandlers['certificates.order'](machine, { orderId, offset: 0 }, call());
    expect([state, failure], text).toEqual(['succeeded', null]);
    expect(text).toContain('one.test: 127.0.0.1 answers');
    const [item] = (await certificatesHandlers['certificates.list'](machine, {}, call())).items;
    expect(item).toMatchObject({ id: certificateId, source: 'acme', keyKind: 'P-256', isSelfSigned: false });
    expect([...(item?.names ?? [])].sort()).toEqual(hosts);
    // By which a CAA record may name it (RFC 8657).
    const accounts = accountsAt(`${machine.stateFolder}/acme`, authority.directory);
    expect(accounts).toEqual([expect.stringMatching(/^https:\/\/[^/]+\/my-account\/\w+$/)]);
    expect(await certificatesHandlers['certificates.authority'](machine, { certificateId }, call())).toEqual({
      identities: await caaIdentities(machine.settings),
      accounts,
    });
    expect(Date.parse(item?.renewal?.nextAt ?? '')).toBeGreaterThan(Date.now());
    const tls = {
      certificateId,
      profile: 'intermediate',
      isForced: true,
      isHttp2: true,
      isHttp3: false,
      hsts: null,
    } as const;
    await apply({ ...spec, tls });
    expect(await isShown()).toBe(true);
  }, 60_000);

  it('T-9 a renewal brings another key and certificate, which the site serves, through forced HTTPS and a rule that redirects all', async () => {
    const before = getStored(machine, certificateId).leaf;
    const tls = {
      certificateId,
      profile: 'intermediate',
      isForced: true,
      isHttp2: true,
      isHttp3: false,
      hsts: null,
    } as const;
    await apply({ ...spec, tls, customDirectives: 'return 301 https://elsewhere.test/;\n' });
    expect((await order({ isRenewal: true })).state).toBe('succeeded');
    const { leaf } = getStored(machine, certificateId);
    expect(leaf.serialNumber).not.toBe(before.serialNumber);
    expect(leaf.publicKey.equals(before.publicKey)).toBe(false);
    expect(await isShown()).toBe(true);
  }, 60_000);

  it('a certificate is renewed while its site is switched off, and the page of that shows the new one', async () => {
    const tls = {
      certificateId,
      profile: 'intermediate',
      isForced: true,
      isHttp2: true,
      isHttp3: false,
      hsts: null,
    } as const;
    const before = getStored(machine, certificateId).leaf.serialNumber;
    await apply({ ...spec, tls, isEnabled: false });
    expect(renewability(machine, getStored(machine, certificateId))).toMatchObject({ hosts, stopped: null });
    expect((await order({ isRenewal: true })).state).toBe('succeeded');
    expect(getStored(machine, certificateId).leaf.serialNumber).not.toBe(before);
    expect(await isShown()).toBe(true);
    await apply({ ...spec, tls });
  }, 60_000);

  it('T-10 the name of the panel itself needs no site: proven, handed to the panel, renewed by the same code, and gone with it', async () => {
    const host = 'panel.test';
    const ownId = newChangeId();
    const file = `${world.prefix}/etc/nginx/conf.d/aapanel_panel.conf`;
    const issue = (name: string) =>
      certificatesHandlers['certificates.issue_for_panel'](
        machine,
        { orderId: newChangeId(), certificateId: ownId, host: name },
        call(),
      );
    await expect(issue('*.panel.test')).rejects.toMatchObject({ reason: 'acme_host' });
    const run = async (isRenewal: boolean) => {
      const orderId = newChangeId();
      const wanted = { siteId: null, hosts: [host], keyKind: 'ecdsa' as const, email: '', ...http };
      await noteOrder(machine, { orderId, certificateId: ownId, ...wanted, isRenewal });
      await runOrder(settings, [orderId], options);
      const { text } = await certificatesHandlers['certificates.order'](machine, { orderId, offset: 0 }, call());
      return { ...observe(orderId), text };
    };
    expect((await run(false)).failure).toMatchObject({ reason: 'acme_other_server', params: { host } });
    await answerChallenges(machine, [host], call());
    const { state, text } = await run(false);
    expect(state, text).toBe('succeeded');
    const ofPanel = (knownFingerprint: string | null) =>
      certificatesHandlers['certificates.of_panel'](
        machine,
        { certificateId: ownId, isSettled: true, knownFingerprint },
        call(),
      );
    const first = await ofPanel(null);
    expect(first).toMatchObject({ isKnown: true, pair: { certificate: expect.stringContaining('CERTIFICATE') } });
    const stored = getStored(machine, ownId);
    expect(renewability(machine, stored)).toEqual({ hosts: [host], stopped: null });
    expect((await run(true)).state).toBe('succeeded');
    expect((await ofPanel(stored.leaf.fingerprint256)).pair?.key).not.toBe(first.pair?.key);
    // A site that takes the name answers itself, and challenges go on.
    const site = specOf(world, host, { domains: [{ host, port: world.port }] });
    await apply(site, true);
    expect((await run(true)).state).toBe('succeeded');
    const remove = () =>
      certificatesHandlers['certificates.remove'](machine, { certificateId: ownId, changeId: newChangeId() }, call());
    await expect(remove()).rejects.toMatchObject({ reason: 'certificate_of_panel' });
    await certificatesHandlers['certificates.of_panel'](
      machine,
      { certificateId: null, isSettled: true, knownFingerprint: null },
      call(),
    );
    expect(renewability(machine, getStored(machine, ownId))).toEqual({ hosts: null, stopped: 'not_of_panel' });
    expect(readFileSync(file, 'utf8')).toContain(`server_name ${host};`);
    await remove();
    expect(existsSync(file)).toBe(false);
  }, 60_000);

  it('TLS-1 FAULT-7 an authority that is away leaves the old certificate serving, says why, and is tried again later', async () => {
    const before = getStored(machine, certificateId).leaf.fingerprint256;
    const dead = { ...settings, acme: { ...settings.acme, directory: 'https://localhost:9/dir' } };
    const { state, failure } = await order({ isRenewal: true }, dead);
    expect([state, failure?.reason]).toEqual(['failed', 'acme_ca_unreachable']);
    expect(getStored(machine, certificateId).leaf.fingerprint256).toBe(before);
    expect(await isShown()).toBe(true);
    const [item] = (await certificatesHandlers['certificates.list'](machine, {}, call())).items;
    expect(item?.renewal?.failure?.reason).toBe('acme_ca_unreachable');
  }, 60_000);

  it('TLS-1 T-6 an authority that limits leaves the old certificate serving, and says until when', async () => {
    const before = getStored(machine, certificateId).leaf.fingerprint256;
    const until = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 12_000);
    const limited = await limitOrders(authority, until);
    try {
      const at = { ...settings, acme: { ...settings.acme, directory: limited.directory } };
      const { state, failure } = await order({ isRenewal: true }, at);
      expect([state, failure]).toEqual([
        'failed',
        { reason: 'acme_rate_limited', params: { until: until.toISOString() } },
      ]);
      expect(getStored(machine, certificateId).leaf.fingerprint256).toBe(before);
      expect(await isShown()).toBe(true);
      // Nobody asks again before.
      if (Date.now() < until.getTime()) await expect(order()).rejects.toMatchObject({ reason: 'acme_rate_limited' });
      await wait(Math.max(0, until.getTime() - Date.now()));
    } finally {
      limited.stop();
    }
  }, 60_000);

  it('TLS-1 FAULT-3 a clock that is wrong is named, and the old certificate goes on', async () => {
    const before = getStored(machine, certificateId).leaf.fingerprint256;
    // Begins tomorrow: what a server whose clock is a day late meets.
    const early = await startAuthority(
      { http: world.port, https: world.tlsPort },
      undefined,
      withCertificates((make) => make.aged(authorityNames, 30, -1)),
    );
    try {
      const at = { ...settings, acme: { directory: early.directory, caBundle: early.caBundle } };
      const { state, failure } = await order({ isRenewal: true }, at);
      expect([state, failure?.reason]).toEqual(['failed', 'acme_clock']);
      expect(getStored(machine, certificateId).leaf.fingerprint256).toBe(before);
      expect(await isShown()).toBe(true);
    } finally {
      await early.stop();
    }
  }, 60_000);

  it('a certificate is taken back at the authority, with the reason, and a site that is served with it gets another one at once', async () => {
    const { serialNumber: serial } = getStored(machine, certificateId).leaf;
    expect((await authority.statusOf(serial)).status).toBe('Valid');
    const revoke = async (at = settings) => {
      const orderId = newChangeId();
      const { acme } = getStored(machine, certificateId).record;
      if (acme === null) throw new Error('not issued');
      const order = { orderId, certificateId, ...acme, isRenewal: false, revocation: 'key_compromise' as const };
      const times = { process: null, startedAt: Date.now(), endedAt: null };
      await writeOrder(machine, { ...order, state: 'starting', failure: null, ...times });
      await runOrder(at, [orderId], options);
      const { text } = await certificatesHandlers['certificates.order'](machine, { orderId, offset: 0 }, call());
      return { ...observe(orderId), text };
    };
    const item = async () => (await certificatesHandlers['certificates.list'](machine, {}, call())).items[0];
    const dead = { ...settings, acme: { ...settings.acme, directory: 'https://localhost:9/dir' } };
    expect((await revoke(dead)).failure?.reason).toBe('acme_ca_unreachable');
    expect(await item()).toMatchObject({ revoked: null, renewal: { failure: { reason: 'acme_clock' } } });
    const { state, failure, text } = await revoke();
    expect([state, failure], text).toEqual(['succeeded', null]);
    expect(await authority.statusOf(serial)).toEqual({ status: 'Revoked', reason: 1 });
    expect((await item())?.revoked?.reason).toBe('key_compromise');
    // It is due now: the failures before do not belong to it.
    const stored = getStored(machine, certificateId);
    expect(renewability(machine, stored)).toMatchObject({ stopped: null });
    expect(nextTryAt(stored, [])).toBeLessThanOrEqual(Date.now());
    // Taken back already counts as done.
    expect((await revoke()).state).toBe('succeeded');
    await expect(
      certificatesHandlers['certificates.revoke'](
        machine,
        { certificateId, orderId: newChangeId(), reason: 'superseded' },
        call(),
      ),
    ).rejects.toMatchObject({ reason: 'certificate_revoked' });
    expect((await order({ isRenewal: true })).state).toBe('succeeded');
    expect((await item())?.revoked).toBeNull();
    expect(getStored(machine, certificateId).leaf.publicKey.equals(stored.leaf.publicKey)).toBe(false);
    expect(await isShown()).toBe(true);
  }, 120_000);

  it('T-7 a name without an address, or one that leads to another server, is told before the authority is asked', async () => {
    const missing = await order({ lookup: () => Promise.resolve([]) });
    expect(missing.failure).toMatchObject({ reason: 'acme_no_address', params: { host: 'one.test' } });
    const elsewhere = await order({ hosts: ['nobody.test'] });
    expect(elsewhere.failure).toMatchObject({ reason: 'acme_other_server', params: { host: 'nobody.test' } });
  }, 60_000);

  it('T-6 after four failures in an hour a name is not tried again, and the ladder of renewals is 1, 10, 100 minutes', async () => {
    const at = Date.now();
    const [first] = listOrders(machine);
    if (first === undefined) throw new Error('no order yet');
    const stored = { ...getStored(machine, certificateId) };
    const fail = (index: number) => ({
      ...first,
      hosts: ['one.test'],
      certificateId,
      state: 'failed' as const,
      failure: { reason: 'acme_refused', params: {} },
      startedAt: at + index,
    });
    const late = { ...stored, record: { ...stored.record, changedAt: at - 1 }, leaf: stored.leaf };
    const after = Math.max(renewalAt(late), 0);
    const pauses = [1, 2, 3, 4].map((count) => {
      const orders = Array.from({ length: count }, (_, index) => ({ ...fail(index), startedAt: after + index }));
      return Math.round((nextTryAt(late, orders) - after) / 60_000);
    });
    expect(pauses).toEqual([1, 10, 100, 1_440]);
    for (let index = 0; index < 4; index++) await writeOrder(machine, { ...fail(index), orderId: newChangeId() });
    await expect(order()).rejects.toMatchObject({ reason: 'acme_too_often', params: { host: 'one.test' } });
  });

  it('T-6 an order that fails where it is tried first does not count, and never reaches the authority', async () => {
    // Looks for the names on a port where nobody is.
    const staging = await startAuthority({ http: 9, https: 9 });
    try {
      const domains = [{ host: 'new.test', port: world.port }];
      const fresh = specOf(world, 'new.test', { domains });
      await apply(fresh, true);
      const at = { ...settings, acme: { ...settings.acme, staging: staging.directory } };
      const bundle = `${world.folder}/both.pem`;
      writeFileSync(bundle, `${authority.pair.certificate}${staging.pair.certificate}`);
      const bundled = { ...at, acme: { ...at.acme, caBundle: bundle } };
      const orderId = newChangeId();
      const wanted = { siteId: fresh.siteId, hosts: ['new.test'], keyKind: 'ecdsa' as const, email: '', ...http };
      await noteOrder(machine, { orderId, certificateId: newChangeId(), ...wanted, isRenewal: false });
      await runOrder(bundled, [orderId], options);
      const { text } = await certificatesHandlers['certificates.order'](machine, { orderId, offset: 0 }, call());
      expect(observe(orderId).failure, text).toMatchObject({ reason: 'acme_connection', params: { at: 'staging' } });
      expect(text).not.toContain(new URL(authority.directory).host);
      const failed = findOrder(machine, orderId);
      if (failed === undefined) throw new Error('no order');
      expect(() => checkLimits([failed, failed, failed, failed, failed], ['new.test'], Date.now())).not.toThrow();
    } finally {
      await staging.stop();
    }
  }, 60_000);

  it('T-6 when the authority says until when it wants not to be asked, nobody asks before', () => {
    const at = Date.now();
    const until = new Date(at + 5 * 3_600_000).toISOString();
    const [some] = listOrders(machine);
    if (some === undefined) throw new Error('no order yet');
    const limited = {
      ...some,
      certificateId,
      hosts: ['one.test'],
      state: 'failed' as const,
      failure: { reason: 'acme_rate_limited', params: { until } },
      startedAt: at,
      process: null,
    };
    const old = { validFromDate: new Date(at - 80 * 86_400_000), validToDate: new Date(at + 10 * 86_400_000) };
    const renewing = { certificateId, record: { changedAt: at - 1 }, leaf: old };
    expect(nextTryAt(renewing, [limited])).toBe(Date.parse(until));
    const ask = (now: number) => () => checkLimits([limited], ['one.test', 'www.one.test'], now);
    expect(ask(at + 3_600_000)).toThrow('not to be asked');
    expect(ask(Date.parse(until) + 1)).not.toThrow();
    // The sixth certificate for just these names within a week is not asked for.
    const done = { ...limited, state: 'succeeded' as const, failure: null };
    const week =
      (count: number, now: number, hosts = ['one.test']) =>
      () =>
        checkLimits(Array<typeof done>(count).fill(done), hosts, now);
    expect(week(5, at)).toThrow('enough certificates');
    for (const allowed of [week(4, at), week(5, at, ['two.test']), week(5, at + 8 * 86_400_000)])
      expect(allowed).not.toThrow();
    // Without a time: an hour, and never longer than a week.
    const vague = { ...limited, failure: { reason: 'acme_rate_limited', params: {} } };
    expect(nextTryAt(renewing, [vague])).toBe(at + 3_600_000);
  });

  it('only names of the site itself are ordered', async () => {
    const given = {
      orderId: newChangeId(),
      certificateId: newChangeId(),
      keyKind: 'ecdsa' as const,
      email: '',
      ...http,
    };
    const issue = (siteId: string, names: string[]) =>
      certificatesHandlers['certificates.issue'](machine, { ...given, siteId, hosts: names }, call());
    await expect(issue(spec.siteId, ['bank.test'])).rejects.toMatchObject({ reason: 'acme_host' });
    await expect(issue(newChangeId(), ['one.test'])).rejects.toMatchObject({ reason: 'site_unknown' });
  });
});
