import { Button } from '@mantine/core';
import { IconRecycle, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan, useMe } from '../../api/session.ts';
import { NotFoundPage } from '../../layout/FailurePages.tsx';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { DiscardDialog } from './DiscardDialog.tsx';
import { KeptAccounts } from './KeptAccounts.tsx';
import { RecycledRow } from './RecycledRow.tsx';
import classes from './RecycledSites.module.css';
import { recycledSitesQuery, sumOf, type RecycledSite } from './recycled-sites.queries.ts';
import { RecycleForm } from './RecycleForm.tsx';
import { RestoreFiles } from './RestoreFiles.tsx';

/** What deletions of sites left on the machine, the way back and the way out. */
export function RecycledSitesPage() {
  const { t } = useTranslation();
  const { siteScope } = useMe();
  if (siteScope !== 'all') return <NotFoundPage />;
  return (
    <NeedsPermission permission="sites.delete" title={t('recycledSites.title')}>
      <RecycleBin />
    </NeedsPermission>
  );
}

function RecycleBin() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const { data, error, refetch } = useQuery(recycledSitesQuery);
  const [restored, setRestored] = useState<RecycledSite | null>(null);
  const [discarded, setDiscarded] = useState<readonly RecycledSite[] | null>(null);
  const items = data?.items ?? [];
  const sum = sumOf(items);
  return (
    <Page
      title={t('recycledSites.title')}
      description={t('recycledSites.lead')}
      back={{ to: '/sites', label: t('sites.title') }}
      actions={
        items.length > 0 && (
          <Button
            color="red"
            variant="light"
            leftSection={<IconTrash size={17} aria-hidden />}
            onClick={() => setDiscarded(items)}
          >
            {t('recycledSites.discard.all')}
          </Button>
        )
      }
    >
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={4} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : items.length === 0 ? (
          <EmptyState icon={IconRecycle} title={t('recycledSites.empty')} text={t('recycledSites.emptyText')} />
        ) : (
          <>
            <p className={classes.total}>
              {t(sum.isTruncated ? 'recycledSites.totalAtLeast' : 'recycledSites.total', {
                size: format.bytes(sum.sizeBytes),
              })}
              {data.total > items.length &&
                ` · ${t('recycledSites.more', { shown: format.number(items.length), total: format.number(data.total) })}`}
            </p>
            <ul className={classes.list}>
              {items.map((item) => (
                <RecycledRow
                  key={item.id}
                  item={item}
                  onRestore={() => setRestored(item)}
                  onDiscard={() => setDiscarded([item])}
                />
              ))}
            </ul>
          </>
        )}
      </Section>
      {data !== undefined && <KeptAccounts accounts={data.accounts} />}
      {data !== undefined && can('settings.read') && <RecycleForm key={data.settings.days} settings={data.settings} />}
      {restored !== null && <RestoreFiles item={restored} onClose={() => setRestored(null)} />}
      {discarded !== null && <DiscardDialog items={discarded} onClose={() => setDiscarded(null)} />}
    </Page>
  );
}
