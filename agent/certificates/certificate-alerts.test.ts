import { execFile } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SiteSpec } from '#shared/agent/sites.ts';
import { alertEvents, type BackupAlert } from '#shared/backup-alerts.ts';
import { endingStage } from '#shared/certificate-trouble.ts';
import { defaultSettings } from '#shared/site-defaults.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { putHook } from '../alerts/hooks.ts';
import { listWaiting } from '../alerts/queue.ts';
import { backupsFolder } from '../backups/work-of.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { privateFile } from '../sites/site-records.ts';
import { sitesHandlers } from '../sites/sites.actions.ts';
import { call, makeWorld, newChangeId, specOf, type World } from '../testing/world.ts';
import { programs } from '../../test/testing/programs.ts';
import { tellCertificates } from './certificate-alerts.ts';
import { certificatesHandlers } from './certificates.actions.ts';
import { tellEndingSites } from '../sites/ending-sites.ts';
import { startDueRenewals } from './due.ts';
import { writeOrder, type OrderRecord } from './orders.ts';
import { renewability } from './renewability.ts';
import { getStored, placeOf } from './shelf.ts';

const day = 86_400_000;

describe('how near an end is, by the life that is left', () => {
  it.each([6.66, 45, 90, 365])('T-12 of %d days', (days) => {
    const times = { validFrom: 0, validUntil: days * day };
    const at = (share: number) => endingStage(times, days * day * (1 - share));
    expect([0.5, 0.34, 0.33, 0.17, 0.16, 0.084, 0.083, 0.001, 0, -1].map(at)).toEqual([
      null,
      null,
      'third',
      'third',
      'sixth',
      'sixth',
      'twelfth',
      'twelfth',
      'over',
      'over',
    ]);
  });
});

const made = withCertificates((make) => ({
  old: make.selfSigned('DNS:one.test', 90),
  fresh: make.selfSigned('DNS:one.test', 365),
}));

describe('certificates that end', () => {
  let world: World;
  let machine: Machine;
  let server: Server;
  let folder = '';
  const received: BackupAlert[] = [];
  const certificateId = newChangeId();
  let spec: SiteSpec;
  let switchOff: () => Promise<unknown>;
  let onlyTls: () => Partial<SiteSpec>;
  beforeAll(async () => {
    world = await makeWorld();
    machine = await openMachine(world.settings);
    folder = backupsFolder(machine.stateFolder);
    server = createServer((request, response) => {
      let text = '';
      request.setEncoding('utf8').on('data', (part: string) => (text += part));
      request.on('end', () => {
        received.push(JSON.parse(text) as BackupAlert);
        response.writeHead(204).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const hook = { name: 'phone', url: `http://127.0.0.1:${port}/x`, events: [...alertEvents], secret: null };
    await putHook(folder, newChangeId(), { ...hook, language: 'en', isEnabled: true }, 0);
    spec = specOf(world, 'one.test');
    await put(true);
    const tls = {
      certificateId,
      profile: 'intermediate',
      isForced: false,
      isHttp2: true,
      isHttp3: false,
      hsts: null,
    } as const;
    const apply = (more: object, isNew: boolean) =>
      sitesHandlers['sites.apply'](
        machine,
        { spec: { ...spec, ...more }, changeId: newChangeId(), isNew, onDrift: 'refuse' },
        call(),
      );
    await apply({ tls }, true);
    switchOff = () => apply({ tls, isEnabled: false }, false);
    onlyTls = () => ({ tls });
  });
  afterAll(async () => {
    await machine.settled();
    machine.close();
    server.closeAllConnections();
    server.close();
    world.destroy();
  });

  const put = (isNew: boolean, pair = made.old) =>
    certificatesHandlers['certificates.put'](
      machine,
      { certificateId, changeId: newChangeId(), isNew, name: 'شهادة', ...pair },
      call(),
    );
  const item = async () => (await certificatesHandlers['certificates.list'](machine, {}, call())).items[0];
  /** As the timer does it, so many days from now. */
  async function look(days: number): Promise<BackupAlert[]> {
    const before = received.length;
    await tellCertificates({ ...machine, now: () => Date.now() + days * day });
    for (let count = 0; listWaiting(folder).length > 0 && count < 200; count++) await wait(25);
    return received.slice(before);
  }

  it('T-12 each step is told once, by what is left of the life, and that it was replaced', async () => {
    expect(await look(59)).toEqual([]);
    const [third] = await look(61);
    expect(third).toMatchObject({ event: 'certificate_ending', certificate: { certificateId, stage: 'third' } });
    expect(third?.text).toMatch(/^aaPanel on .* the certificate .*شهادة.* ends at .*UTC/);
    expect(await look(70)).toEqual([]);
    // What was slept through is not told after the fact.
    expect((await look(84)).map(({ certificate }) => certificate?.stage)).toEqual(['twelfth']);
    expect(await look(80)).toEqual([]);
    expect((await look(91)).map(({ text }) => text)).toEqual([expect.stringContaining('has ended')]);
    await put(false, made.fresh);
    expect(await look(91)).toMatchObject([{ event: 'recovered', recoveredFrom: 'certificate_ending' }]);
    expect(await look(92)).toEqual([]);
  });

  it('a site with a last day is told of a week before it and on it, each once; moved, it is told anew', async () => {
    const end = async (days: number | null): Promise<unknown> => {
      const endsAt = days === null ? null : new Date(Date.now() + days * day).toISOString();
      const reach = { ...defaultSettings.reach, endsAt };
      return await sitesHandlers['sites.apply'](
        machine,
        { spec: { ...spec, ...onlyTls(), reach }, changeId: newChangeId(), isNew: false, onDrift: 'refuse' },
        call(),
      );
    };
    const ends = async (days: number): Promise<(string | undefined)[]> => {
      await tellEndingSites({ ...machine, now: () => Date.now() + days * day });
      return (await look(days)).filter(({ event }) => event === 'site_ending').map(({ text }) => text);
    };
    await end(40);
    expect(await ends(30)).toEqual([]);
    expect(await ends(34)).toEqual([expect.stringMatching(/the site .*one\.test.* ends at .*UTC/)]);
    expect(await ends(35)).toEqual([]);
    expect(await ends(41)).toEqual([expect.stringContaining('has ended and answers visitors so')]);
    expect(await ends(42)).toEqual([]);
    await end(50);
    expect(await ends(44)).toHaveLength(1);
    await end(null);
    expect(await ends(51)).toEqual([]);
  });

  it('T-12 TLS-1 a renewal that fails twice is told by the process of the timer, with the reason, and shown', async () => {
    const record = { name: 'شهادة', source: 'acme', addedAt: 0, changedAt: Date.now() - day };
    const acme = { siteId: spec.siteId, hosts: ['one.test'], keyKind: 'ecdsa', email: '' };
    const path = placeOf(machine, certificateId).record;
    const wants = [privateFile(machine, path, JSON.stringify({ ...record, acme }))];
    await machine.engine.run({ changeId: newChangeId(), action: 'test', actor: 'tester', wants });
    const fail = (minutesAgo: number): Promise<void> => {
      const failure = { reason: 'acme_ca_unreachable', params: {} };
      const order = { ...acme, orderId: newChangeId(), certificateId, isRenewal: true, state: 'failed', failure };
      const startedAt = Date.now() - minutesAgo * 60_000;
      return writeOrder(machine, { ...order, process: null, startedAt, endedAt: startedAt } as OrderRecord);
    };
    const tick = async (): Promise<string[]> => {
      const before = received.length;
      const { stateFolder, rootPrefix } = world.settings;
      await promisify(execFile)(process.execPath, [programs.agent, '--certificates-due'], {
        env: { AAPANEL_AGENT_STATE: stateFolder, AAPANEL_AGENT_PREFIX: rootPrefix },
      });
      for (let count = 0; listWaiting(folder).length > 0 && count < 200; count++) await wait(25);
      return received.slice(before).map(({ text }) => text);
    };
    await fail(9);
    expect(await tick()).toEqual([]);
    expect((await item())?.trouble).toBeNull();
    await fail(5);
    expect(await tick()).toEqual([expect.stringMatching(/could not be renewed: the authority does not answer/)]);
    expect((await item())?.trouble).toMatchObject({ kind: 'renewal_failed', reason: 'acme_ca_unreachable' });
    await fail(1);
    expect(await tick()).toEqual([]);
  });

  it('T-12 one whose names are proven by hand is told from a third on, and never renewed by itself', async () => {
    const record = { name: 'شهادة', source: 'acme', addedAt: 0, changedAt: Date.now() };
    const acme = { siteId: spec.siteId, hosts: ['one.test'], keyKind: 'ecdsa', email: '', proof: { kind: 'manual' } };
    const path = placeOf(machine, certificateId).record;
    const wants = [privateFile(machine, path, JSON.stringify({ ...record, acme }))];
    await machine.engine.run({ changeId: newChangeId(), action: 'test', actor: 'tester', wants });
    expect((await item())?.renewal?.stopped).toBe('by_hand');
    // The certificate is good for 365 days.
    expect((await look(240)).map(({ event }) => event)).not.toContain('certificate_ending');
    const [told] = await look(245);
    expect(told).toMatchObject({
      event: 'certificate_ending',
      reason: 'acme_by_hand',
      certificate: { stage: 'third' },
    });
    expect(told?.text).toContain('its names are proven by hand, so it does not renew itself');
    expect(await startDueRenewals({ ...machine, now: () => Date.now() + 360 * day })).toEqual([]);
  });

  it('T-10 that the panel went back to its self-signed certificate is told once, and once that it is over', async () => {
    const fallback = { certificateId, name: 'panel.test', validUntil: '2026-12-01T10:00:00.000Z' };
    const tell = async (given: typeof fallback | null) => {
      const before = received.length;
      await certificatesHandlers['certificates.tell_panel_fallback'](machine, { fallback: given }, call());
      for (let count = 0; listWaiting(folder).length > 0 && count < 200; count++) await wait(25);
      return received.slice(before);
    };
    expect(await tell(null)).toEqual([]);
    const [told] = await tell(fallback);
    expect(told).toMatchObject({ event: 'panel_certificate_fallback', certificate: fallback });
    expect(told?.text).toMatch(/panel\.test.* ends at .*2026-12-01 10:00 UTC.*self-signed/);
    expect(await tell(fallback)).toEqual([]);
    expect(await tell(null)).toMatchObject([
      { event: 'recovered', recoveredFrom: 'panel_certificate_fallback', certificate: fallback },
    ]);
    expect(await tell(null)).toEqual([]);
  });

  it('nobody is told of a certificate that no visitor meets, and none is renewed whose names nobody would answer for', async () => {
    await switchOff();
    expect((await item())?.trouble).toBeNull();
    expect(await look(360)).toEqual([]);
    // Its page answers for its names, until it has ended in vain.
    const stored = getStored(machine, certificateId);
    const http = { ...stored.record.acme, proof: { kind: 'http' } } as NonNullable<typeof stored.record.acme>;
    const able = (days: number) =>
      renewability(
        { ...machine, now: () => Date.now() + days * day },
        { ...stored, record: { ...stored.record, acme: http } },
      );
    expect(able(360)).toEqual({ hosts: ['one.test'], stopped: null });
    expect(able(366)).toEqual({ hosts: null, stopped: 'site_off' });
    expect(await startDueRenewals({ ...machine, now: () => Date.now() + 366 * day })).toEqual([]);
  });
});
