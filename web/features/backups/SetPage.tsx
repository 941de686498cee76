import { Button } from '@mantine/core';
import { IconArchiveOff, IconPinFilled } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupSet } from '#shared/backups.ts';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { backupsQuery, setQuery } from './backups.queries.ts';
import { Members } from './Members.tsx';
import { ProofBadge } from './ProofBadge.tsx';
import type { RestoreWish } from './restore-draft.ts';
import { SetActions } from './SetActions.tsx';
import { SetParts } from './SetParts.tsx';
import classes from './SetPage.module.css';

const route = getRouteApi('/signed-in/backups/sets/$targetId/$setId');
const RestoreSheet = lazy(async () => ({ default: (await import('./RestoreSheet.tsx')).RestoreSheet }));

/** One backup: what is in it, whether it restores, its files, and the way back. */
export function SetPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="backups.read" title={t('backups.sets.title')}>
      <Set />
    </NeedsPermission>
  );
}

function Set() {
  const { t } = useTranslation();
  const format = useFormat();
  const { targetId, setId } = route.useParams();
  const { data, error, refetch } = useQuery(setQuery(targetId, setId));
  const back = { to: '/backups/sets', label: t('backups.set.back') } as const;
  if (data === undefined) {
    return (
      <Page title={t('backups.sets.title')} back={back}>
        <Section padding="flush">
          {error === null ? (
            <LoadingRows rows={6} />
          ) : toApiError(error).code === 'not_found' ? (
            <Gone />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )}
        </Section>
      </Page>
    );
  }
  return (
    <Loaded
      key={`${targetId} ${setId}`}
      set={data}
      title={t('backups.set.title', { at: format.dateTime(data.at) })}
      back={back}
    />
  );
}

function Gone() {
  const { t } = useTranslation();
  return (
    <EmptyState
      icon={IconArchiveOff}
      title={t('backups.set.gone')}
      action={
        <Button variant="default" renderRoot={(props) => <Link {...props} to="/backups/sets" />}>
          {t('backups.set.back')}
        </Button>
      }
    />
  );
}

type LoadedProps = {
  readonly set: BackupSet;
  readonly title: string;
  readonly back: { readonly to: '/backups/sets'; readonly label: string };
};

function Loaded({ set, title, back }: LoadedProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayRestore = useCan()('backups.restore');
  const navigate = route.useNavigate();
  const { part, folder = '', page = 1 } = route.useSearch();
  const [wish, setWish] = useState<RestoreWish | null>(null);
  const open = set.parts.find(({ name }) => name === part);
  const heading = (
    <span className={classes.heading}>
      {title}
      {set.isPinned && (
        <IconPinFilled size={18} className={classes.pin} role="img" aria-label={t('backups.sets.pinned')} />
      )}
    </span>
  );
  return (
    <Page
      title={title}
      heading={heading}
      description={
        <>
          {format.ago(set.at)} · {set.planName === '' ? t(`backups.sets.kinds.${set.kind}`) : <bdi>{set.planName}</bdi>}
        </>
      }
      back={back}
      actions={<SetActions set={set} onRestore={() => setWish({ parts: null, member: null })} />}
    >
      <div className={classes.columns}>
        <div className={classes.main}>
          <Section title={t('backups.set.contents')} description={t('backups.set.contentsText')} padding="flush">
            <SetParts
              set={set}
              openName={part}
              onOpen={(name) => void navigate({ search: name === null ? {} : { part: name }, resetScroll: false })}
            />
          </Section>
          {open !== undefined &&
            (mayRestore ? (
              <Members
                key={open.name}
                set={set}
                part={open}
                folder={folder}
                page={page}
                onFolder={(next) =>
                  void navigate({
                    search: { part: open.name, ...(next === '' ? {} : { folder: next }) },
                    resetScroll: false,
                  })
                }
                onPage={(next) =>
                  void navigate({ search: (before) => ({ ...before, page: next }), resetScroll: false })
                }
                onRestore={(member) => setWish({ parts: [open.name], member })}
              />
            ) : (
              <Notice tone="info">{t('backups.members.noRight')}</Notice>
            ))}
        </div>
        <Facts set={set} />
      </div>
      <Suspense>
        {wish !== null && mayRestore && <RestoreSheet set={set} wish={wish} onClose={() => setWish(null)} />}
      </Suspense>
    </Page>
  );
}

function Facts({ set }: { readonly set: BackupSet }) {
  const { t } = useTranslation();
  const format = useFormat();
  const target = useQuery(backupsQuery).data?.targets.find(({ id }) => id === set.targetId);
  return (
    <Section title={t('backups.set.facts')}>
      <dl className={classes.facts}>
        <div>
          <dt>{t('backups.sets.proof')}</dt>
          <dd>
            <ProofBadge proof={set.lastProof} isLong />
          </dd>
        </div>
        <div>
          <dt>{t('backups.sets.target')}</dt>
          <dd>
            <bdi>{target?.name ?? t('backups.plans.noTarget')}</bdi>
          </dd>
        </div>
        <div>
          <dt>{t('backups.sets.size')}</dt>
          <dd>
            {format.bytes(set.bytes)}
            <span className={classes.soft}>{t('backups.sets.added', { size: format.bytes(set.addedBytes) })}</span>
          </dd>
        </div>
        <div>
          <dt>{t('backups.set.took')}</dt>
          <dd>{format.duration(set.durationMs)}</dd>
        </div>
        <div>
          <dt>{t('backups.set.kind')}</dt>
          <dd>{t(`backups.sets.kinds.${set.kind}`)}</dd>
        </div>
        <div>
          <dt>{t('backups.set.number')}</dt>
          <dd className={classes.number}>
            <Token mono>{set.setId}</Token> <CopyButton value={set.setId} />
          </dd>
        </div>
      </dl>
    </Section>
  );
}
