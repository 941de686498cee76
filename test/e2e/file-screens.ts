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
];
