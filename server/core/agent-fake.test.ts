import { expect, it } from 'vitest';
import { createFakeAgent } from './agent-fake.ts';
import { agentContract, specFor } from './testing/agent-contract.ts';
import { newId } from './id.ts';

agentContract('fake', () => Promise.resolve(createFakeAgent()));

const options = { actor: { id: 'tester', name: 'tester' }, requestId: 'test' };

it('an installation of the fake agent writes a log, ends, and sites are served afterwards', async () => {
  const agent = createFakeAgent({ installStepMs: 30, isUnguarded: true });
  const operationId = newId();
  for (const step of ['refresh', 'install', 'configure', 'start', 'verify'] as const) {
    await agent.call('software.install', { name: 'nginx', operationId, step }, options);
    await expect
      .poll(async () => (await agent.call('software.operation', { operationId, step, offset: 0 }, options)).state)
      .toBe('succeeded');
  }
  const log = await agent.call('software.operation', { operationId, step: 'install', offset: 0 }, options);
  expect(log.text).toContain('Setting up nginx');
  const spec = specFor('served.test');
  const served = await agent.call('sites.apply', { spec, changeId: newId(), isNew: true, onDrift: 'refuse' }, options);
  expect(served.isServing).toBe(true);
  expect(await agent.call('software.uninstall', { operationId }, options)).toEqual({
    removed: ['nginx', 'nginx-common'],
  });
});
