import type { Asker } from './ask.ts';
import type { Screen } from './screens.ts';

const hostKey = `ssh-ed25519 ${'A'.repeat(68)}`;

/** A site that was deployed once; answers its id. */
export async function prepareDeployments(owner: Asker): Promise<string> {
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['نشر.example.com'],
  });
  const path = `/api/v1/sites/${site.id}`;
  await owner.send('POST', `${path}/deploy/key`, {});
  await owner.send('PUT', `${path}/deploy`, {
    deploy: {
      source: { url: 'git@github.com:amal/shop.git', ref: { kind: 'branch', name: 'main' }, hostKey },
      folder: '/dist',
      build: [
        ['npm', 'ci'],
        ['npm', 'run', 'build'],
      ],
      sharedFolders: ['uploads'],
    },
  });
  const job = await owner.send<{ id: string }>('POST', `${path}/deployments`);
  await until(async () => (await owner.get<{ state: string }>(`/api/v1/jobs/${job.id}`)).state === 'succeeded');
  return site.id;
}

async function until(isDone: () => Promise<boolean>): Promise<void> {
  const endsAt = Date.now() + 20_000;
  while (!(await isDone())) {
    if (Date.now() > endsAt) throw new Error('the deployment does not end');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const deployScreens: readonly Screen[] = [
  {
    name: 'site-deploy-connect',
    path: '/sites/{site}/deploy',
    open: async (page, texts) => {
      await page.getByLabel(texts.deployments.connect.url, { exact: true }).fill('git@github.com:amal/shop.git');
      await page.getByRole('button', { name: texts.deployments.connect.next, exact: true }).click();
      await page.getByLabel(texts.deployments.host.confirm).check();
      await page.getByRole('button', { name: texts.deployments.connect.test }).click();
      await page.getByLabel(texts.deployments.form.build, { exact: true }).waitFor();
    },
  },
  {
    name: 'site-deploy',
    path: '/sites/{deployed}/deploy',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.deployments.list.log, exact: true }).first().click();
      await page.getByText('$ npm ci').waitFor();
    },
  },
];
