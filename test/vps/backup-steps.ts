// Backups on a real machine: the timer, the runs in units of their own, and a restore, with the panel stopped.
import { expect } from 'vitest';
import { exposure, isActive, property } from './facts.ts';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { exec, mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

const store = '/srv/store';
const aapanel = ['aapanel', '--lang', 'en', 'backup'];
const limit = { timeoutMs: 300_000 };

type Listed = { total: number; items: { setId: string; kind: string; parts: { name: string }[] }[] };

/** Before anything of the sites is taken away again; leaves nothing but the packages that were needed. */
export function backupSteps(step: Step, server: () => Server): void {
  const list = async (): Promise<Listed> =>
    JSON.parse(await mustExec(server().machine, [...aapanel, 'list', '--json'])) as Listed;

  step('P4.2-7 the timer is active with one next run, and its service is sandboxed', async () => {
    const { machine } = server();
    expect(await isActive(machine, 'aapanel-backup.timer')).toBe(true);
    const next = await mustExec(machine, ['systemctl', 'list-timers', '--no-legend', 'aapanel-backup.timer']);
    expect(next.trim().split('\n')).toHaveLength(1);
    expect(await exposure(machine, 'aapanel-backup.service')).toBeLessThanOrEqual(2);
  });

  step('the first target brings restic, and a backup by hand holds panel and sites', async () => {
    const { machine } = server();
    expect((await exec(machine, ['which', 'restic'])).stdout).toBe('');
    await mustExec(machine, [...aapanel, 'targets', 'add', 'store', '--local', store], limit);
    await mustExec(machine, [...aapanel, 'create', '--source', 'panel', '--source', 'sites'], limit);
    const { items } = await list();
    const parts = items[0]?.parts.map(({ name }) => name) ?? [];
    expect(parts).toContain('panel');
    expect(parts.some((name) => name.startsWith('site/static.test'))).toBe(true);
  });

  step('P4.2-7 a planned backup runs while the panel is down, in a unit of its own', async () => {
    const { machine } = server();
    const plan = ['plans', 'add', 'hourly', '--source', 'panel', '--every', 'hourly', '--at', '00:10'];
    await mustExec(machine, [...aapanel, ...plan]);
    const due = await mustExec(machine, ['systemctl', 'start', 'aapanel-backup.service'], limit);
    expect(due).toBe('');
    expect((await list()).total).toBe(1);
    await mustExec(machine, ['systemctl', 'stop', 'aapanel.service']);
    // As if the plan had been made two days ago.
    const plans = '/var/lib/aapanel-agent/backups/plans.json';
    await script(machine, `sed -E -i 's/"since": ?[0-9]+/"since":1/' ${plans}; grep -q '"since":1[^0-9]' ${plans}`);
    await mustExec(machine, ['systemctl', 'start', 'aapanel-backup.service'], limit);
    expect(await property(machine, 'aapanel-backup.service', 'Result')).toBe('success');
    await until(
      'the planned backup',
      async () => {
        const runs = await mustExec(machine, [...aapanel, 'runs']);
        return /create {2}succeeded {2}schedule/.test(runs) ? true : undefined;
      },
      120_000,
      1_000,
    );
    expect(await list()).toMatchObject({ total: 2, items: [{ kind: 'planned' }, { kind: 'manual' }] });
    // Once: the next look finds nothing due.
    await mustExec(machine, ['systemctl', 'start', 'aapanel-backup.service'], limit);
    expect((await list()).total).toBe(2);
    await mustExec(machine, ['systemctl', 'start', 'aapanel.service']);
  });

  step('a site that lost its files is restored, owners and all, and answers as before', async () => {
    const { machine } = server();
    const looks = "find /www/wwwroot/static.test -printf '%u:%g %m %p\\n' | sort";
    const before = await script(machine, looks);
    await script(machine, 'rm -rf /www/wwwroot/static.test/*; echo broken > /www/wwwroot/static.test/index.html');
    const { items } = await list();
    const set = items.find(({ parts }) => parts.some(({ name }) => name.startsWith('site/static.test')));
    const part = set?.parts.find(({ name }) => name.startsWith('site/static.test'))?.name ?? '';
    await mustExec(machine, [...aapanel, 'restore', set?.setId ?? '', '--part', part, '--yes'], limit);
    await panel.waitForText(machine, 'static.test', 'static content');
    expect(await script(machine, looks)).toBe(before);
  });

  step('P4.2-10 a restore test of the newest backup passes within its times', async () => {
    const { machine } = server();
    const { code, stdout } = await exec(machine, [...aapanel, 'test-restore', 'latest', '--json'], limit);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { isPassed: true, targets: [{ state: 'proven' }] }]);
    await mustExec(machine, [...aapanel, 'plans', 'remove', 'hourly', '--yes']);
    await mustExec(machine, [...aapanel, 'targets', 'remove', 'store', '--yes']);
    await mustExec(machine, ['rm', '-r', store]);
  });
}
