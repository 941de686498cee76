import { ActionIcon, Checkbox, Menu, TextInput, UnstyledButton } from '@mantine/core';
import {
  IconDatabaseExport,
  IconDatabaseImport,
  IconCursorText,
  IconDots,
  IconFilterOff,
  IconKey,
  IconPlugConnected,
  IconSearch,
  IconTable,
  IconTerminal2,
  IconTool,
  IconTrash,
  IconUserShare,
} from '@tabler/icons-react';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { ColumnsButton } from '../../ui/lists/ColumnsButton.tsx';
import { useListColumns } from '../../ui/lists/list-columns.ts';
import { inOrder, listPageSize, pageOf } from '../../ui/lists/list-order.ts';
import { changedSearch, type ListChange } from '../../ui/lists/list-search.ts';
import { SortHeads } from '../../ui/lists/SortHeads.tsx';
import { SortMenu } from '../../ui/lists/SortMenu.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { SiteTitle } from '../../ui/SiteTitle.tsx';
import { databaseValue, firstOrder } from './databases-order.ts';
import { databaseSorts, type DatabaseSort } from './databases-search.ts';
import classes from './Databases.module.css';
import type { ChosenDatabase } from './DatabasesBatch.tsx';
import type { Database, DatabaseServer } from './databases.queries.ts';
import { engineTitles, serverOf } from './engines.ts';

const route = getRouteApi('/signed-in/databases');
const DatabasesBatch = lazy(async () => ({ default: (await import('./DatabasesBatch.tsx')).DatabasesBatch }));
const DatabaseSheet = lazy(async () => ({ default: (await import('./DatabaseSheet.tsx')).DatabaseSheet }));
const ImportSheet = lazy(async () => ({ default: (await import('./ImportSheet.tsx')).ImportSheet }));
const MaintenanceSheet = lazy(async () => ({
  default: (await import('./MaintenanceSheet.tsx')).MaintenanceSheet,
}));
const ExportSheet = lazy(async () => ({ default: (await import('./ExportSheet.tsx')).ExportSheet }));
const RenameSheet = lazy(async () => ({ default: (await import('./RenameSheet.tsx')).RenameSheet }));
const OwnerSheet = lazy(async () => ({ default: (await import('./OwnerSheet.tsx')).OwnerSheet }));
const DeleteDatabase = lazy(async () => ({ default: (await import('./DeleteDatabase.tsx')).DeleteDatabase }));
/** Columns that can be left out. */
const databaseColumns = ['site', 'user', 'size'] as const;

const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

const tones: Partial<Record<Database['state'], Tone>> = {
  creating: 'busy',
  restoring: 'busy',
  removing: 'busy',
  importing: 'busy',
  renaming: 'busy',
  missing: 'bad',
  foreign: 'idle',
};

type Open = {
  readonly id: string;
  readonly what: 'facts' | 'password' | 'import' | 'export' | 'maintenance' | 'rename' | 'owner' | 'delete';
};

export function DatabasesTable({
  items: all,
  servers,
}: {
  readonly items: readonly Database[];
  readonly servers: readonly DatabaseServer[];
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = route.useNavigate();
  const { search = '', sort = 'name', order = firstOrder(sort), page: wantedPage } = route.useSearch();
  const setSearch = (change: ListChange<DatabaseSort>): void =>
    void navigate({ search: (before) => changedSearch(before, change), replace: true });
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const found = all.filter(({ name, site, user, engine }) =>
    [name, site?.name, user, engineTitles[engine]].join('\n').toLowerCase().includes(wanted),
  );
  const { page, items } = pageOf(inOrder(found, databaseValue[sort], order), wantedPage);
  const [open, setOpen] = useState<Open | null>(null);
  const close = (): void => setOpen(null);
  const columns = useListColumns('databases', databaseColumns);
  const mayManage = useCan()('databases.manage');
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const able = items.filter((each): each is ChosenDatabase => each.id !== null && each.state === 'ready');
  const several = able.filter(({ id }) => picked.has(id));
  const chosen = all.find(({ id }) => id !== null && id === open?.id);
  return (
    <>
      <div className={classes.listBar}>
        <TextInput
          className={classes.search}
          size="xs"
          type="search"
          dir="auto"
          value={search}
          onChange={(event) => setSearch({ search: event.currentTarget.value })}
          placeholder={t('databases.search')}
          aria-label={t('databases.search')}
          leftSection={<IconSearch size={15} stroke={1.8} aria-hidden />}
          maxLength={200}
        />
        <SortMenu
          size="xs"
          choices={databaseSorts.filter((each) => each === 'name' || each === sort || columns.shown.includes(each))}
          label={(column) => t(`databases.columns.${column}`)}
          {...{ sort, order, firstOrder }}
          onChange={(by, to) => setSearch({ sort: by, order: to })}
        />
        <ColumnsButton
          size="xs"
          offered={databaseColumns}
          chosen={columns.shown}
          usual={databaseColumns}
          label={(column) => t(`databases.columns.${column}`)}
          onChoose={columns.choose}
        />
      </div>
      <table className={classes.table}>
        <thead>
          <tr>
            {mayManage && (
              <td className={classes.pick}>
                <Checkbox
                  size="xs"
                  radius="sm"
                  aria-label={t('databases.batch.all')}
                  disabled={able.length === 0}
                  checked={several.length > 0 && several.length === able.length}
                  indeterminate={several.length > 0 && several.length < able.length}
                  onChange={() => setPicked(new Set(several.length > 0 ? [] : able.map(({ id }) => id)))}
                />
              </td>
            )}
            <SortHeads
              columns={['name', ...columns.shown]}
              label={(column) => t(`databases.columns.${column}`)}
              {...{ sort, order, firstOrder }}
              onSort={(by, to) => setSearch({ sort: by, order: to })}
            />
            <td aria-hidden />
          </tr>
        </thead>
        <tbody>
          {items.map((database) => {
            const { id, engine, name, user, site, state, charset, sizeBytes, tables } = database;
            const tone = tones[state];
            return (
              <tr key={id ?? `foreign ${engine} ${name}`}>
                {mayManage && (
                  <td className={classes.pick}>
                    {id !== null && (
                      <Checkbox
                        size="xs"
                        radius="sm"
                        aria-label={t('databases.batch.select', { name })}
                        disabled={state !== 'ready'}
                        checked={picked.has(id)}
                        onChange={() => setPicked((before) => before.symmetricDifference(new Set([id])))}
                      />
                    )}
                  </td>
                )}
                <td className={classes.what}>
                  {id === null ? (
                    <Token mono>{name}</Token>
                  ) : (
                    <UnstyledButton className={classes.open} onClick={() => setOpen({ id, what: 'facts' })}>
                      <Token mono>{name}</Token>
                    </UnstyledButton>
                  )}
                  <span className={classes.soft}>
                    <Token>{[engineTitles[engine], charset].filter((each) => each !== null).join(' · ')}</Token>
                  </span>
                  {tone === undefined
                    ? null
                    : state !== 'ready' && (
                        <span className={classes.soft}>
                          <Status tone={tone}>{t(`databases.states.${state}`)}</Status>
                        </span>
                      )}
                </td>
                {columns.shown.includes('site') && (
                  <td>
                    {site === null ? (
                      <span className={classes.soft}>{t('databases.noSite')}</span>
                    ) : (
                      <Link to="/sites/$siteId" params={{ siteId: site.id }} className={classes.site}>
                        <SiteTitle name={site.name} />
                      </Link>
                    )}
                  </td>
                )}
                {columns.shown.includes('user') && (
                  <td>
                    {user === null ? (
                      <span className={classes.soft}>{t('databases.noUser')}</span>
                    ) : (
                      <Token mono>{user}</Token>
                    )}
                  </td>
                )}
                {columns.shown.includes('size') && (
                  <td className="numbers">
                    {sizeBytes === null ? (
                      <span className={classes.soft}>{t('databases.unknownSize')}</span>
                    ) : (
                      <>
                        {format.bytes(sizeBytes)}
                        {tables !== null && (
                          <span className={classes.soft}>
                            {t('databases.tables', { count: tables, value: format.number(tables) })}
                          </span>
                        )}
                      </>
                    )}
                  </td>
                )}
                <td className={classes.end}>
                  {id !== null && (
                    <DatabaseMenu
                      id={id}
                      name={name}
                      engine={engine}
                      isReady={state === 'ready'}
                      onOpen={(what) => setOpen({ id, what })}
                    />
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {found.length === 0 && <EmptyState icon={IconFilterOff} title={t('databases.nothing')} />}
      <Pager page={page} pageSize={listPageSize} total={found.length} onPage={(to) => setSearch({ page: to })} />
      <Suspense>
        {picked.size > 0 && <DatabasesBatch chosen={several} onClear={() => setPicked(new Set())} />}
        {chosen !== undefined && (open?.what === 'facts' || open?.what === 'password') && (
          <DatabaseSheet
            database={chosen}
            server={serverOf(servers, chosen)}
            isChangingPassword={open.what === 'password'}
            onClose={close}
          />
        )}
        {chosen !== undefined && open?.what === 'import' && <ImportSheet database={chosen} onClose={close} />}
        {chosen !== undefined && open?.what === 'export' && <ExportSheet database={chosen} onClose={close} />}
        {chosen !== undefined && open?.what === 'maintenance' && <MaintenanceSheet database={chosen} onClose={close} />}
        {chosen !== undefined && open?.what === 'rename' && <RenameSheet database={chosen} onClose={close} />}
        {chosen !== undefined && open?.what === 'owner' && <OwnerSheet database={chosen} onClose={close} />}
        {chosen !== undefined && open?.what === 'delete' && <DeleteDatabase database={chosen} onClose={close} />}
      </Suspense>
    </>
  );
}

function DatabaseMenu({
  id,
  name,
  engine,
  isReady,
  onOpen,
}: {
  readonly id: string;
  readonly name: string;
  readonly engine: Database['engine'];
  readonly isReady: boolean;
  readonly onOpen: (what: Open['what']) => void;
}) {
  const { t } = useTranslation();
  const isDisabled = !useCan()('databases.manage') || !isReady;
  return (
    <Menu width={230}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label={t('databases.menu', { name })}>
          <IconDots size={19} stroke={1.8} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {!isDisabled && (
          <Menu.Item
            leftSection={<IconTable {...icon} />}
            renderRoot={(props) => <Link {...props} to="/databases/$databaseId" params={{ databaseId: id }} />}
          >
            {t('databaseBrowse.open')}
          </Menu.Item>
        )}
        {!isDisabled && (
          <Menu.Item
            leftSection={<IconTerminal2 {...icon} />}
            renderRoot={(props) => <Link {...props} to="/databases/$databaseId/console" params={{ databaseId: id }} />}
          >
            {t('databaseConsole.open')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<IconPlugConnected {...icon} />} onClick={() => onOpen('facts')}>
          {t('databases.connection')}
        </Menu.Item>
        <Menu.Item leftSection={<IconKey {...icon} />} disabled={isDisabled} onClick={() => onOpen('password')}>
          {t('databases.changePassword')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDatabaseImport {...icon} />}
          disabled={isDisabled}
          onClick={() => onOpen('import')}
        >
          {t('databaseImports.open')}
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDatabaseExport {...icon} />}
          disabled={isDisabled}
          onClick={() => onOpen('export')}
        >
          {t('databaseExports.open')}
        </Menu.Item>
        <Menu.Item leftSection={<IconTool {...icon} />} disabled={isDisabled} onClick={() => onOpen('maintenance')}>
          {t('databaseMaintenance.open')}
        </Menu.Item>
        <Menu.Item leftSection={<IconCursorText {...icon} />} disabled={isDisabled} onClick={() => onOpen('rename')}>
          {t('databaseChanges.rename.open')}
        </Menu.Item>
        {engine === 'postgresql' && (
          <Menu.Item leftSection={<IconUserShare {...icon} />} disabled={isDisabled} onClick={() => onOpen('owner')}>
            {t('databaseChanges.owner.open')}
          </Menu.Item>
        )}
        <Menu.Item
          color="red"
          leftSection={<IconTrash {...icon} />}
          disabled={isDisabled}
          onClick={() => onOpen('delete')}
        >
          {t('databases.delete.open')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
