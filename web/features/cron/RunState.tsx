import { useTranslation } from 'react-i18next';
import type { CronRun } from '#shared/cron.ts';
import { Status, type Tone } from '../../ui/Status.tsx';

const tones: Readonly<Record<CronRun['state'], Tone>> = {
  running: 'busy',
  succeeded: 'good',
  failed: 'bad',
  timed_out: 'bad',
  cancelled: 'idle',
  interrupted: 'warn',
};

export function RunState({ run }: { readonly run: Pick<CronRun, 'state'> }) {
  const { t } = useTranslation();
  return <Status tone={tones[run.state]}>{t(`cron.states.${run.state}`)}</Status>;
}
