// A certificate whose records a person puts into the DNS, while everything around the order restarts.
import { expect } from 'vitest';
import type { WaitingProof } from '#shared/certificate-proofs.ts';
import { waitReady } from './facts.ts';
import { until } from './host.ts';
import type { Server } from './installed.ts';
import { mustExec, script } from './machine.ts';
import * as panel from './panel.ts';
import type { Step } from './steps.ts';

const host = 'hand.test';

/** `afterReboot`: adds the steps behind one that reboots the machine. */
export function byHandSteps(step: Step, server: () => Server, secret: string): { afterReboot(): void } {
  let siteId = '';
  let jobId = '';
  let before: WaitingProof | undefined;

  async function untilWaiting(isSo: (proof: WaitingProof) => boolean): Promise<WaitingProof> {
    const path = `/api/v1/sites/${siteId}/certificate-proofs`;
    return await until(
      'the order to wait',
      async () => {
        const { items } = await panel.call<{ items: WaitingProof[] }>(server().owner, 'GET', path);
        return items.find((each) => each.checkedAt !== null && isSo(each));
      },
      120_000,
    );
  }

  step('T-4 names proven by hand: the records to put are shown, and the order outlives panel and agent', async () => {
    const { machine, owner } = server();
    siteId = (await panel.createSite(owner, { kind: 'static', domains: [host, `*.${host}`] })).id;
    const body = { proof: { kind: 'manual' } };
    jobId = (await panel.call<{ id: string }>(owner, 'POST', `/api/v1/sites/${siteId}/certificate`, body)).id;
    before = await untilWaiting(() => true);
    expect(before.records.map(({ name }) => name)).toEqual(Array(2).fill(`_acme-challenge.${host}`));
    expect(before.records[0]?.servers).toEqual([{ server: '127.0.0.1:8053', sight: 'none' }]);
    await mustExec(machine, ['systemctl', 'restart', 'aapanel-agent.service', 'aapanel.service']);
    await waitReady(machine);
    expect((await untilWaiting(() => true)).records.map(({ value }) => value)).toEqual(
      before.records.map(({ value }) => value),
    );
    expect((await panel.getJob(owner, jobId)).state).toBe('running');
  });

  return {
    afterReboot: () =>
      step('T-4 after a reboot it waits on, and goes on by itself when the DNS shows the records', async () => {
        const { machine, owner } = server();
        // The authority of the test has forgotten everybody.
        await script(machine, 'rm -r /var/lib/aapanel-agent/acme/manual/*/config/accounts');
        await mustExec(machine, ['systemctl', 'start', 'aapanel-backup.service'], { timeoutMs: 120_000 });
        const values = before?.records.map(({ value }) => value) ?? [];
        const { records } = await untilWaiting((each) => each.records.every(({ value }) => !values.includes(value)));
        const lines = records.map(({ name, value }) => `update add ${name}. 60 IN TXT "${value}"`);
        const key = `key "panel" { algorithm hmac-sha256; secret "${secret}"; };`;
        await mustExec(machine, ['tee', '/root/panel.key'], { input: key });
        await mustExec(machine, ['nsupdate', '-k', '/root/panel.key'], {
          input: ['server 127.0.0.1 8053', ...lines, 'send', ''].join('\n'),
        });
        const job = await panel.endOfJob(owner, jobId);
        expect(job.state, await panel.jobLog(owner, jobId)).toBe('succeeded');
        const tls = await panel.call<{ certificate: { names: string[]; renewal: { stopped: string } } }>(
          owner,
          'GET',
          `/api/v1/sites/${siteId}/tls`,
        );
        expect([...tls.certificate.names].sort()).toEqual([`*.${host}`, host]);
        expect(tls.certificate.renewal.stopped).toBe('by_hand');
        expect((await script(machine, 'ls /var/lib/aapanel-agent/acme/by-hand')).trim()).toBe('');
      }),
  };
}
