import { useTranslation } from 'react-i18next';
import type { Job } from '#shared/jobs.ts';
import { Status, type Tone } from '../../ui/Status.tsx';

const tones: Record<Job['state'], Tone> = {
  queued: 'idle',
  running: 'busy',
  cancelling: 'busy',
  compensating: 'busy',
  succeeded: 'good',
  failed: 'bad',
  cancelled: 'warn',
};

export function JobState({ state }: { readonly state: Job['state'] }) {
  const { t } = useTranslation();
  return <Status tone={tones[state]}>{t(`jobs.states.${state}`)}</Status>;
}
