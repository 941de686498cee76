import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Job } from '#shared/jobs.ts';
import type { Site } from '#shared/sites.ts';
import { AppError } from '#shared/errors.ts';
import { createFakeAgent } from '../../core/agent-fake.ts';
import { makeTestApp, type TestApp, type TestClient } from '../../testing.ts';
import { readSite } from './testing.ts';

let test: TestApp;
let owner: TestClient;
/** Another order is under way, once. */
let isBusy = true;
beforeAll(async () => {
  test = await makeTestApp({
    agentClient: createFakeAgent({
      isNginxInstalled: true,
      onCall({ name }) {
        if (name !== 'certificates.issue' || !isBusy) return;
        isBusy = false;
        throw new AppError('busy', 'Another certificate is being issued.', { reason: 'acme_busy' });
      },
    }),
  });
  owner = await test.signIn();
});
afterAll(() => test.close());

const orders = async (): Promise<Job[]> =>
  ((await owner.get('/api/v1/jobs')).json as { items: Job[] }).items.filter(
    ({ kind }) => kind === 'certificates.issue',
  );
const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGPkDYbTmdhtQ8jVz4pHXdrkV0zMHkMyfpdc0Cc8lQ1p';

it('SITE-3 a site is made with its SFTP key, and its certificate is ordered and served by a job of its own', async () => {
  const body = { kind: 'static', domains: ['first.test'], sftp: { keys: [{ name: 'lina', key }] }, certificate: {} };
  const unconfirmed = await owner.post('/api/v1/sites', body);
  expect([unconfirmed.status, unconfirmed.json]).toMatchObject([403, { code: 'elevation_required' }]);
  expect(await orders()).toEqual([]);
  const confirmed = await owner.elevate();
  const made = await confirmed.post('/api/v1/sites', body);
  expect(made.status).toBe(201);
  const { site } = made.json as { site: Site };
  expect(site.sftp.keys).toEqual([{ name: 'lina', key }]);
  await expect.poll(async () => (await orders()).map(({ state }) => state)).toEqual(['succeeded']);
  expect(isBusy).toBe(false);
  expect((await readSite(owner, site.id)).tls).not.toBeNull();
});

it('a site that nginx refuses leaves no order behind, and a name that no authority can reach is refused before', async () => {
  const before = await orders();
  const wished = { kind: 'static', certificate: {} };
  const refused = await owner.post('/api/v1/sites', { ...wished, domains: ['fail-nginx.test'] });
  expect(refused.status).toBe(422);
  const states = async () =>
    (await orders()).filter(({ id }) => !before.some((known) => known.id === id)).map(({ state }) => state);
  await expect.poll(states).toEqual(['cancelled']);
  for (const domains of [['first-port.test:8080'], ['*.first-wild.test']]) {
    const answer = await owner.post('/api/v1/sites', { ...wished, domains });
    expect([answer.status, answer.json]).toMatchObject([
      400,
      { fields: [{ field: 'certificate', code: 'tls_needs_web_port' }] },
    ]);
  }
  const broken = { keys: [{ name: 'x', key: `command="id" ${key}` }] };
  const answer = await owner.post('/api/v1/sites', { kind: 'static', domains: ['first-key.test'], sftp: broken });
  expect([answer.status, answer.json]).toMatchObject([400, { fields: [{ field: 'sftp.keys.0.key' }] }]);
});
