import { Button } from '@mantine/core';
import {
  IconCloud,
  IconDeviceFloppy,
  IconPlugConnected,
  IconServer,
  IconServer2,
  IconTransfer,
} from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { BackupTarget } from '#shared/backups.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Meter } from '../../ui/Meter.tsx';
import { Status } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { placeLine } from './backup-names.ts';
import classes from './Overview.module.css';
import { ProofBadge } from './ProofBadge.tsx';
import { failureError } from './run-texts.ts';
import { TargetMenu } from './TargetMenu.tsx';
import { useRun } from './use-run.ts';

export const targetIcons = {
  local: IconDeviceFloppy,
  sftp: IconServer,
  s3: IconCloud,
  rest: IconServer2,
  rclone: IconTransfer,
} as const;

type TargetItemProps = {
  readonly target: BackupTarget;
  /** A plan writes to it. */
  readonly isUsed: boolean;
  readonly onEdit: () => void;
};

/** One place where backups are kept: whether it answers, what lies there, and whether that restores. */
export function TargetItem({ target, isUsed, onEdit }: TargetItemProps) {
  const { t } = useTranslation();
  const mayManage = useCan()('backups.manage');
  const check = useRun();
  const { id, name, place } = target;
  const TargetIcon = targetIcons[place.kind];
  return (
    <li className={classes.item} data-testid="backup-target">
      <div className={classes.head}>
        <span className={classes.tile} aria-hidden>
          <TargetIcon size={20} stroke={1.7} />
        </span>
        <div className={classes.names}>
          <h3 className={classes.name}>
            <bdi>{name}</bdi>
          </h3>
          <span className={classes.place}>
            {t(`backups.targets.kinds.${place.kind}`)} · <Token mono>{placeLine(place)}</Token>
          </span>
        </div>
        <div className={classes.actions}>
          <WhyNot reason={!mayManage}>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlugConnected size={16} aria-hidden />}
              disabled={!mayManage}
              loading={check.isPending}
              onClick={() => check.start({ kind: 'check_target', targetId: id })}
            >
              {t('backups.targets.check')}
            </Button>
          </WhyNot>
          <TargetMenu target={target} isUsed={isUsed} onEdit={onEdit} />
        </div>
      </div>
      <TargetFacts target={target} />
    </li>
  );
}

function TargetFacts({ target: { state, limits } }: Pick<TargetItemProps, 'target'>) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { isReachable, checkedAt, reason, setCount, storedBytes, lastSetAt, lastProof } = state;
  const [tone, key] =
    isReachable === null
      ? (['idle', 'unknown'] as const)
      : isReachable
        ? (['good', 'reachable'] as const)
        : (['bad', 'unreachable'] as const);
  const { maxBytes } = limits;
  const stored = storedBytes === null ? '—' : format.bytes(storedBytes);
  const room =
    maxBytes === null || storedBytes === null
      ? stored
      : t('backups.targets.ofMax', { used: stored, max: format.bytes(maxBytes) });
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t('jobs.list.state')}</dt>
        <dd>
          <Status tone={tone}>{t(`backups.targets.${key}`)}</Status>
          {checkedAt !== null && (
            <span className={classes.soft}>{t('backups.targets.checked', { ago: format.ago(checkedAt) })}</span>
          )}
          {reason !== null && (
            <span className={`${classes.soft} ${classes.bad}`}>
              {errorText(failureError({ code: 'internal', reason, params: {} }))}
            </span>
          )}
        </dd>
      </div>
      <div>
        <dt>{t('backups.sets.title')}</dt>
        <dd>
          <span className={classes.strong}>
            {t('backups.targets.sets', { count: setCount, value: format.number(setCount) })}
          </span>
          {lastSetAt !== null && (
            <span className={classes.soft}>{t('backups.targets.lastSet', { ago: format.ago(lastSetAt) })}</span>
          )}
        </dd>
      </div>
      <div>
        <dt>{t('backups.targets.stored')}</dt>
        <dd>
          <span className={classes.strong}>{room}</span>
          {maxBytes !== null && storedBytes !== null && (
            <div className={classes.meter}>
              <Meter
                size="thin"
                label={`${t('backups.targets.stored')}: ${room}`}
                parts={[
                  {
                    percent: Math.min(100, (100 * storedBytes) / Math.max(1, maxBytes)),
                    color: storedBytes > maxBytes * 0.9 ? 'var(--app-warn)' : 'var(--app-chart-1)',
                  },
                ]}
              />
            </div>
          )}
        </dd>
      </div>
      <div>
        <dt>{t('backups.targets.proof')}</dt>
        <dd>
          <ProofBadge proof={lastProof} isLong={lastProof !== null} />
        </dd>
      </div>
    </dl>
  );
}
