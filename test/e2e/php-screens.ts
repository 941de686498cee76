import type { Asker } from './ask.ts';
import type { Screen } from './screens.ts';

/** Answers the id of a PHP site. */
export async function preparePhp(owner: Asker): Promise<string> {
  const { site } = await owner.send<{ site: { id: string } }>('POST', '/api/v1/sites', {
    kind: 'php',
    domains: ['مدونة.example.com'],
    php: { version: '8.2' },
  });
  return site.id;
}

export const phpScreens: readonly Screen[] = [
  {
    name: 'new-site-php',
    path: '/sites?new=true',
    open: async (page, texts) => {
      await page.getByText(texts.sites.new.kindTexts.php).click();
      await page.getByText(texts.php.version.text).waitFor();
    },
  },
  {
    name: 'php-extensions',
    path: '/software',
    open: async (page, texts) => {
      await page
        .getByRole('button', { name: new RegExp(`${texts.php.extensions.button} PHP`) })
        .first()
        .click();
      await page.getByText('imagick').waitFor();
    },
  },
  {
    name: 'site-php',
    path: '/sites/{php}/php',
    open: async (page, texts) => page.getByText(texts.php.status.maxChildrenReached).waitFor(),
  },
  {
    name: 'site-php-wrong',
    path: '/sites/{php}/php',
    open: async (page, texts) => {
      await page.getByRole('switch', { name: texts.php.form.isApart }).click();
      await page.getByText(texts.php.form.isSharedText).waitFor();
      await page.getByLabel(texts.php.form.uploadMaxMb).fill('500');
      await page.getByLabel(texts.php.form.noScripts).fill('/uploads\nno folder');
      await page.getByRole('button', { name: texts.php.form.save, exact: true }).click();
      await page
        .getByText(texts.errors.fields.php_folder_invalid.replaceAll(/[\u2068\u2069]/g, ''))
        .or(page.locator('[aria-invalid="true"]'))
        .first()
        .waitFor();
    },
  },
];
