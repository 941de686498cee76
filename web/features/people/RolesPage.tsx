import { Button } from '@mantine/core';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { RoleRow } from '#shared/people.ts';
import { useCan } from '../../api/session.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { PeopleTabs } from './PeopleTabs.tsx';
import { rolesQuery } from './people.queries.ts';
import { RoleItem } from './RoleItem.tsx';
import classes from './Roles.module.css';

const RoleSheet = lazy(async () => ({ default: (await import('./RoleSheet.tsx')).RoleSheet }));

/** What each role may do; the panel's own are made here. */
export function RolesPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="people.read" title={t('people.tabs.roles')}>
      <Roles />
    </NeedsPermission>
  );
}

function Roles() {
  const { t } = useTranslation();
  const mayWrite = useCan()('people.write');
  const { data, error, refetch } = useQuery(rolesQuery);
  const [open, setOpen] = useState<RoleRow | 'new' | null>(null);
  const own = data?.items.filter(({ isBuiltIn }) => !isBuiltIn) ?? [];
  const builtIn = data?.items.filter(({ isBuiltIn }) => isBuiltIn) ?? [];
  const create = (
    <WhyNot reason={!mayWrite}>
      <Button leftSection={<IconPlus size={17} aria-hidden />} disabled={!mayWrite} onClick={() => setOpen('new')}>
        {t('people.roles.create')}
      </Button>
    </WhyNot>
  );
  return (
    <Page title={t('people.tabs.roles')} description={t('people.roles.lead')} actions={create}>
      <PeopleTabs />
      {data === undefined ? (
        <Section padding="flush">
          {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
        </Section>
      ) : (
        <div className={classes.parts}>
          <Section title={t('people.roles.own')} padding="flush">
            {own.length === 0 ? (
              <EmptyState
                icon={IconUsersGroup}
                title={t('people.roles.ownEmpty')}
                text={t('people.roles.ownEmptyText')}
              />
            ) : (
              <ul className={classes.list}>
                {own.map((role) => (
                  <RoleItem key={role.id} role={role} onEdit={() => setOpen(role)} />
                ))}
              </ul>
            )}
          </Section>
          <Section title={t('people.roles.builtIn')} padding="flush">
            <ul className={classes.list}>
              {builtIn.map((role) => (
                <RoleItem key={role.id} role={role} />
              ))}
            </ul>
          </Section>
        </div>
      )}
      <Suspense>
        {open !== null && <RoleSheet role={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
      </Suspense>
    </Page>
  );
}
