import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { openMachine, type Machine } from '../core/machine.ts';
import { call, makeWorld, newChangeId, type World } from '../testing/world.ts';
import { certificatesHandlers } from './certificates.actions.ts';
import { getStored } from './shelf.ts';

const made = withCertificates((make) => ({
  old: make.selfSigned('DNS:panel.test', 20),
  fresh: make.selfSigned('DNS:panel.test', 365),
  other: make.selfSigned('DNS:other.test', 365),
}));

describe('T-10 a certificate of the shelf for the panel', () => {
  let now = Date.now();
  let world: World;
  let machine: Machine;
  const [one, two] = [newChangeId(), newChangeId()];
  beforeAll(async () => {
    world = await makeWorld();
    machine = await openMachine(world.settings, { now: () => now });
    await put(one, made.old, true);
    await put(two, made.other, true);
  });
  afterAll(async () => {
    await machine.settled();
    machine.close();
    world.destroy();
  });

  const put = (certificateId: string, pair: typeof made.old, isNew = false) =>
    certificatesHandlers['certificates.put'](
      machine,
      { certificateId, changeId: newChangeId(), isNew, name: '', ...pair },
      call(),
    );
  const choose = (certificateId: string, followedId: string | null = null) =>
    certificatesHandlers['certificates.choose_for_panel'](machine, { certificateId, followedId }, call());
  const ofPanel = (certificateId: string | null, isSettled = true, knownFingerprint: string | null = null) =>
    certificatesHandlers['certificates.of_panel'](machine, { certificateId, isSettled, knownFingerprint }, call());
  const shown = async (certificateId: string) =>
    (await certificatesHandlers['certificates.list'](machine, {}, call())).items.find(({ id }) => id === certificateId);

  it('no key is handed out that nobody chose; of the chosen one each version once', async () => {
    expect(await ofPanel(one)).toEqual({ isKnown: false, pair: null });
    await expect(choose(newChangeId())).rejects.toMatchObject({ reason: 'certificate_unknown' });
    await choose(one);
    expect(await ofPanel(two)).toEqual({ isKnown: false, pair: null });
    // That question ended the choice: nobody shows this one.
    expect(await ofPanel(one)).toEqual({ isKnown: false, pair: null });
    await choose(one);
    const first = await ofPanel(one);
    expect(first.pair).toEqual(made.old);
    const { fingerprint256 } = getStored(machine, one).leaf;
    expect(await ofPanel(one, true, fingerprint256)).toEqual({ isKnown: true, pair: null });
    await put(one, made.fresh);
    expect((await ofPanel(one, true, fingerprint256)).pair).toEqual(made.fresh);
    await put(one, made.old);
  });

  it('while another choice waits both count, and what is settled forgets the other one', async () => {
    await choose(two, newChangeId());
    expect(await ofPanel(one, false)).toEqual({ isKnown: false, pair: null });
    await choose(one);
    await choose(two, one);
    expect((await ofPanel(two, false)).pair).toEqual(made.other);
    expect((await ofPanel(one, false)).pair).toEqual(made.old);
    await ofPanel(one, true);
    expect(await ofPanel(two, false)).toEqual({ isKnown: false, pair: null });
    expect([(await shown(one))?.isOfPanel, (await shown(two))?.isOfPanel]).toEqual([true, false]);
  });

  it('it stays on the shelf and its end is told, though no site is served with it', async () => {
    const remove = (certificateId: string) =>
      certificatesHandlers['certificates.remove'](machine, { certificateId, changeId: newChangeId() }, call());
    await expect(remove(one)).rejects.toMatchObject({ reason: 'certificate_of_panel' });
    const path = `${machine.stateFolder}/certificates/of-panel.json`;
    const kept = readFileSync(path, 'utf8');
    now += 17 * 86_400_000;
    expect((await shown(one))?.trouble).toMatchObject({ kind: 'ending', stage: 'sixth' });
    await ofPanel(null);
    expect((await shown(one))?.trouble).toBeNull();
    await remove(one);
    // Gone by hand: the panel keeps what it has and is told.
    writeFileSync(path, kept);
    expect(await ofPanel(one)).toEqual({ isKnown: false, pair: null });
  });
});
