import { Button } from '@mantine/core';
import { IconTable } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { databasesQuery } from '../databases/databases.queries.ts';
import { Console } from './Console.tsx';

const route = getRouteApi('/signed-in/databases/$databaseId/console');

/** Statements of SQL in one database. */
export function ConsolePage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="databases.manage" title={t('databaseConsole.title')}>
      <ConsoleOfDatabase />
    </NeedsPermission>
  );
}

function ConsoleOfDatabase() {
  const { t } = useTranslation();
  const { databaseId } = route.useParams();
  const { data, error, refetch } = useQuery(databasesQuery);
  const found = data?.items.find(({ id }) => id === databaseId);
  return (
    <Page
      title={found?.name ?? t('databaseConsole.title')}
      heading={found === undefined ? t('databaseConsole.title') : <Token mono>{found.name}</Token>}
      description={t('databaseConsole.lead')}
      back={{ to: '/databases', label: t('databases.title') }}
      actions={
        <Button
          variant="default"
          leftSection={<IconTable size={17} aria-hidden />}
          renderRoot={(props) => <Link {...props} to="/databases/$databaseId" params={{ databaseId }} />}
        >
          {t('databaseBrowse.open')}
        </Button>
      }
    >
      {found !== undefined ? (
        <Console key={databaseId} database={found} databaseId={databaseId} />
      ) : (
        <Section padding="flush">
          {error !== null ? (
            <ErrorState error={error} onRetry={() => void refetch()} />
          ) : data === undefined ? (
            <LoadingRows rows={4} />
          ) : (
            <EmptyState icon={IconTable} title={t('databaseConsole.gone')} text={t('databaseConsole.goneText')} />
          )}
        </Section>
      )}
    </Page>
  );
}
