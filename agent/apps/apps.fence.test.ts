import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { siteApp } from '#shared/site-app.ts';
import { allRecords, type SiteRecord } from '../sites/site-records.ts';
import { arePortsClosed, closableIn, closePorts, keepUsersApart, openPorts, raiseFence } from './apps.fence.ts';
import { renderClosing, renderFence, renderOpening, renderTargets, renderUsers } from './apps.fence.render.ts';
import type { AppHost } from './apps.unit.ts';
import { areTargetsNew, noteTargets, udpTargets } from './udp-ports.ts';

/** In the place of nft: refuses to change a table that was not put up, and keeps what it was told. */
const nftText = `#!/bin/sh
text=$(cat)
case "$1 $text" in
  get*) grep -q "^add element inet aapanel_sites ports.* $(echo "$6" | tr -d '{} ')[, ]" "$0.log"; exit ;;
  *'table inet aapanel_sites {'*) touch "$0.table" ;;
  *) [ -e "$0.table" ] || { echo 'No such file or directory' >&2; exit 1; } ;;
esac
printf '%s\\n' "$text" >>"$0.log"
`;

describe('the text for nft', () => {
  const closed = [
    { port: 21_000, uid: 1_001 },
    { port: 21_001, uid: 1_001 },
    { port: 3_000, uid: 1_002 },
  ];
  const targets = udpTargets(
    [
      { port: 53, address: '127.0.0.53', uid: 101 },
      { port: 8_125, address: '127.0.0.1', uid: 102 },
      { port: 6_000, address: '0.0.0.0', uid: 1_001 },
      { port: 6_000, address: '::', uid: 1_001 },
      // One number, several owners.
      { port: 7_000, address: '::ffff:127.0.0.1', uid: 1_001 },
      { port: 7_000, address: '::1', uid: 1_002 },
      { port: 7_000, address: '10.0.0.1', uid: 0 },
      { port: 7_000, address: '0.0.0.0', uid: 1_002 },
    ],
    new Set([1_001, 1_002]),
  );

  it('SITE-2 is, byte by byte, the golden file of a table that lets root, nginx and the site’s own user connect', async () => {
    await expect(renderFence({ closed, always: [0, 33], users: [1_001, 1_002], targets })).toMatchFileSnapshot(
      'testdata/fence.golden.nft',
    );
  });

  it('SITE-2 lets datagrams of a site go where only services of the machine wait, or only the site itself; of a number that several share to exact addresses', () => {
    expect(targets).toEqual([
      { port: 8_125, address: null, uid: null },
      { port: 6_000, address: null, uid: 1_001 },
      { port: 7_000, address: '127.0.0.1', uid: 1_001 },
      { port: 7_000, address: '::1', uid: 1_002 },
      { port: 7_000, address: '10.0.0.1', uid: null },
    ]);
    expect(renderTargets([])).toMatch(/^(flush set inet aapanel_sites udp_\w+\n){6}$/);
  });

  it('of one change names the elements of one site only, and takes out also what is not in', () => {
    expect(renderClosing(closed.slice(2))).toBe(
      'add element inet aapanel_sites allowed { 1002 . 3000 }\nadd element inet aapanel_sites ports { 3000 }\n',
    );
    expect(renderOpening(closed.slice(2), [])).toBe(
      'add element inet aapanel_sites allowed { 1002 . 3000 }\ndelete element inet aapanel_sites allowed { 1002 . 3000 }\n',
    );
    expect(renderClosing([])).toBe('');
  });

  it.each([Number.NaN, -1, 1.5, '1 } ; flush ruleset' as unknown as number])(
    'holds nothing but numbers: not %s',
    (bad) => {
      expect(() => renderClosing([{ port: bad, uid: 1 }])).toThrow(TypeError);
      expect(() => renderFence({ closed: [{ port: 1, uid: bad }], always: [0], users: [], targets: [] })).toThrow(
        TypeError,
      );
      expect(() => renderFence({ closed: [], always: [bad], users: [], targets: [] })).toThrow(TypeError);
      expect(() => renderUsers([bad])).toThrow(TypeError);
      expect(() => renderTargets([{ port: bad, address: null, uid: 1 }])).toThrow(TypeError);
      expect(() => renderTargets([{ port: 1, address: String(bad), uid: 1 }])).toThrow(TypeError);
    },
  );
});

describe('ports of applications', () => {
  let folder = '';
  let host: AppHost;
  const nft = () => `${folder}/usr/sbin/nft`;
  const toldOf = (sets: RegExp): string[] =>
    (existsSync(`${nft()}.log`) ? readFileSync(`${nft()}.log`, 'utf8') : '')
      .split('\n')
      .filter((line) => / element /.test(line) && sets.test(line));
  const told = (): string[] => toldOf(/ (allowed|ports) /);
  const toldUsers = (): string[] => toldOf(/ (own|users|marks) /);
  const record = (slug: string, uid: number, port: number | null, more: Partial<SiteRecord> = {}): SiteRecord => {
    const app = siteApp.parse({ program: 'node', listen: { kind: 'port', port } });
    const ports = port === null ? { a: 21_000, b: 21_001 } : null;
    const given = { siteId: slug, slug, uid, isEnabled: true, settings: { app }, ...more };
    return { app: { slot: 'a', ports, isOn: true, nonce: '', sum: '' }, ...given } as SiteRecord;
  };
  const keep = (...records: SiteRecord[]): void => records.forEach((each) => allRecords(host).set(each.slug, each));

  beforeEach(() => {
    folder = mkdtempSync(`${tmpdir()}/aapanel-fence-`);
    mkdirSync(`${folder}/usr/sbin`, { recursive: true });
    writeFileSync(nft(), nftText);
    chmodSync(nft(), 0o755);
    host = { isRoot: true, hasSystemd: false, prefix: folder, stateFolder: `${folder}/state` } as AppHost;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('SITE-2 are closed one site at a time; the first one puts the table up, and so does the next after all rules were flushed', async () => {
    const a = record('a.test', 1_001, null);
    await closePorts(host, closableIn(a));
    keep(a);
    expect(told()).toEqual([
      'add element inet aapanel_sites allowed { 1001 . 21000, 1001 . 21001 }',
      'add element inet aapanel_sites ports { 21000, 21001 }',
    ]);
    expect([await arePortsClosed(host, [21_001]), await arePortsClosed(host, [2_100])]).toEqual([true, false]);
    const b = record('b.test', 1_002, 3_000);
    await closePorts(host, closableIn(b));
    keep(b);
    const ofB = renderClosing(closableIn(b)).trim().split('\n');
    expect(told().slice(2)).toEqual(ofB);
    rmSync(`${nft()}.table`);
    rmSync(`${nft()}.log`);
    await closePorts(host, closableIn(b));
    const both = renderClosing([...closableIn(a), ...closableIn(b)])
      .trim()
      .split('\n');
    expect(told()).toEqual([...both, ...ofB]);
  });

  it('SITE-2 of one site, whatever they are, are kept from users of others: of all sites at first, then of each new one once', async () => {
    keep(record('a.test', 1_001, null), { ...record('b.test', 1_002, null), app: undefined } as unknown as SiteRecord);
    await keepUsersApart(host);
    const both = renderUsers([1_001, 1_002]).trim().split('\n');
    expect(toldUsers()).toEqual(both);
    await keepUsersApart(host);
    keep(record('c.test', 1_003, null));
    await keepUsersApart(host);
    await keepUsersApart(host);
    expect(toldUsers().slice(3)).toEqual(renderUsers([1_003]).trim().split('\n'));
    // Somebody has flushed all rules: the next new one puts all of it up again.
    rmSync(`${nft()}.table`);
    keep(record('d.test', 1_004, null));
    await keepUsersApart(host);
    expect(toldUsers().slice(6)).toEqual(renderUsers([1_001, 1_002, 1_003, 1_004]).trim().split('\n'));
    await keepUsersApart({ ...host, prefix: '/nowhere' });
  });

  it('have their datagrams looked at again when a lasting port comes or goes, and never before there is a table', async () => {
    const at = (port: number) => [{ port, address: null, uid: null }];
    expect(areTargetsNew(host, at(8_125))).toBe(false);
    await noteTargets(host, at(8_125));
    expect([8_125, 8_126].map((port) => areTargetsNew(host, at(port)))).toEqual([false, true]);
    expect([[...at(8_125), ...at(40_000)], []].map((now) => areTargetsNew(host, now))).toEqual([false, true]);
  });

  it('are opened when no application that is meant to run needs them, and never one that another site has by now', async () => {
    const a = record('a.test', 1_001, 3_000);
    const off = { slot: 'a', ports: null, isOn: false, nonce: '', sum: '' } as const;
    keep(a, record('c.test', 1_003, 4_000, { app: off }), record('d.test', 1_004, 5_000, { isEnabled: false }));
    await raiseFence(host);
    expect(told()).toEqual(renderClosing(closableIn(a)).trim().split('\n'));
    await openPorts(host, closableIn(a));
    expect(told()).toHaveLength(2);
    keep({ ...a, app: off }, record('b.test', 1_002, 3_000));
    await openPorts(host, closableIn(a));
    expect(told().slice(2)).toEqual(renderOpening(closableIn(a), []).trim().split('\n'));
    keep(record('b.test', 1_002, 3_000, { app: off }));
    await openPorts(host, closableIn(a));
    expect(told().slice(4)).toEqual(renderOpening(closableIn(a), [3_000]).trim().split('\n'));
  });

  it('SITE-2 of all instances are closed, in both places where the panel has chosen them', () => {
    const several = (uid: number, port: number | null): SiteRecord => {
      const one = record('a.test', uid, port);
      const app = siteApp.parse({ program: 'node', listen: { kind: 'port', port }, instances: 3 });
      const ports = port === null ? { a: 21_000, b: 21_010 } : null;
      return { ...one, settings: { ...one.settings, app }, app: { ...one.app, ports } } as SiteRecord;
    };
    const portsIn = (each: SiteRecord): number[] => closableIn(each).map(({ port }) => port);
    expect(portsIn(several(1_001, null))).toEqual([21_000, 21_001, 21_002, 21_010, 21_011, 21_012]);
    expect(portsIn(several(1_001, 3_000))).toEqual([3_000, 3_001, 3_002]);
  });

  it('that somebody named are not closed when a service of the machine has them: all sites may need it', async () => {
    const service = createServer();
    await new Promise<void>((resolve) => void service.listen(0, '127.0.0.1', resolve));
    const { port } = service.address() as AddressInfo;
    try {
      const a = record('a.test', 1_001, port);
      await closePorts(host, closableIn(a));
      keep(a);
      await raiseFence(host);
      expect(told()).toEqual([]);
    } finally {
      service.close();
    }
  });

  it('stay open without nft, without root and without systemd; nothing fails, and it is said', async () => {
    const a = record('a.test', 1_001, null);
    keep(a);
    for (const other of [{ isRoot: false }, { prefix: '' }, { prefix: '/nowhere' }] as const) {
      const there: AppHost = { ...host, ...other };
      await closePorts(there, closableIn(a));
      await raiseFence(there);
      expect(await arePortsClosed(there, [21_000])).toBe(false);
    }
    writeFileSync(nft(), '#!/bin/sh\nexit 1\n');
    await closePorts(host, closableIn(a));
    expect(await arePortsClosed(host, [21_000])).toBe(false);
    expect(told()).toEqual([]);
  });
});
