import type { Screen } from './screens.ts';

export const serviceScreens: readonly Screen[] = [
  { name: 'services', path: '/services' },
  { name: 'services-no-match', path: '/services?search=nowhere' },
  {
    name: 'service-failed',
    path: '/services?unit=certbot.service',
    open: async (page) => page.getByText(/no route to host/).waitFor(),
  },
  {
    name: 'service-stop',
    path: '/services?unit=ssh.service',
    open: async (page, texts) => {
      await page.getByText(/Started ssh\.service/).waitFor();
      await page.getByRole('button', { name: texts.services.verbs.stop, exact: true }).click();
      await page.getByText(texts.services.ask.essential).waitFor();
    },
  },
  {
    name: 'processes',
    path: '/services/processes',
    open: async (page) => page.getByText('/usr/sbin/mariadbd').waitFor(),
  },
  {
    name: 'processes-tree',
    path: '/services/processes',
    open: async (page, texts) => {
      await page.getByText(texts.services.processes.tree, { exact: true }).click();
      await page.getByText('nginx: worker process').waitFor();
    },
  },
  { name: 'ports', path: '/services/ports', open: async (page) => page.getByText('3306/tcp').waitFor() },
  { name: 'updates', path: '/services/updates', open: async (page) => page.getByText('libssl3t64').waitFor() },
  {
    name: 'machine',
    path: '/services/machine',
    open: async (page) => page.locator('table[data-kind="groups"]').scrollIntoViewIfNeeded(),
  },
  {
    name: 'machine-user',
    path: '/services/machine',
    open: async (page, texts) => {
      await page.getByRole('button', { name: 'debian' }).first().click();
      await page.getByText(texts.machineAccounts.lock.text).waitFor();
    },
  },
  {
    name: 'software-plan',
    path: '/software',
    open: async (page, texts) => {
      await page.getByRole('button', { name: `${texts.software.install.action} vsftpd (FTP)` }).click();
      await page.getByText('39000–39099').waitFor();
    },
  },
  {
    name: 'nginx-settings',
    path: '/software',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.software.nginx.open, exact: true }).click();
      await page.getByLabel(texts.software.nginx.fields.connections).waitFor();
    },
  },
];
