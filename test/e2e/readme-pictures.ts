import { existsSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { createOwner, type Asker } from './ask.ts';
import { settle } from './look-at.ts';
import { startPanel } from './panel.ts';

// Makes the pictures of the READMEs in docs/images from the built browser application, with the fake agent.

const folder = join(import.meta.dirname, '..', '..', 'docs', 'images');
const maxBytes = 250 * 1024;

const panel = await startPanel().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
const programs = [process.env['CHROME_PATH'] ?? '', '/usr/bin/chromium', '/usr/bin/chromium-browser'];
const executablePath = programs.find((path) => path !== '' && existsSync(path));
if (executablePath === undefined) throw new Error('no Chromium: install the package chromium or set CHROME_PATH');
const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] });
try {
  const owner = await createOwner(panel);
  const ids = await furnish(owner);
  await mkdir(folder, { recursive: true });
  const shot = async (name: string, language: 'ar' | 'en', theme: 'light' | 'dark', path: string): Promise<void> => {
    const context = await browser.newContext({
      locale: language,
      timezoneId: 'Asia/Riyadh',
      colorScheme: theme,
      reducedMotion: 'reduce',
      viewport: { width: 1440, height: 900 },
    });
    await context.addCookies(
      owner.cookie.split('; ').map((each) => {
        const [cookie = '', value = ''] = each.split('=');
        return { name: cookie, value, url: panel.origin };
      }),
    );
    const page = await context.newPage();
    await page.goto(panel.origin + path.replace('{proxy}', ids.proxy).replace('{shop}', ids.shop));
    await page.getByRole('heading', { level: 1 }).first().waitFor();
    if (path === '/') await page.waitForTimeout(12_000);
    await settle(page);
    const file = join(folder, `${name}.png`);
    await page.screenshot({ path: file });
    const { size } = await stat(file);
    console.log(`${name}.png ${Math.round(size / 1024)} KB`);
    if (size > maxBytes) process.exitCode = 1;
    await context.close();
  };
  await shot('dashboard-ar', 'ar', 'light', '/');
  await shot('dashboard-en', 'en', 'dark', '/');
  await shot('sites-ar', 'ar', 'light', '/sites');
  await shot('sites-en', 'en', 'light', '/sites');
  await shot('site-ar', 'ar', 'dark', '/sites/{proxy}');
  await shot('site-en', 'en', 'light', '/sites/{proxy}');
  await shot('history-ar', 'ar', 'light', '/history');
  await shot('settings-ar', 'ar', 'light', '/settings');
} finally {
  await browser.close();
  await panel.close();
}

/** What a small server looks like after some days. */
async function furnish(owner: Asker): Promise<{ proxy: string; shop: string }> {
  const create = async (body: object): Promise<string> =>
    (await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', body)).site.id;
  const job = await owner.send<{ id: string }>('POST', '/api/v1/software/nginx/install');
  for (let tries = 0; tries < 300; tries++) {
    if ((await owner.get<{ endedAt: string | null }>(`/api/v1/jobs/${job.id}`)).endedAt !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await create({ kind: 'static', domains: ['blog.example.com'], category: 'مدونات' });
  await create({ kind: 'static', domains: ['docs.example.com'], category: 'وثائق' });
  const api = await create({
    kind: 'proxy',
    domains: ['api.example.com'],
    category: 'تطبيقات',
    upstream: { url: 'http://127.0.0.1:8080' },
  });
  const shop = await create({
    kind: 'static',
    domains: ['shop.example.com', 'www.shop.example.com'],
    category: 'متاجر',
  });
  await create({ kind: 'static', domains: ['old.example.com'] });
  const proxy = await create({
    kind: 'proxy',
    domains: ['مخبز.example.com', 'bakery.example.com'],
    name: 'مخبز الحي',
    category: 'متاجر',
    remark: 'طلبات المخبز وتوصيلها',
    upstream: { url: 'http://127.0.0.1:3000' },
  });
  await owner.send('PATCH', `/api/v1/sites/${api}`, { upstream: { url: 'http://127.0.0.1:8081' } });
  await owner.send('PATCH', `/api/v1/sites/${shop}`, { remark: 'المتجر الرئيسي' });
  return { proxy, shop };
}
