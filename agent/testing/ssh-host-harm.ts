import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { newChangeId, type World } from './world.ts';

/** A saved host where nobody answers, and what a web process that was taken over could ask about it. */
export async function withSshHost({ settings }: World, put: (params: object) => Promise<unknown>) {
  const hostId = newChangeId();
  const host = { name: 'spare', address: '127.0.0.1', port: 1, user: 'mona', auth: 'key' };
  await put({ hostId, isNew: true, host });
  const folder = `${settings.stateFolder}/ssh-hosts`;
  return {
    harm: {
      'terminals.put_host': () => Promise.resolve({ hostId, isNew: false, host: { ...host, user: 'mallory' } }),
      'terminals.remove_host': () => Promise.resolve({ hostId }),
      'terminals.trust_host': () => Promise.resolve({ hostId, fingerprints: [`SHA256:${'A'.repeat(43)}`] }),
    },
    state: () =>
      [
        ...readdirSync(folder),
        existsSync(`${folder}/${hostId}.json`) && readFileSync(`${folder}/${hostId}.json`, 'utf8'),
      ].join(),
  };
}
