import { Button, TextInput, UnstyledButton } from '@mantine/core';
import { IconRefresh, IconSearch, IconTable, IconTableOff } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { databasesQuery } from '../databases/databases.queries.ts';
import classes from './Browse.module.css';
import { tablesQuery, type DatabaseTable } from './browse.queries.ts';
import { TableView } from './TableView.tsx';

const route = getRouteApi('/signed-in/databases/$databaseId');

/** What is in a database: its tables beside the rows of one of them. */
export function BrowsePage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="databases.manage" title={t('databaseBrowse.title')}>
      <Browse />
    </NeedsPermission>
  );
}

function Browse() {
  const { t } = useTranslation();
  const { databaseId } = route.useParams();
  const client = useQueryClient();
  const list = useQuery(databasesQuery);
  const { data, error, refetch } = useQuery(tablesQuery(databaseId));
  const name = list.data?.items.find(({ id }) => id === databaseId)?.name;
  const readAnew = (): void => {
    void client.invalidateQueries({ queryKey: ['databases', 'rows', databaseId] });
    void refetch();
  };
  return (
    <Page
      title={name ?? t('databaseBrowse.title')}
      heading={name === undefined ? t('databaseBrowse.title') : <Token mono>{name}</Token>}
      description={t('databaseBrowse.lead')}
      back={{ to: '/databases', label: t('databases.title') }}
      actions={
        <Button variant="default" leftSection={<IconRefresh size={17} aria-hidden />} onClick={readAnew}>
          {t('databaseBrowse.reload')}
        </Button>
      }
    >
      {data === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={5} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : data.items.length === 0 ? (
        <Section padding="flush">
          <EmptyState icon={IconTableOff} title={t('databaseBrowse.none')} text={t('databaseBrowse.noneText')} />
        </Section>
      ) : (
        <Tables databaseId={databaseId} items={data.items} isCut={data.isCut} />
      )}
    </Page>
  );
}

type TablesProps = { readonly databaseId: string; readonly items: readonly DatabaseTable[]; readonly isCut: boolean };

/** From this many on the list can be searched. */
const many = 9;

function Tables({ databaseId, items, isCut }: TablesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = route.useNavigate();
  const chosen = route.useSearch().table ?? items[0]?.name ?? '';
  const [wanted, setWanted] = useState('');
  const found = items.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  return (
    <div className={classes.sides}>
      <Section padding="flush">
        {items.length >= many && (
          <TextInput
            className={classes.search}
            aria-label={t('databaseBrowse.search')}
            placeholder={t('databaseBrowse.search')}
            leftSection={<IconSearch size={16} aria-hidden />}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
          />
        )}
        <nav aria-label={t('databaseBrowse.tables')}>
          <ul className={classes.tables}>
            {found.map(({ name, kind, rows, sizeBytes }) => (
              <li key={name}>
                <UnstyledButton
                  className={classes.tableName}
                  aria-current={name === chosen ? 'page' : undefined}
                  onClick={() => void navigate({ search: { table: name } })}
                >
                  <Token mono>{name}</Token>
                  <span className={classes.soft}>
                    {kind === 'view'
                      ? t('databaseBrowse.view')
                      : [
                          rows === null ? null : t('databaseBrowse.about', { count: rows, value: format.number(rows) }),
                          sizeBytes === null ? null : format.bytes(sizeBytes),
                        ]
                          .filter((each) => each !== null)
                          .join(' · ')}
                  </span>
                </UnstyledButton>
              </li>
            ))}
          </ul>
        </nav>
        {found.length === 0 && (
          <EmptyState icon={IconTable} title={t('databaseBrowse.noMatch')} text={t('databaseBrowse.noMatchText')} />
        )}
        {isCut && <p className={classes.note}>{t('databaseBrowse.manyTables')}</p>}
      </Section>
      <TableView key={chosen} databaseId={databaseId} table={chosen} />
    </div>
  );
}
