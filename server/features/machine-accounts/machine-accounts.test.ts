import { afterAll, beforeAll, expect, it } from 'vitest';
import type { MachineAccounts } from '#shared/machine-accounts.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestAnswer, type TestApp, type TestClient } from '../../testing.ts';

const base = '/api/v1/machine';
const password = 'four words in a row';

let test: TestApp;
let owner: TestClient;
beforeAll(async () => {
  test = await makeTestApp({ agentClient: createFakeAgent({ isUnguarded: false }) });
  owner = await test.signIn();
});
afterAll(() => test.close());

type Ask = (client: TestClient) => Promise<TestAnswer>;
const list = async (): Promise<MachineAccounts> => (await owner.get(`${base}/accounts`)).json as MachineAccounts;
const create =
  (more: object = {}): Ask =>
  (client) =>
    client.post(`${base}/accounts`, { name: 'layla', loginShell: '/bin/bash', ...more });

it('users and groups of the machine are changed by those alone who may be root, after a fresh factor', async () => {
  const viewer = await test.signIn('viewer');
  const operator = await (await test.signIn('operator')).elevate();
  const changes: Ask[] = [
    create(),
    (client) => client.patch(`${base}/accounts/sara`, { isLocked: true }),
    (client) => client.post(`${base}/accounts/sara/keys`, { remove: [] }),
    (client) => client.put(`${base}/accounts/sara/password`, { password }),
    (client) => client.post(`${base}/accounts/sara/delete`, {}),
    (client) => client.post(`${base}/groups`, { name: 'devs' }),
    (client) => client.post(`${base}/groups/developers/members`, { remove: ['sara'] }),
    (client) => client.delete(`${base}/groups/developers`),
  ];
  const before = await list();
  expect((await operator.get(`${base}/accounts/sara`)).status).toBe(200);
  for (const change of changes) {
    expect((await change(test.anonymous)).status).toBe(401);
    for (const client of [viewer, operator]) expect((await change(client)).status).toBe(403);
    expect((await change(owner)).json).toMatchObject({ code: 'elevation_required' });
  }
  expect(await list()).toEqual(before);
});

it('what was before and after stands in the audit log, with the groups of root’s power, and no password', async () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';
  const client = await owner.elevate();
  expect((await create({ groups: ['sudo'] })(client)).json).toMatchObject({ reason: 'group_gives_root' });
  expect((await create({ groups: ['sudo'], becomesRoot: true, keys: [{ name: 'laptop', key }] })(client)).status).toBe(
    201,
  );
  expect((await client.put(`${base}/accounts/layla/password`, { password })).status).toBe(204);
  expect((await client.patch(`${base}/accounts/layla`, { isLocked: true })).json).toMatchObject({ isLocked: true });
  expect((await client.post(`${base}/groups/docker/members`, { add: ['layla'], becomesRoot: true })).status).toBe(200);
  expect((await client.post(`${base}/accounts/layla/delete`, {})).status).toBe(204);
  for (const name of ['root', 'aapanel', 'site-abcdefgh', 'www-data'])
    expect((await client.post(`${base}/accounts/${name}/delete`, { endsProcesses: true })).json).toMatchObject({
      reason: 'account_reserved',
    });
  const { items } = (await owner.get('/api/v1/audit?pageSize=50')).json as {
    items: { action: string; target: string; detail: object; outcome: string }[];
  };
  const of = (action: string) => items.find((each) => each.action === action && each.target !== 'www-data')?.detail;
  const made = items.filter(({ action }) => action === 'createMachineAccount');
  expect(made[0]?.detail).toMatchObject({ rootGroups: ['sudo'], after: { groups: ['sudo'] } });
  expect(of('changeMachineAccount')).toMatchObject({ before: { isLocked: false }, after: { isLocked: true } });
  expect(of('changeMachineGroupMembers')).toMatchObject({ rootGroups: ['docker'], after: { members: ['layla'] } });
  expect(JSON.stringify(items)).not.toContain(password);
});
