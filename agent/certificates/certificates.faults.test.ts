import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AgentActionName } from '#shared/agent/index.ts';
import { withCertificates } from '#server/core/testing/certificates.ts';
import { bundleProgram, type Bundled } from '../../test/testing/bundle-program.ts';
import { showsCertificate } from '../nginx/nginx.answers.ts';
import { poll } from '../nginx/nginx.process.ts';
import { startFaultProcess } from '../testing/fault-process.ts';
import { hasNginx, makeWorld, newChangeId, specOf, visitUntil, type World } from '../testing/world.ts';

/*
 * kill -9 of a real process with the agent's engine and handlers at every step that the journal knows, while a certificate is
 * swapped or HTTPS is switched on: certificate, key, server and record are the old ones together, or the new ones.
 */

const made = withCertificates((make) => ({
  old: make.selfSigned('DNS:kill.test'),
  next: make.selfSigned('DNS:kill.test'),
}));
const fingerprintOf = (pem: string): string => new X509Certificate(pem).fingerprint256;

let child: Bundled;
beforeAll(async () => {
  child = await bundleProgram('agent/testing/fault-child.ts');
});
afterAll(() => child.remove());

type Action = { readonly action: AgentActionName; readonly params: Record<string, unknown> };

/** What lies on the disk, with its key tried against it; undefined: no certificate. */
function keptIn(world: World, certificateId: string): string {
  const folder = `${world.settings.stateFolder}/certificates/${certificateId}`;
  const version = readlinkSync(`${folder}/current`);
  const chain = readFileSync(`${folder}/${version}/chain.pem`, 'utf8');
  const leaf = new X509Certificate(chain);
  expect(leaf.checkPrivateKey(createPrivateKey(readFileSync(`${folder}/${version}/key.pem`, 'utf8')))).toBe(true);
  return leaf.fingerprint256;
}

async function isShown(world: World, fingerprint: string): Promise<boolean> {
  const target = { host: 'kill.test', port: world.tlsPort, fingerprint };
  return await poll(() => showsCertificate(target), Date.now() + 3_000);
}

it.runIf(hasNginx).each(['a replacement of the certificate', 'switching HTTPS on', 'switching HTTPS off'] as const)(
  'TLS-4 FAULT-1 a kill -9 at every step of %s leaves the old set or the new one, whole and served',
  async (kind) => {
    const world = await makeWorld({ nginx: 'running' });
    try {
      const certificateId = newChangeId();
      const spec = specOf(world, 'kill.test');
      const tls = {
        certificateId,
        profile: 'intermediate',
        isForced: false,
        isHttp2: true,
        isHttp3: false,
        hsts: null,
      };
      const put = (pair: typeof made.old, isNew: boolean): Action => ({
        action: 'certificates.put',
        params: { certificateId, changeId: newChangeId(), isNew, name: 'shop', ...pair },
      });
      const apply = (more: object, isNew = false): Action => ({
        action: 'sites.apply',
        params: { spec: { ...spec, ...more }, changeId: newChangeId(), isNew, onDrift: 'refuse' },
      });
      const isOnBefore = kind !== 'switching HTTPS on';
      const first = await startFaultProcess(child.program, world.settings);
      for (const { action, params } of [put(made.old, true), apply(isOnBefore ? { tls } : {}, true)])
        expect((await first.ask(action, params))?.error).toBeUndefined();
      await first.kill();
      const { action, params } =
        kind === 'a replacement of the certificate'
          ? put(made.next, false)
          : apply(kind === 'switching HTTPS on' ? { tls } : { tls: null });

      const points: string[] = [];
      let agent = await startFaultProcess(child.program, world.settings, 0);
      while (points.at(-1) !== 'committed') {
        expect(await agent.ask(action, params), points.join(', ')).toBeUndefined();
        const killedAt = agent.points.at(-1) ?? '';
        points.push(killedAt);
        agent = await startFaultProcess(child.program, world.settings, points.length);
        const isDone = killedAt === 'committed';
        const isSwapped = isDone && kind === 'a replacement of the certificate';
        const kept = keptIn(world, certificateId);
        expect(kept, killedAt).toBe(fingerprintOf(isSwapped ? made.next.certificate : made.old.certificate));
        const isOn = isDone ? kind !== 'switching HTTPS off' : isOnBefore;
        if (isOn) expect(await isShown(world, kept), killedAt).toBe(true);
        else expect((await visitUntil(world.port, 'kill.test', ({ status }) => status === 200)).status).toBe(200);
        const record = readFileSync(`${world.settings.stateFolder}/sites/kill.test.json`, 'utf8');
        expect(record.includes(certificateId), killedAt).toBe(isOn);
        const { result } = (await agent.ask('changes.get', { changeId: params['changeId'] })) ?? {};
        expect(result?.['state'], killedAt).toBe(isDone ? 'committed' : 'rolled_back');
      }
      expect(points).toEqual(expect.arrayContaining(['begun', 'activated', 'probed']));
      expect((await agent.ask(action, params))?.error).toBeUndefined();
      await agent.kill();
    } finally {
      world.destroy();
    }
  },
  120_000,
);
