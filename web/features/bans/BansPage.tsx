import { Button } from '@mantine/core';
import { IconBan, IconShieldCheck } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Pager } from '../../ui/Pager.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { BanItem } from './BanItem.tsx';
import classes from './Bans.module.css';
import { bansPageSize, bansQuery } from './bans.queries.ts';

const NewBan = lazy(async () => ({ default: (await import('./NewBan.tsx')).NewBan }));

/** Who is shut out for now, with the evidence. */
export function BansPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="bans.read" title={t('bans.title')}>
      <Bans />
    </NeedsPermission>
  );
}

function Bans() {
  const { t } = useTranslation();
  const format = useFormat();
  const mayWrite = useCan()('bans.write');
  const [page, setPage] = useState(1);
  const [isOpen, setIsOpen] = useState(false);
  const { data, error, refetch, isPlaceholderData } = useQuery(bansQuery(page));
  return (
    <Page
      title={t('bans.title')}
      description={t('bans.lead')}
      actions={
        <WhyNot reason={!mayWrite}>
          <Button
            leftSection={<IconBan size={17} aria-hidden />}
            variant="default"
            disabled={!mayWrite}
            onClick={() => setIsOpen(true)}
          >
            {t('bans.create')}
          </Button>
        </WhyNot>
      }
    >
      {data !== undefined && data.total > 0 && (
        <p className={`${classes.total} numbers`}>
          {t('bans.count', { count: data.total, value: format.number(data.total) })}
        </p>
      )}
      <Section padding="flush">
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={5} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : data.items.length === 0 ? (
          <EmptyState icon={IconShieldCheck} title={t('bans.empty')} text={t('bans.emptyText')} />
        ) : (
          <>
            <ul className={classes.list} data-stale={isPlaceholderData || undefined} aria-busy={isPlaceholderData}>
              {data.items.map((ban) => (
                <BanItem key={ban.id} ban={ban} />
              ))}
            </ul>
            <Pager page={page} pageSize={bansPageSize} total={data.total} onPage={setPage} />
          </>
        )}
      </Section>
      <Suspense>{isOpen && <NewBan onClose={() => setIsOpen(false)} />}</Suspense>
    </Page>
  );
}
