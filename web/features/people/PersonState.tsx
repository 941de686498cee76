import { useTranslation } from 'react-i18next';
import type { PersonRow } from '#shared/people.ts';
import { useFormat } from '../../ui/format.ts';
import { Status, type Tone } from '../../ui/Status.tsx';
import { personState, type PersonState as State } from './person-state.ts';
import classes from './PeopleTable.module.css';

const tones: Readonly<Record<State, Tone>> = {
  active: 'good',
  disabled: 'idle',
  invited: 'busy',
  expired: 'warn',
  cleared: 'warn',
};

/** Whether somebody can come in, and until when an invitation waits. */
export function PersonState({ person }: { readonly person: PersonRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const state = personState(person);
  return (
    <span>
      <Status tone={tones[state]}>{t(`people.states.${state}`)}</Status>
      {state === 'invited' && person.invitedUntil !== null && (
        <span className={classes.note}>{t('people.states.until', { time: format.dateTime(person.invitedUntil) })}</span>
      )}
    </span>
  );
}
