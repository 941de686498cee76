import type { Asker } from './ask.ts';
import type { Screen } from './screens.ts';

/** A site into which one archive was put and for which another one waits; answers its id. */
export async function prepareArchives(owner: Asker): Promise<string> {
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'static',
    domains: ['أرشيف.example.com'],
  });
  const path = `/api/v1/sites/${site.id}/archives`;
  for (const fileName of ['متجر-1.zip', 'wordpress-6.8.tar.gz']) {
    const { id } = await owner.send<{ id: string }>('POST', path, { fileName, sizeBytes: 3 });
    await owner.send('PUT', `${path}/${id}/data`, { offset: 0, data: 'AAAA' });
    if (fileName.endsWith('.gz')) continue;
    const job = await owner.send<{ id: string }>('POST', `${path}/${id}/unpack`, { onConflict: 'replace' });
    const endsAt = Date.now() + 20_000;
    while ((await owner.get<{ state: string }>(`/api/v1/jobs/${job.id}`)).state !== 'succeeded') {
      if (Date.now() > endsAt) throw new Error('the unpacking does not end');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  await owner.send('POST', path, { fileName: 'half.tar.zst', sizeBytes: 70_000_000 });
  return site.id;
}

export const archiveScreens: readonly Screen[] = [
  {
    name: 'site-archives',
    path: '/sites/{archived}/archives',
    open: async (page) => {
      await page.getByText('wp-content', { exact: true }).waitFor();
    },
  },
  { name: 'site-wordpress', path: '/sites/{php}/wordpress' },
  {
    name: 'new-site-wordpress',
    path: '/sites?new=true',
    open: async (page, texts) => {
      await page.getByText(texts.wordpress.cardText).click();
    },
  },
];
