import { ActionIcon, Button, TextInput } from '@mantine/core';
import { IconSearch, IconUserPlus, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { peopleQuery } from './people.queries.ts';
import classes from './PeopleTable.module.css';
import { PeopleTable } from './PeopleTable.tsx';
import { PeopleTabs } from './PeopleTabs.tsx';

const route = getRouteApi('/signed-in/people');
const InviteSheet = lazy(async () => ({ default: (await import('./InviteSheet.tsx')).InviteSheet }));
const PersonSheet = lazy(async () => ({ default: (await import('./PersonSheet.tsx')).PersonSheet }));

/** Everybody who may come in. */
export function PeoplePage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="people.read" title={t('people.title')}>
      <People />
    </NeedsPermission>
  );
}

function People() {
  const { t } = useTranslation();
  const format = useFormat();
  const mayWrite = useCan()('people.write');
  const navigate = route.useNavigate();
  const { search = '', person: openId, invite = false } = route.useSearch();
  const { data, error, refetch } = useQuery(peopleQuery);
  const wanted = search.trim().toLocaleLowerCase();
  const found = data?.items.filter(({ name, displayName }) =>
    `${name}\n${displayName}`.toLocaleLowerCase().includes(wanted),
  );
  const isAlone = data?.items.length === 1;
  const setSearch = (text: string): void =>
    void navigate({
      search: ({ search: _search, ...rest }) => (text === '' ? rest : { ...rest, search: text }),
      replace: true,
    });
  const closeSheet = (): void =>
    void navigate({ search: ({ person: _person, invite: _invite, ...rest }) => rest, resetScroll: false });
  const openInvite = (): void =>
    void navigate({ search: (before) => ({ ...before, invite: true }), resetScroll: false });
  const inviteButton = (
    <WhyNot reason={!mayWrite}>
      <Button leftSection={<IconUserPlus size={17} aria-hidden />} disabled={!mayWrite} onClick={openInvite}>
        {t('people.invite.action')}
      </Button>
    </WhyNot>
  );

  return (
    <Page title={t('people.title')} description={t('people.lead')} actions={inviteButton}>
      <PeopleTabs />
      {data !== undefined && data.items.length > 8 && (
        <div className={classes.toolbar}>
          <TextInput
            className={classes.search ?? ''}
            type="search"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            aria-label={t('people.list.search')}
            placeholder={t('people.list.search')}
            leftSection={<IconSearch size={17} stroke={1.8} aria-hidden />}
            rightSection={
              search !== '' && (
                <ActionIcon size="sm" aria-label={t('common.actions.close')} onClick={() => setSearch('')}>
                  <IconX size={15} />
                </ActionIcon>
              )
            }
            maxLength={100}
          />
          <span className={`${classes.sub} numbers`} role="status">
            {t('people.list.count', { count: found?.length ?? 0, value: format.number(found?.length ?? 0) })}
          </span>
        </div>
      )}
      <Section padding="flush">
        {found === undefined ? (
          error === null ? (
            <LoadingRows rows={6} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : (
          <PeopleTable people={found} />
        )}
      </Section>
      {isAlone && (
        <Notice tone="info" title={t('people.list.aloneTitle')} className={classes.alone}>
          {t('people.list.aloneText')}
        </Notice>
      )}
      <Suspense>
        {invite && mayWrite && <InviteSheet onClose={closeSheet} />}
        {openId !== undefined && !invite && <PersonSheet key={openId} personId={openId} onClose={closeSheet} />}
      </Suspense>
    </Page>
  );
}
