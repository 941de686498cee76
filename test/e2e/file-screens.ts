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
      await page.getByText('index.html', { exact: true }).dblclick();
      await page.getByRole('button', { name: texts.files.setMode, exact: true }).waitFor();
    },
  },
];
