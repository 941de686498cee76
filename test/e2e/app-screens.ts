import type { Asker } from './ask.ts';
import type { Screen } from './screens.ts';

/** Answers the id of a site with an application. */
export async function prepareApp(owner: Asker): Promise<string> {
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'app',
    domains: ['متجر.example.com'],
    app: {
      program: 'node',
      arguments: ['server.js', '--verbose'],
      environment: [
        { name: 'NODE_ENV', value: 'production' },
        { name: 'DATABASE_URL', secret: 'postgres://shop:secret@127.0.0.1/shop' },
      ],
      workers: [
        { name: 'queue', program: 'node', arguments: ['worker.js', '--concurrency=4'] },
        { name: 'mail', program: './mailer' },
      ],
      instances: 3,
      timedRestart: { every: 'day', minute: 240, timeZone: 'Asia/Riyadh' },
    },
  });
  await owner.send('POST', `/api/v1/sites/${site.id}/app/start`);
  return site.id;
}

export const appScreens: readonly Screen[] = [
  {
    name: 'new-site-app',
    path: '/sites?new=true',
    open: async (page, texts) => {
      await page.getByText(texts.sites.new.kindTexts.app).click();
      await page.getByText(texts.apps.given.nodeText).waitFor();
    },
  },
  {
    name: 'site-app',
    path: '/sites/{app}/app',
    open: async (page, texts) => {
      await page.getByText(texts.apps.status.states.running, { exact: true }).last().waitFor();
      await page.getByRole('term').filter({ hasText: texts.apps.status.openFiles }).waitFor();
      await page.getByRole('button', { name: texts.dependencies.node.install, exact: true }).waitFor();
      await page.getByRole('region', { name: texts.apps.instances.title }).waitFor();
      await page.getByRole('region', { name: texts.apps.workers.title }).first().waitFor();
    },
  },
  {
    name: 'site-app-wrong',
    path: '/sites/{app}/app',
    open: async (page, texts) => {
      await page.getByLabel(texts.apps.form.program, { exact: true }).fill('fail');
      await page.getByRole('button', { name: texts.apps.form.save, exact: true }).click();
      await page.getByText('server.js', { exact: false }).first().waitFor();
      await page.getByRole('alert').first().waitFor();
    },
  },
];
