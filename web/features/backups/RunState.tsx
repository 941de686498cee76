import { useTranslation } from 'react-i18next';
import type { BackupRun } from '#shared/backups.ts';
import { Status, type Tone } from '../../ui/Status.tsx';

const tones: Readonly<Record<BackupRun['state'], Tone>> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'warn',
};

export function RunState({ run: { state } }: { readonly run: Pick<BackupRun, 'state'> }) {
  const { t } = useTranslation();
  return <Status tone={tones[state]}>{t(`backups.runs.states.${state}`)}</Status>;
}
