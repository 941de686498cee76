import { crc32, deflateSync } from 'node:zlib';
import type { Screen } from './screens.ts';

export const fileScreens: readonly Screen[] = [
  {
    name: 'site-files',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      await page.getByText('index.html', { exact: true }).click();
      await page.keyboard.press('Control+KeyC');
      await page.getByRole('button', { name: texts.files.letGo, exact: true }).waitFor();
    },
  },
  {
    name: 'site-files-mode',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      await page.getByText('index.html', { exact: true }).click();
      await page.getByRole('button', { name: texts.files.mode, exact: true }).click();
      await page.getByRole('button', { name: texts.files.setMode, exact: true }).waitFor();
    },
  },
  {
    name: 'site-files-editor',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      await page.getByText('index.html', { exact: true }).dblclick();
      const code = page.getByRole('textbox', { name: texts.fileEditor.content.replace('{{name}}', 'index.html') });
      await code.click();
      await page.keyboard.type('<!-- مرحبا --><p class="lead">1</p>\n');
      await page.getByRole('img', { name: texts.fileEditor.unsaved }).waitFor();
    },
  },
  {
    name: 'site-files-archive',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      await page.getByText('backup.tar.gz', { exact: true }).dblclick();
      await page.getByRole('list', { name: texts.files.archive.content }).waitFor();
    },
  },
  {
    name: 'site-files-search',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.fileSearch.title, exact: true }).click();
      const field = page.getByRole('textbox', { name: texts.fileSearch.text, exact: true });
      await field.fill('made up');
      await page.getByLabel(texts.fileSearch.only, { exact: true }).fill('index.html');
      await field.press('Enter');
      await page.getByRole('list', { name: texts.fileSearch.results, exact: true }).waitFor();
    },
  },
  {
    name: 'site-files-usage',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.files.more, exact: true }).click();
      await page.getByRole('menuitem', { name: texts.files.usage, exact: true }).click();
      await page.getByRole('list', { name: texts.fileUsage.largest, exact: true }).waitFor();
    },
  },
  {
    name: 'site-files-rights',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.files.more, exact: true }).click();
      await page.getByRole('menuitem', { name: texts.files.rightsBelow, exact: true }).click();
      await page.getByRole('button', { name: texts.fileRights.begin, exact: true }).waitFor();
    },
  },
  {
    name: 'site-files-share',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      await page.getByText('index.html', { exact: true }).click({ button: 'right' });
      await page.getByRole('menuitem', { name: texts.fileLinks.share, exact: true }).click();
      await page.getByRole('button', { name: texts.fileLinks.make, exact: true }).waitFor();
    },
  },
  {
    name: 'site-files-favourites',
    path: '/sites/{site}/files?path=assets',
    open: async (page, texts) => {
      const { star, unstar, title } = texts.fileFavourites;
      const button = page.getByRole('button', { name: star, exact: true });
      await button.or(page.getByRole('button', { name: unstar, exact: true })).waitFor();
      // Once is enough for all looks.
      if (await button.isVisible()) await button.click();
      await page.getByRole('button', { name: unstar, exact: true }).waitFor();
      await page.getByRole('button', { name: title, exact: true }).click();
      await page.getByRole('dialog').getByText('assets', { exact: true }).waitFor();
    },
  },
  {
    name: 'site-files-fetch',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.files.more, exact: true }).click();
      await page.getByRole('menuitem', { name: texts.fileFetch.open, exact: true }).click();
      await page.getByLabel(texts.fileFetch.address, { exact: true }).fill('https://files.example/v2/book.pdf');
      await page.getByLabel(texts.fileFetch.conflicts.replace, { exact: true }).check();
      await page.getByText(texts.errors.fields.fetch_name_missing, { exact: true }).waitFor();
    },
  },
  {
    name: 'site-files-upload',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      const words = texts.files.upload;
      const files = ['index.html', 'صورة الغلاف.png'].map((name) => ({
        name,
        mimeType: 'application/octet-stream',
        buffer: Buffer.alloc(2_000_000),
      }));
      await page.locator(`input[aria-label="${words.files}"]`).setInputFiles(files);
      await page.getByText(words.taken, { exact: true }).waitFor();
    },
  },
  // The last two: a browser remembers how somebody looks at folders.
  {
    name: 'site-files-grid',
    path: '/sites/{site}/files',
    open: async (page, texts) => {
      const { upload } = texts.files;
      const names = ['شعار المتجر بعد التعديل الأخير والنسخة النهائية المعتمدة.png', 'banner-wide.png', 'portrait.png'];
      await page.locator(`input[aria-label="${upload.files}"]`).setInputFiles(
        names.map((name, index) => ({
          name,
          mimeType: 'image/png',
          buffer: picture([300, 480, 90][index] ?? 1, [200, 90, 200][index] ?? 1, index),
        })),
      );
      await page.getByRole('button', { name: upload.clear, exact: true }).click();
      await page.getByTitle(texts.files.asGrid, { exact: true }).click();
      await page.getByRole('gridcell', { name: 'banner-wide.png' }).click();
      await page.locator('[role="gridcell"] canvas').nth(2).waitFor();
    },
  },
  {
    name: 'site-files-tree',
    path: '/sites/{site}/files?path=assets',
    open: async (page, texts) => {
      await page.getByTitle(texts.files.asList, { exact: true }).click();
      await page.getByRole('button', { name: texts.files.tree, exact: true }).click();
      const folder = page.getByRole('treeitem', { name: 'تقارير الشهر' });
      await folder.click({ modifiers: ['Control'] });
      await page.getByRole('treeitem', { name: texts.files.home }).click({ button: 'middle' });
      await page.getByRole('tab').nth(2).waitFor();
    },
  },
];

/** A picture of its own colours, as PNG. */
function picture(width: number, height: number, hue: number): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (_, x) => {
      const parts = [(x * 255) / width, (y * 255) / height, 150];
      return [0, 1, 2].map((part) => Math.floor(parts[(part + hue) % 3] ?? 0));
    }),
  );
  const chunk = (kind: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(kind), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.from(rows.flatMap((row) => [0, ...row.flat()])))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
