import { Tooltip } from '@mantine/core';
import { IconCircleDashed, IconShieldCheck, IconShieldX } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { BackupProof } from '#shared/backups.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { failureError } from './run-texts.ts';
import classes from './ProofBadge.module.css';

const icons = { proven: IconShieldCheck, failed: IconShieldX, not_run: IconCircleDashed } as const;

type ProofBadgeProps = {
  readonly proof: BackupProof | null;
  /** With kind and date below. */
  readonly isLong?: boolean;
};

/** Whether it was shown to restore: passed, failed, not run. Never colour alone. */
export function ProofBadge({ proof, isLong = false }: ProofBadgeProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const state = proof?.state ?? 'not_run';
  const ProofIcon = icons[state];
  const title =
    state === 'proven' && proof?.kind === 'quick'
      ? t('backups.proof.provenQuick')
      : state === 'proven' && proof?.kind === 'full'
        ? t('backups.proof.provenFull')
        : t(`backups.proof.${state}`);
  const detail =
    proof === null
      ? t('backups.proof.never')
      : state === 'not_run'
        ? t('backups.proof.notRunDetail', { ago: format.ago(proof.at) })
        : t('backups.proof.detail', {
            kind: t(`backups.proof.kinds.${proof.kind}`),
            ago: format.ago(proof.at),
            took: format.duration(proof.durationMs),
          });
  const why =
    proof?.reason == null ? '' : errorText(failureError({ code: 'internal', reason: proof.reason, params: {} }));
  const badge = (
    <span className={classes.badge} data-state={state} data-weak={proof?.kind === 'quick' || undefined}>
      <ProofIcon size={16} stroke={1.9} aria-hidden />
      {title}
    </span>
  );
  if (!isLong) {
    return <Tooltip label={why === '' ? detail : `${detail}. ${why}`}>{badge}</Tooltip>;
  }
  return (
    <span className={classes.long}>
      {badge}
      <span className={classes.detail}>{detail}</span>
      {why !== '' && <span className={classes.why}>{why}</span>}
    </span>
  );
}
