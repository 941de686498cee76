import { useTranslation } from 'react-i18next';
import type { Service } from '#shared/services.ts';
import { Status, type Tone } from '../../ui/Status.tsx';

const tones = {
  active: 'good',
  activating: 'busy',
  deactivating: 'busy',
  failed: 'bad',
  inactive: 'idle',
  maintenance: 'warn',
  reloading: 'busy',
  unknown: 'idle',
} as const satisfies Record<Service['state'], Tone>;

/** A service that has done its work and ended well counts as active for systemd. */
export function ServiceState({ service: { state, subState } }: { readonly service: Service }) {
  const { t } = useTranslation();
  const isDone = state === 'active' && subState === 'exited';
  return <Status tone={isDone ? 'idle' : tones[state]}>{t(`services.states.${isDone ? 'done' : state}`)}</Status>;
}
