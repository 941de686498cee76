import type { Asker } from './ask.ts';
import type { Screen } from './screens.ts';

type Listed = { servers: { state: string }[]; items: { id: string; name: string }[]; removed: unknown[] };

/** One for a site, one with a long name for none, and one that was deleted. The server is being installed already. */
export async function prepareDatabases(owner: Asker, siteId: string): Promise<void> {
  const list = (): Promise<Listed> => owner.get<Listed>('/api/v1/databases');
  await owner.send('POST', '/api/v1/software/redis/install');
  await until(async () => (await list()).servers[0]?.state === 'running');
  const make = (name: string, user: string, more: object = {}): Promise<{ id: string }> =>
    owner.send('POST', '/api/v1/databases', { name, user, ...more });
  const shop = await make('shop_example', 'shop_example', { siteId });
  await owner.send('POST', `/api/v1/databases/${shop.id}/imports`, { siteId, path: 'private/broken.sql' });
  await make(`archive_${'of_everything_'.repeat(3)}2019`, 'archive', { charset: 'cp1256' });
  const { id } = await make('old_forum', 'old_forum');
  const { confirm } = await owner.get<{ confirm: string }>(`/api/v1/databases/${id}/removal`);
  await owner.elevate();
  await owner.send('POST', `/api/v1/databases/${id}/removal`, { confirm });
  await until(async () => (await list()).removed.length > 0);
  const away = { port: 3306, user: 'aapanel_admin', password: 'far from here' };
  const { serverId } = await owner.send<{ serverId: string }>('POST', '/api/v1/remote-database-servers', {
    ...away,
    engine: 'mariadb',
    name: 'خادم الفرع',
    host: 'db.branch.example.com',
  });
  const office = { ...away, engine: 'postgresql', name: 'Office', host: '192.0.2.44', port: 5432, tls: 'off' };
  await owner.send('POST', '/api/v1/remote-database-servers', office);
  await owner.send('POST', `/api/v1/remote-database-servers/${serverId}/databases`, { name: 'shop', user: 'shop' });
  await until(async () => (await owner.get<{ state: string }>('/api/v1/redis')).state === 'running');
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300 && !(await isSo()); tries++) await new Promise((resolve) => setTimeout(resolve, 100));
}

export const databaseScreens: readonly Screen[] = [
  { name: 'databases', path: '/databases' },
  {
    name: 'database-new',
    path: '/databases',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.databases.new, exact: true }).click();
      await page.getByLabel(texts.databases.fields.name, { exact: true }).fill('mysql');
      await page.getByLabel(texts.databases.fields.ownPassword).check();
      await page.getByRole('button', { name: texts.databases.create, exact: true }).click();
      await page.getByText(texts.errors.fields.database_name_reserved).waitFor();
    },
  },
  {
    name: 'database',
    path: '/databases',
    open: async (page, texts) => {
      await page.getByRole('button', { name: 'shop_example', exact: true }).click();
      await page.getByRole('button', { name: texts.databases.changePassword, exact: true }).click();
      await page.getByText(texts.databases.changeTitle).waitFor();
    },
  },
  {
    name: 'redis',
    path: '/databases/redis',
    open: (page) => page.getByText('shop:greeting', { exact: true }).waitFor(),
  },
  {
    name: 'redis-key',
    path: '/databases/redis',
    open: async (page, texts) => {
      await page.getByLabel(texts.redis.search, { exact: true }).fill('customer');
      await page.getByRole('button', { name: texts.redis.find, exact: true }).click();
      await page.getByRole('button', { name: /shop:customer:7/ }).click();
      await page.getByRole('button', { name: texts.redis.element.add, exact: true }).click();
      await page.getByRole('dialog').getByLabel(texts.redis.field, { exact: true }).waitFor();
    },
  },
  {
    name: 'database-tables',
    path: '/databases',
    open: async (page, texts) => {
      await page
        .getByRole('button', { name: /shop_example/ })
        .last()
        .click();
      await page.getByRole('menuitem', { name: texts.databaseBrowse.open, exact: true }).click();
      await page.getByRole('button', { name: texts.databaseBrowse.filter.open, exact: true }).click();
      await page.getByLabel(texts.databaseBrowse.of.column, { exact: true }).selectOption('customer');
      await page.getByLabel(texts.databaseBrowse.filter.value, { exact: true }).fill('عميل 1');
      await page.getByRole('button', { name: texts.databaseBrowse.filter.add, exact: true }).click();
      await page.getByText('عميل 1', { exact: true }).last().waitFor();
    },
  },
  {
    name: 'database-row',
    path: '/databases',
    open: async (page, texts) => {
      await page
        .getByRole('button', { name: /shop_example/ })
        .last()
        .click();
      await page.getByRole('menuitem', { name: texts.databaseBrowse.open, exact: true }).click();
      await page.locator('tbody').getByRole('button').nth(2).click();
      await page.getByRole('dialog').getByLabel('total', { exact: true }).fill('12,5');
      await page.getByRole('button', { name: texts.common.actions.save, exact: true }).click();
      await page.getByText(texts.databaseBrowse.row.replace, { exact: true }).waitFor();
    },
  },
  {
    name: 'database-console',
    path: '/databases',
    open: async (page, texts) => {
      await page
        .getByRole('button', { name: /shop_example/ })
        .last()
        .click();
      await page.getByRole('menuitem', { name: texts.databaseConsole.open, exact: true }).click();
      await page
        .getByRole('textbox', { name: texts.databaseConsole.statement, exact: true })
        .fill('select * from orders');
      await page.getByRole('button', { name: texts.databaseConsole.run, exact: true }).click();
      await page.getByRole('columnheader', { name: /^customer/ }).waitFor();
    },
  },
  {
    name: 'database-maintenance',
    path: '/databases',
    open: async (page, texts) => {
      await page
        .getByRole('button', { name: /shop_example/ })
        .last()
        .click();
      await page.getByRole('menuitem', { name: texts.databaseMaintenance.open, exact: true }).click();
      await page.getByRole('radio', { name: texts.databaseMaintenance.kinds.convert_charset, exact: true }).check();
      await page.getByRole('checkbox', { name: 'orders', exact: true }).check();
    },
  },
  {
    name: 'database-rename',
    path: '/databases',
    open: async (page, texts) => {
      await page
        .getByRole('button', { name: /shop_example/ })
        .last()
        .click();
      await page.getByRole('menuitem', { name: texts.databaseChanges.rename.open, exact: true }).click();
      await page.getByRole('textbox', { name: texts.databaseChanges.rename.name, exact: true }).waitFor();
    },
  },
  {
    name: 'database-import',
    path: '/databases',
    open: async (page, texts) => {
      await page
        .getByRole('button', { name: /shop_example/ })
        .last()
        .click();
      await page.getByRole('menuitem', { name: texts.databaseImports.open, exact: true }).click();
      await page.getByText(texts.databaseImports.list.halfWithCopy).waitFor();
    },
  },
  { name: 'database-server', path: '/databases/servers/mariadb' },
  {
    name: 'database-settings',
    path: '/databases/servers/mariadb?part=settings',
    open: async (page, texts) => {
      await page.getByRole('radio', { name: texts.databaseServers.settings.presets.medium, exact: true }).check();
      await page.getByRole('switch', { name: texts.databaseServers.settings.slowLog }).click();
      await page.getByRole('table').waitFor();
    },
  },
  { name: 'database-slow', path: '/databases/servers/mariadb?part=slow' },
  { name: 'database-accounts', path: '/databases/servers/mariadb?part=accounts' },
  {
    name: 'database-account',
    path: '/databases/servers/mariadb?part=accounts',
    open: async (page, texts) => {
      await page.getByRole('button', { name: 'reporting@192.0.2.%', exact: true }).click();
      await page.getByText(texts.databaseServers.grants.title, { exact: true }).waitFor();
      await page.getByLabel(texts.databaseServers.hosts.label, { exact: true }).fill('%');
    },
  },
  {
    name: 'remote-servers',
    path: '/databases/remote',
    open: async (page, texts) => {
      await page.getByRole('button', { name: texts.remoteDatabases.test, exact: true }).first().click();
      await page.getByText(texts.remoteDatabases.reached, { exact: true }).waitFor();
    },
  },
  {
    name: 'remote-server-new',
    path: '/databases/remote',
    open: async (page, texts) => {
      const { fields, tls } = texts.remoteDatabases;
      await page.getByRole('button', { name: texts.remoteDatabases.add, exact: true }).click();
      const sheet = page.getByRole('dialog');
      await sheet.getByLabel(fields.name, { exact: true }).fill('Old');
      await sheet.getByLabel(fields.host, { exact: true }).fill('[::1]');
      await sheet.getByLabel(fields.user, { exact: true }).fill('admin');
      await sheet.getByRole('radio', { name: tls.off, exact: true }).check();
      await sheet.getByRole('button', { name: texts.remoteDatabases.test, exact: true }).click();
      await sheet.getByText(texts.errors.fields.remote_host_invalid).waitFor();
    },
  },
  {
    name: 'remote-server',
    path: '/databases/remote',
    open: async (page, texts) => {
      await page.getByRole('link', { name: 'خادم الفرع', exact: true }).click();
      await page.getByText('reporting', { exact: true }).waitFor();
      await page.getByRole('button', { name: texts.databases.new, exact: true }).click();
      await page.getByLabel(texts.databases.fields.name, { exact: true }).fill('forum');
      await page.getByRole('button', { name: texts.databases.create, exact: true }).click();
      await page.getByText(texts.remoteDatabases.made.once).waitFor();
    },
  },
  { name: 'site-databases', path: '/sites/{php}' },
  {
    name: 'new-site-database',
    path: '/sites?new=true',
    open: async (page, texts) => {
      await page.getByRole('radio', { name: new RegExp(`^${texts.sites.kinds.php}`) }).check({ force: true });
      await page.getByLabel(texts.sites.domains.label).fill('www.my-shop.example');
      await page.getByLabel(texts.databases.withSite.label).check();
      await page.getByLabel(texts.databases.fields.name, { exact: true }).fill('mysql');
      await page.getByRole('button', { name: texts.sites.new.submit, exact: true }).click();
      await page.getByText(texts.errors.fields.database_name_reserved).waitFor();
    },
  },
  {
    name: 'database-delete',
    path: '/databases',
    open: async (page, texts) => {
      await page
        .getByRole('button', { name: /shop_example/ })
        .last()
        .click();
      await page.getByRole('menuitem', { name: texts.databases.delete.open }).click();
      await page.getByText(texts.databases.delete.kept).waitFor();
    },
  },
];
