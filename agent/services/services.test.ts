import { describe, expect, it } from 'vitest';
import { guardOf } from './guards.ts';
import { readEntries } from './journal.ts';
import { propertiesOf, serviceOf } from './unit-facts.ts';

const shown = `Id=ssh.service
Description=OpenBSD Secure Shell server
LoadState=loaded
ActiveState=active
SubState=running
UnitFileState=enabled
MainPID=668
MemoryCurrent=6291456
CPUUsageNSec=1834000000
TasksCurrent=1
StateChangeTimestamp=@1764297600
NRestarts=0
Result=success
ExecMainStatus=0
CanReload=yes

Id=broken.service
Description=Broken \u001b[31m= on purpose
LoadState=loaded
ActiveState=failed
SubState=failed
UnitFileState=static
MainPID=0
MemoryCurrent=[not set]
CPUUsageNSec=18446744073709551615
TasksCurrent=[not set]
StateChangeTimestamp=@0
NRestarts=5
Result=exit-code
ExecMainStatus=3
CanReload=no

Id=gone.service
LoadState=not-found
ActiveState=inactive

Id=evil;rm -rf.service
LoadState=loaded
ActiveState=active
`;

describe('what systemd says of its services', () => {
  const services = propertiesOf(shown).map(serviceOf);

  it('is read as facts; what is not measured is null, and what is not there or has no name of a service is left out', () => {
    expect(services[0]).toEqual({
      unit: 'ssh.service',
      description: 'OpenBSD Secure Shell server',
      state: 'active',
      subState: 'running',
      boot: 'enabled',
      guard: 'essential',
      mainPid: 668,
      memoryBytes: 6_291_456,
      cpuMs: 1_834,
      tasks: 1,
      since: '2025-11-28T02:40:00.000Z',
      restarts: 0,
      failure: null,
      canReload: true,
    });
    expect(services[1]).toMatchObject({
      description: 'Broken [31m= on purpose',
      failure: { result: 'exit-code', code: 3 },
      mainPid: null,
      memoryBytes: null,
      cpuMs: null,
      since: null,
      restarts: 5,
    });
    expect(services.slice(2)).toEqual([undefined, undefined]);
  });

  it('a word that this version does not know is no error', () => {
    const [service] = propertiesOf(
      'Id=new.service\nLoadState=loaded\nActiveState=refreshing\nUnitFileState=enabled-runtime\nSubState=auto-restart\nResult=melted',
    ).map(serviceOf);
    expect(service).toMatchObject({ state: 'unknown', boot: 'enabled', failure: { result: 'other', code: null } });
  });
});

it('names say who answers for a service', () => {
  const of = (names: readonly string[]) => names.map((name) => guardOf(`${name}.service`));
  expect(of(['sshd', 'ssh', 'ssh@1-2', 'systemd-networkd', 'dbus', 'getty@tty1', 'nftables'])).toEqual(
    Array.from({ length: 7 }, () => 'essential'),
  );
  expect(of(['aapanel', 'aapanel-agent', 'aapanel-backup'])).toEqual(['panel', 'panel', 'panel']);
  expect(of(['aapanel-app-shop.test-a', 'aapanel-php8.2-shop.test', 'nginx', 'sshguard', 'aapanelx'])).toEqual([
    'site',
    'site',
    'none',
    'none',
    'none',
  ]);
});

describe('lines of the journal', () => {
  const cursor = 's=1f;i=2a;b=3;m=4;t=5;x=6';
  const row = (more: object): string =>
    JSON.stringify({ __CURSOR: cursor, __REALTIME_TIMESTAMP: '1764297600123456', PRIORITY: '3', ...more });

  it('come with time, level and source, also when the message is no text', () => {
    const rows = [
      row({ MESSAGE: 'plain', SYSLOG_IDENTIFIER: 'sshd' }),
      row({ MESSAGE: [104, 105, 255, 10, 33], _COMM: 'app', PRIORITY: undefined }),
      row({ MESSAGE: null }),
      row({ MESSAGE: `\u001b]0;title\u0007${'x'.repeat(5_000)}` }),
    ];
    const lines = readEntries(rows.join('\n')).map(({ line }) => line);
    expect(lines[0]).toEqual({ at: '2025-11-28T02:40:00.123Z', priority: 3, source: 'sshd', text: 'plain' });
    expect(lines[1]).toMatchObject({ priority: 6, source: 'app', text: 'hi\ufffd\n!' });
    expect(lines[2]).toMatchObject({ text: '', source: '' });
    expect(lines[3]?.text).toHaveLength(2_001);
    expect(lines[3]?.text).toMatch(/^\]0;titlexxx/);
  });

  it('what was cut off, and what is no line of the journal, is left out', () => {
    const rows = [
      row({ MESSAGE: 'one' }),
      '{"__CURSOR":"../../x","MESSAGE":"no"}',
      'Failed to open',
      row({}).slice(0, 40),
    ];
    expect(readEntries(rows.join('\n')).map(({ line }) => line.text)).toEqual(['one']);
  });
});
