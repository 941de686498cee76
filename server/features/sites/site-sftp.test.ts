import { afterAll, beforeAll, expect, it } from 'vitest';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';

let test: TestApp;
let owner: TestClient;
let path = '';
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPw5ClYKZTJVZgOOYyErcpDiglmQuJb5ElALH7ZVXVxN';

beforeAll(async () => {
  test = await makeTestApp({});
  owner = await test.signIn();
  const made = await owner.post('/api/v1/sites', { kind: 'static', domains: ['files.test'] });
  path = `/api/v1/sites/${(made.json as { site: { id: string } }).site.id}`;
});
afterAll(() => test.close());

type Shown = { revision: number; sftp: { keys: object[] } };
const shown = async (): Promise<Shown> => (await owner.get(path)).json as Shown;

it('S-5 a key needs a fresh factor, before anything is written down; taking it away needs none', async () => {
  const before = await shown();
  const wanted = { sftp: { keys: [{ name: 'laptop', key }] } };
  const refused = await owner.patch(path, wanted);
  expect([refused.status, refused.json]).toMatchObject([403, { code: 'elevation_required' }]);
  expect(await shown()).toEqual(before);
  await owner.elevate();
  expect((await owner.patch(path, wanted)).json).toMatchObject({ site: { sftp: wanted.sftp } });
  expect((await owner.patch(path, { sftp: { keys: [] } })).status).toBe(200);
});

it.each([
  ['ssh_key_invalid', { keys: [{ name: 'a', key: `${key} comment` }] }],
  ['ssh_key_invalid', { keys: [{ name: 'a', key: `command="sh" ${key}` }] }],
  [
    'ssh_key_twice',
    {
      keys: [
        { name: 'a', key },
        { name: 'b', key },
      ],
    },
  ],
])('%s: %o', async (code, sftp) => {
  const before = await shown();
  const answer = await owner.patch(path, { sftp });
  expect(answer.status).toBe(400);
  expect(answer.json).toMatchObject({ fields: [expect.objectContaining({ code })] });
  expect(await shown()).toEqual(before);
});
