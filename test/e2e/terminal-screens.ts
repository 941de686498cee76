import type { Screen } from './screens.ts';

export const terminalScreens: readonly Screen[] = [
  {
    name: 'terminals',
    path: '/terminals',
    open: async (page, texts) => {
      const screen = page.locator('[data-terminal]:visible .xterm-rows');
      const none = page.getByText(texts.terminals.none, { exact: true });
      await none.or(screen).first().waitFor();
      if (await none.isVisible()) {
        await page.getByRole('button', { name: texts.terminals.open, exact: true }).click();
        await page.getByRole('button', { name: 'shop.example.com', exact: true }).click();
      }
      await screen.getByText('@server').first().waitFor();
      await page.keyboard.type('echo مرحبا بالعالم');
      await page.keyboard.press('Enter');
      await screen.getByText('مرحبا بالعالم').first().waitFor();
    },
  },
  {
    name: 'terminals-new',
    path: '/terminals',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.terminals.open, exact: true }).click();
      await page.getByRole('button', { name: texts.terminals.asRoot, exact: true }).waitFor();
    },
  },
];
