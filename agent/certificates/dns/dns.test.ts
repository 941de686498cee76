import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import type { WaitingProof } from '#shared/certificate-proofs.ts';
import { dnsAccountBody, type DnsAccountBody } from '#shared/dns-accounts.ts';
import { openMachine, type AgentSettings, type Machine } from '../../core/machine.ts';
import { sitesHandlers } from '../../sites/sites.actions.ts';
import { hasAuthority, startAuthority, type Authority } from '../../testing/authority.ts';
import { startFakeCloudflare, type FakeCloudflare } from '../../testing/fake-cloudflare.ts';
import { hasNameServer, startNameServer, type NameServer } from '../../testing/name-server.ts';
import { call, makeWorld, newChangeId, specOf, type World } from '../../testing/world.ts';
import { runOrder } from '../acme-run.ts';
import { caaLookup, checkCaa } from '../caa.ts';
import { certificatesHandlers } from '../certificates.actions.ts';
import { noteOrder, settleOrder } from '../issue.ts';
import { checkLimits } from '../order-limits.ts';
import { findOrder, listOrders, shownOrder, writeOrder } from '../orders.ts';
import { getAccount } from './accounts.ts';
import { noteByHand, sweepHandwork, wish } from './by-hand.ts';
import { addRecord, sweepRecords } from './prove.ts';

const zone = 'zone.test';
const token = 'a-token-of-cloudflare-with-forty-letters';
const isAble = hasAuthority && hasNameServer && process.getuid?.() === 0;

it.each([
  [{ kind: 'cloudflare', name: 'x', token: 'short' }],
  [{ kind: 'cloudflare', name: 'x', token: `${token}\r\nX-Evil: 1` }],
  [{ kind: 'rfc2136', name: 'x', server: '10.0.0.1\nshow', keyName: 'k', secret: null }],
  [{ kind: 'rfc2136', name: 'x', server: '-x', keyName: 'k', secret: null }],
  [{ kind: 'rfc2136', name: 'x', server: 'ns.test', keyName: 'k" { }; x "', secret: null }],
  [{ kind: 'rfc2136', name: 'x', server: 'ns.test', keyName: 'k', secret: 'not base64 at all!!' }],
  [{ kind: 'rfc2136', name: 'x', server: 'ns.test', keyName: 'k', secret: null, port: 70_000 }],
])('CONF-1 %j is no account', (body) => {
  expect(dnsAccountBody.safeParse(body).success).toBe(false);
});

describe.runIf(isAble)('with a name server and an authority', () => {
  let world: World;
  let machine: Machine;
  let authority: Authority;
  let names: NameServer;
  let cloudflare: FakeCloudflare;
  let settings: AgentSettings;
  let spec: SiteSpec;
  const accounts = { server: newChangeId(), cloudflare: newChangeId() };
  const hosts = [zone, `*.${zone}`];
  const proofName = `_acme-challenge.${zone}`;
  beforeAll(async () => {
    world = await makeWorld({ nginx: 'missing' });
    names = await startNameServer(zone);
    authority = await startAuthority({ http: world.port, https: world.tlsPort }, `127.0.0.1:${names.port}`);
    cloudflare = await startFakeCloudflare(authority.pair, { zone, token, names });
    const { directory, caBundle } = authority;
    const nameServers = [`127.0.0.1:${names.port}`];
    settings = { ...world.settings, acme: { directory, caBundle, nameServers, cloudflareApi: cloudflare.api } };
    machine = await openMachine(settings);
    const domains = [...hosts, `www.${zone}`].map((host) => ({ host, port: world.port }));
    spec = specOf(world, zone, { domains });
    const change = { spec, changeId: newChangeId(), isNew: true, onDrift: 'refuse' } as const;
    await sitesHandlers['sites.apply'](machine, change, call());
    await put(accounts.server, { ...bind(), secret: names.secret });
    await put(accounts.cloudflare, { kind: 'cloudflare', name: 'cf', token });
    await names.update(`update add ${proofName}. 60 IN TXT "of somebody else"`);
  }, 60_000);
  afterAll(async () => {
    await machine.settled();
    machine.close();
    cloudflare.stop();
    await authority.stop();
    await names.stop();
    world.destroy();
  });

  const bind = () => {
    const { port, keyName } = names;
    return { kind: 'rfc2136', name: 'bind', server: '127.0.0.1', port, keyName, algorithm: 'hmac-sha256' } as const;
  };
  const put = (accountId: string, account: DnsAccountBody) =>
    certificatesHandlers['certificates.put_dns_account'](machine, { accountId, account }, call());
  async function order(accountId: string) {
    const [orderId, certificateId] = [newChangeId(), newChangeId()];
    const proof = { kind: 'dns' as const, accountId };
    const wanted = { siteId: spec.siteId, hosts, keyKind: 'ecdsa' as const, email: '', proof };
    await noteOrder(machine, { orderId, certificateId, ...wanted, isRenewal: false });
    await runOrder(settings, [orderId], { settle: (id) => settleOrder(machine, id, Date.now() + 20_000) });
    const record = findOrder(machine, orderId);
    if (record === undefined) throw new Error('no such order');
    const { text } = await certificatesHandlers['certificates.order'](machine, { orderId, offset: 0 }, call());
    return { ...shownOrder(record, Date.now()), text };
  }
  /** As the agent does it; `ended`: when its process would end. */
  async function orderByHand() {
    const [orderId, certificateId] = [newChangeId(), newChangeId()];
    const proof = { kind: 'manual' as const };
    const wanted = { siteId: spec.siteId, hosts, keyKind: 'ecdsa' as const, email: '', proof };
    await noteOrder(machine, { orderId, certificateId, ...wanted, isRenewal: false });
    const ended = runOrder(settings, [orderId], { settle: (id) => settleOrder(machine, id, Date.now() + 20_000) });
    return { orderId, certificateId, ended };
  }
  const observe = (orderId: string) =>
    certificatesHandlers['certificates.order'](machine, { orderId, offset: 0 }, call());
  const look = (orderId: string) => certificatesHandlers['certificates.look_for_proof'](machine, { orderId }, call());
  const untilWaiting = async (isSo: (each: WaitingProof) => boolean): Promise<WaitingProof[]> => {
    const read = () => certificatesHandlers['certificates.proofs'](machine, { siteId: spec.siteId }, call());
    const endsAt = Date.now() + 30_000;
    for (;;) {
      const { items } = await read();
      if (items.length > 0 && items.every(isSo)) return items;
      if (Date.now() > endsAt) throw new Error(`nothing waits as it should: ${JSON.stringify(items)}`);
      await wait(100);
    }
  };
  const isClean = async () => {
    expect(await names.texts(proofName)).toEqual(['of somebody else']);
    expect(readdirSync(`${machine.stateFolder}/acme/dns-records`)).toEqual([]);
  };

  it.each(['server', 'cloudflare'] as const)(
    'T-4 a wildcard is proven by DNS at a %s, and nothing is left there',
    async (kind) => {
      const { state, failure, text, certificateId } = await order(accounts[kind]);
      expect([state, failure], text).toEqual(['succeeded', null]);
      const { items } = await certificatesHandlers['certificates.list'](machine, {}, call());
      const item = items.find(({ id }) => id === certificateId);
      expect([...(item?.names ?? [])].sort()).toEqual([`*.${zone}`, zone]);
      expect(item?.renewal).toMatchObject({ stopped: null, failure: null });
      expect(text).toContain('The records can be seen');
      await isClean();
    },
    90_000,
  );

  it('T-4 names are proven by hand: the order waits for the records, tells what the servers show, and goes on by itself', async () => {
    const { orderId, certificateId, ended } = await orderByHand();
    const first = await untilWaiting(({ checkedAt }) => checkedAt !== null);
    expect(first).toMatchObject([{ orderId, certificateId, hosts }]);
    const [{ records }] = first as [WaitingProof];
    expect(records.map(({ name }) => name)).toEqual([proofName, proofName]);
    expect(new Set(records.map(({ value }) => value)).size).toBe(2);
    const server = `127.0.0.1:${names.port}`;
    expect(records.map(({ servers }) => servers)).toEqual([[{ server, sight: 'other' }], [{ server, sight: 'other' }]]);
    // Others are ordered and renewed meanwhile; the same names are not.
    const limits = (host: string) => () => checkLimits(listOrders(machine), [host], Date.now());
    expect(limits('elsewhere.test')).not.toThrow();
    expect(limits(zone)).toThrow('Another certificate is being issued');
    await names.update(`update add ${proofName}. 60 IN TXT "${records[0]?.value}"`);
    await look(orderId);
    const sightsOf = ({ records: seen }: WaitingProof) => seen.map(({ servers }) => servers[0]?.sight);
    expect(sightsOf((await untilWaiting((each) => sightsOf(each)[0] === 'shown'))[0] as WaitingProof)).toEqual([
      'shown',
      'other',
    ]);
    await names.update(`update add ${proofName}. 60 IN TXT "${records[1]?.value}"`);
    await look(orderId);
    await ended;
    const { order, text } = await observe(orderId);
    expect(order, text).toMatchObject({ state: 'succeeded', failure: null, isWaiting: false });
    expect(text).toContain(`${proofName}: this record is not needed any more`);
    const { items } = await certificatesHandlers['certificates.list'](machine, {}, call());
    const item = items.find(({ id }) => id === certificateId);
    expect(item?.renewal).toMatchObject({ stopped: 'by_hand', failure: null });
    expect(readdirSync(`${machine.stateFolder}/acme/by-hand`)).toEqual([]);
    for (const { value } of records) await names.update(`update delete ${proofName}. IN TXT "${value}"`);
  }, 90_000);

  it('an order that waits and is given up never asks the authority, and leaves nothing behind', async () => {
    const { orderId, ended } = await orderByHand();
    await untilWaiting(({ checkedAt }) => checkedAt !== null);
    await certificatesHandlers['certificates.cancel_order'](machine, { orderId }, call());
    await ended;
    const { order, text } = await observe(orderId);
    expect(order, text).toMatchObject({ state: 'failed', failure: { reason: 'acme_cancelled' } });
    expect(text).not.toMatch(/unauthorized|Challenge failed/);
    expect(readdirSync(`${machine.stateFolder}/acme/by-hand`)).toEqual([]);
    const own = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(orderId));
    expect(own).toEqual([]);
    // It says nothing about the names: they may be ordered again at once.
    expect(() => checkLimits(listOrders(machine), [zone], Date.now())).not.toThrow();
  }, 60_000);

  it('an order whose process went with the machine waits on, and can be given up', async () => {
    const orderId = newChangeId();
    const proof = { kind: 'manual' as const };
    const wanted = { siteId: spec.siteId, hosts: ['gone.test'], keyKind: 'ecdsa' as const, email: '', proof };
    const record = await noteOrder(machine, { orderId, certificateId: newChangeId(), ...wanted, isRenewal: false });
    await noteByHand(machine, orderId, { name: 'x', value: 'y' }, { isLast: true, now: Date.now() });
    await writeOrder(machine, { ...record, state: 'running', process: { pid: 1, startedTicks: '0' } });
    expect((await observe(orderId)).order).toMatchObject({ state: 'running', isWaiting: true });
    sweepHandwork(machine, Date.now());
    expect((await observe(orderId)).order?.isWaiting).toBe(true);
    await certificatesHandlers['certificates.cancel_order'](machine, { orderId }, call());
    expect((await observe(orderId)).order?.failure?.reason).toBe('acme_cancelled');
    // What an order left that was cut off before it waited goes with the next look of the timer.
    await noteByHand(machine, orderId, { name: 'x', value: 'y' }, { isLast: false, now: Date.now() });
    sweepHandwork(machine, Date.now());
    expect(readdirSync(`${machine.stateFolder}/acme/by-hand`)).toEqual([]);
  });

  it('what somebody has waited for in vain is said by name', async () => {
    const { orderId, ended } = await orderByHand();
    await untilWaiting(({ checkedAt }) => checkedAt !== null);
    const path = `${machine.stateFolder}/acme/by-hand/${orderId}.json`;
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, 'utf8')), endsAt: Date.now() }));
    wish(machine, orderId, 'look');
    await ended;
    const { order } = await observe(orderId);
    expect(order).toMatchObject({ state: 'failed', failure: { reason: 'acme_records_missing' } });
    expect(order?.failure?.params).toEqual({ record: proofName });
  }, 60_000);

  it('T-7 CAA records are read from the DNS itself', async () => {
    const lookup = caaLookup(settings);
    const ask = (hosts: string[]) =>
      checkCaa({
        hosts,
        identities: ['letsencrypt.org'],
        method: 'dns-01',
        accounts: [],
        lookup,
        say: () => undefined,
      });
    await ask([zone, `*.${zone}`]);
    await expect(ask([`a.denied.${zone}`])).rejects.toMatchObject({ reason: 'acme_caa' });
  });

  it('CERT-3 secrets lie in a file of root only, and in no answer or log', async () => {
    const path = `${machine.stateFolder}/acme/dns-accounts.json`;
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, 'utf8')).toContain(token);
    const { items } = await certificatesHandlers['certificates.dns_accounts'](machine, {}, call());
    expect(items).toMatchObject([{ kind: 'rfc2136', keyName: 'panel' }, { kind: 'cloudflare' }]);
    const spoken = [JSON.stringify(items)];
    for (const folder of ['orders', 'logs'])
      for (const name of readdirSync(`${machine.stateFolder}/acme/${folder}`))
        spoken.push(readFileSync(`${machine.stateFolder}/acme/${folder}/${name}`, 'utf8'));
    expect(spoken.join()).not.toContain(token);
    expect(spoken.join()).not.toContain(names.secret);
  });

  const wrong = Buffer.from('another key of thirty-two bytes.').toString('base64');
  it.each([
    ['dns_credentials', () => ({ ...bind(), secret: wrong })],
    ['dns_unreachable', () => ({ ...bind(), port: 9, secret: wrong })],
    ['dns_credentials', () => ({ kind: 'cloudflare', name: 'bad', token: 'x'.repeat(40) }) as const],
  ] as const)(
    'T-7 %s is told before the authority is asked, and nothing is left',
    async (reason, account) => {
      const bad = newChangeId();
      await put(bad, account());
      const { failure, text } = await order(bad);
      expect(failure?.reason, text).toBe(reason);
      expect(text).not.toContain('Asking');
      await certificatesHandlers['certificates.remove_dns_account'](machine, { accountId: bad }, call());
      await sweepRecords({ stateFolder: machine.stateFolder, settings }, Date.now(), () => undefined);
      await isClean();
    },
    90_000,
  );

  it('FAULT-1 a record that an order left when it was killed is taken away by the next one', async () => {
    const where = { stateFolder: machine.stateFolder, settings };
    const record = { name: proofName, value: 'left-behind' };
    await addRecord(where, newChangeId(), getAccount(machine, accounts.server), record);
    expect([...(await names.texts(proofName))].sort()).toEqual(['left-behind', 'of somebody else']);
    await sweepRecords(where, Date.now(), () => undefined);
    await isClean();
  });

  it('an account by which certificates are renewed stays, and a kept secret goes to no other server', async () => {
    const removal = certificatesHandlers['certificates.remove_dns_account'](
      machine,
      { accountId: accounts.server },
      call(),
    );
    await expect(removal).rejects.toMatchObject({ reason: 'dns_account_in_use' });
    await expect(put(accounts.server, { ...bind(), server: '127.0.0.2', secret: null })).rejects.toMatchObject({
      fields: [{ field: 'secret', code: 'required' }],
    });
    await put(accounts.server, { ...bind(), name: 'renamed', secret: null });
    expect(getAccount(machine, accounts.server)).toMatchObject({ name: 'renamed', secret: names.secret });
  });

  it.each(['bank.test', '*.bank.test', `www.${zone}`])(
    '%s is not ordered: another’s name, or one that a wildcard of the site reaches already',
    async (host) => {
      const proof = { kind: 'dns' as const, accountId: accounts.server };
      const given = { orderId: newChangeId(), certificateId: newChangeId(), keyKind: 'ecdsa' as const, email: '' };
      await expect(
        certificatesHandlers['certificates.issue'](
          machine,
          { ...given, siteId: spec.siteId, hosts: [host], proof },
          call(),
        ),
      ).rejects.toMatchObject({ reason: 'acme_host', params: { host } });
    },
  );
});

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
