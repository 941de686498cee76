import { Button, Tooltip } from '@mantine/core';
import { IconCloudUpload, IconShieldCheck } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { BackupTarget, PlannedBackup } from '#shared/backups.ts';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { LoadingRows } from '../../ui/States.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Overview.module.css';
import { SourceChip } from './PartLabel.tsx';
import { PlanMenu } from './PlanMenu.tsx';
import { ProofBadge } from './ProofBadge.tsx';
import { lastProofOf, type History } from './safety.ts';
import { useRun } from './use-run.ts';

const shownSources = 5;

type PlanItemProps = {
  readonly plan: PlannedBackup;
  readonly targets: readonly BackupTarget[];
  /** Newest first; undefined: not loaded. */
  readonly sets: History | undefined;
  readonly onEdit: () => void;
};

/** One plan: its state, when it ran and runs, whether it restores, and what can be done now. */
export function PlanItem({ plan: planned, targets, sets, onEdit }: PlanItemProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { plan } = planned;
  const more = plan.sources.length - shownSources;
  const names = plan.targetIds.map(
    (id) => targets.find((target) => target.id === id)?.name ?? t('backups.plans.noTarget'),
  );
  return (
    <li className={classes.item} data-testid="backup-plan">
      <div className={classes.head}>
        <div className={classes.title}>
          <h3 className={classes.name}>
            <bdi>{plan.name}</bdi>
          </h3>
          <PlanState plan={planned} />
        </div>
        <PlanActions plan={planned} hasSets={sets !== undefined && sets.length > 0} onEdit={onEdit} />
      </div>
      <div className={classes.sources}>
        {plan.sources.slice(0, shownSources).map((source) => (
          <SourceChip key={JSON.stringify(source)} source={source} />
        ))}
        {more > 0 && <span>{t('backups.run.more', { value: format.number(more) })}</span>}
        <span>{t('backups.plans.to')}</span>
        <bdi className={classes.strong}>{format.list(names)}</bdi>
      </div>
      {sets === undefined ? (
        <LoadingRows rows={2} />
      ) : (
        <>
          <PlanFacts plan={planned} sets={sets} />
          {sets.length > 1 && <PlanHistory sets={sets} />}
        </>
      )}
    </li>
  );
}

function PlanState({ plan: { plan, lastRun, isOverdue } }: { readonly plan: PlannedBackup }) {
  const { t } = useTranslation();
  const [tone, key]: readonly [Tone, 'running' | 'lastFailed' | 'overdue' | 'paused' | 'byHand'] | [null, null] =
    lastRun?.state === 'running'
      ? ['busy', 'running']
      : lastRun?.state === 'failed'
        ? ['bad', 'lastFailed']
        : isOverdue
          ? ['bad', 'overdue']
          : plan.isPaused
            ? ['warn', 'paused']
            : plan.schedule === null
              ? ['idle', 'byHand']
              : [null, null];
  return tone === null ? null : <Status tone={tone}>{t(`backups.plans.${key}`)}</Status>;
}

function PlanActions({
  plan,
  hasSets,
  onEdit,
}: {
  readonly plan: PlannedBackup;
  readonly hasSets: boolean;
  readonly onEdit: () => void;
}) {
  const { t } = useTranslation();
  const mayCreate = useCan()('backups.create');
  const backUp = useRun();
  const prove = useRun();
  const targetId = plan.plan.targetIds[0];
  const whyNoProof = !mayCreate ? true : hasSets ? false : t('backups.plans.needsSet');
  return (
    <div className={classes.actions}>
      <WhyNot reason={!mayCreate}>
        <Button
          size="xs"
          leftSection={<IconCloudUpload size={16} aria-hidden />}
          disabled={!mayCreate}
          loading={backUp.isPending}
          onClick={() => backUp.start({ kind: 'create', planId: plan.id })}
        >
          {t('backups.plans.backUp')}
        </Button>
      </WhyNot>
      <WhyNot reason={whyNoProof}>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconShieldCheck size={16} aria-hidden />}
          disabled={whyNoProof !== false || targetId === undefined}
          loading={prove.isPending}
          onClick={() => targetId !== undefined && prove.start({ kind: 'prove', targetId, setId: null })}
        >
          {t('backups.plans.prove')}
        </Button>
      </WhyNot>
      <PlanMenu plan={plan} onEdit={onEdit} />
    </div>
  );
}

function PlanFacts({ plan, sets }: { readonly plan: PlannedBackup; readonly sets: History }) {
  const { t } = useTranslation();
  const format = useFormat();
  const newest = sets[0];
  const { nextRunAt, rpoMinutes, rtoMs } = plan;
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t('backups.plans.lastGood')}</dt>
        <dd>
          {newest === undefined ? (
            t('backups.plans.noSets')
          ) : (
            <>
              <time dateTime={newest.at} title={format.dateTime(newest.at)} className={classes.strong}>
                {format.ago(newest.at)}
              </time>
              <span className={classes.soft}>{format.bytes(newest.bytes)}</span>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>{t('backups.plans.nextRun')}</dt>
        <dd>
          {plan.plan.isPaused ? (
            t('backups.plans.paused')
          ) : nextRunAt === null ? (
            t('backups.plans.byHand')
          ) : (
            <>
              <time dateTime={nextRunAt} className={classes.strong}>
                {format.ago(nextRunAt)}
              </time>
              <span className={classes.soft}>{format.dateTime(nextRunAt)}</span>
            </>
          )}
        </dd>
      </div>
      <div>
        <dt>{t('backups.plans.proof')}</dt>
        <dd>
          <ProofBadge proof={lastProofOf(sets)} isLong={sets.length > 0} />
        </dd>
      </div>
      <div>
        <dt>{t('backups.plans.promise')}</dt>
        <dd>
          <Tooltip label={t('backups.plans.promiseHint')}>
            <span tabIndex={0}>
              <span className={classes.strong}>
                {rpoMinutes === null
                  ? t('backups.plans.byHand')
                  : t('backups.plans.rpo', { time: format.duration(rpoMinutes * 60_000) })}
              </span>
              <span className={classes.soft}>
                {rtoMs === null ? t('backups.plans.noRto') : t('backups.plans.rto', { time: format.duration(rtoMs) })}
              </span>
            </span>
          </Tooltip>
        </dd>
      </div>
    </dl>
  );
}

/** The latest backups as bars: how big, and whether they were shown to restore. */
function PlanHistory({ sets }: { readonly sets: History }) {
  const { t } = useTranslation();
  const format = useFormat();
  const largest = Math.max(1, ...sets.map(({ bytes }) => bytes));
  return (
    <ol className={classes.history} aria-label={t('backups.plans.history')}>
      {sets.map(({ setId, targetId, at, bytes, lastProof }) => {
        const state = lastProof?.state ?? 'not_run';
        const label = t('backups.plans.historyItem', {
          at: format.dateTime(at),
          state: t(`backups.proof.${state}`),
        });
        return (
          <li key={setId}>
            <Tooltip label={`${label} · ${format.bytes(bytes)}`}>
              <Link
                to="/backups/sets/$targetId/$setId"
                params={{ targetId, setId }}
                className={classes.bar}
                data-state={state}
                style={{ height: `${28 + (72 * bytes) / largest}%` }}
                aria-label={label}
              />
            </Tooltip>
          </li>
        );
      })}
    </ol>
  );
}
