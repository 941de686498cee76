import type { Asker } from './ask.ts';
import type { Screen } from './screens.ts';

export const recycledScreens: readonly Screen[] = [
  { name: 'recycled-sites', path: '/sites/recycled' },
  {
    name: 'recycled-restore',
    path: '/sites/recycled',
    open: async (page, texts) =>
      page.getByRole('button', { name: texts.recycledSites.restore.action, exact: true }).first().click(),
  },
];

/** Two deleted sites: of one the files are in the recycle bin, of the other the Linux user stays. */
export async function prepareRecycled(owner: Asker): Promise<void> {
  await owner.elevate();
  for (const [name, choices] of [
    ['closed-shop.example.com', { files: 'recycle' }],
    ['archive.example.com', { files: 'keep', logs: 'recycle', account: 'keep' }],
  ] as const) {
    const wish = { kind: 'static', domains: [name] };
    const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', wish);
    const { confirm } = await owner.get<{ confirm: string }>(`/api/v1/sites/${site.id}/removal`);
    await owner.send('POST', `/api/v1/sites/${site.id}/removal`, { confirm, ...choices });
  }
}
