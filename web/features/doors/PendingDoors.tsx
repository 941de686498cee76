import { Button } from '@mantine/core';
import { IconCheck, IconDoor, IconExternalLink } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Doors } from '#shared/doors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { sayDone } from '../../ui/toasts.ts';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { changedFacts } from './doors-draft.ts';
import { useConfirmDoors, useRevertDoors, type PendingChange } from './doors.queries.ts';
import classes from './PendingDoors.module.css';
import { useSecondsLeft } from './use-seconds-left.ts';

type PendingDoorsProps = {
  readonly doors: Doors;
  readonly pending: PendingChange;
  /** The panel does not answer at this address just now. */
  readonly isLost: boolean;
};

/** A change of the doors that waits: how long still, the way to keep it, and the way back. */
export function PendingDoors({ doors, pending, isLost }: PendingDoorsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('doors.write');
  const confirm = useConfirmDoors();
  const revert = useRevertDoors();
  const left = useSecondsLeft(pending.revertsAt);
  const place = new URL(pending.confirmUrl, location.href);
  // Another address, or the same one through a new secret entry.
  const isElsewhere = place.origin !== location.origin || place.pathname !== '/doors';
  const facts = changedFacts(pending.before, doors).map((fact) => t(`doors.pending.facts.${fact}`));
  const what = facts.length === 0 ? [t('doors.pending.facts.certificate')] : facts;
  const isOver = left === 0;
  const text = isOver
    ? t(isLost ? 'doors.pending.lost' : 'doors.pending.reverting')
    : t(isElsewhere ? 'doors.pending.elsewhere' : 'doors.pending.text');
  const failure = confirm.isError
    ? { title: t('doors.pending.keepFailed'), error: confirm.error }
    : revert.isError
      ? { title: t('doors.pending.revertFailed'), error: revert.error }
      : null;

  return (
    <section className={classes.banner} aria-label={t('doors.pending.title')}>
      <div className={classes.clock} role="timer" aria-label={secondsText(left)} data-over={isOver || undefined}>
        <svg viewBox="0 0 44 44" aria-hidden>
          <circle cx="22" cy="22" r="19" />
          <circle cx="22" cy="22" r="19" pathLength="60" strokeDasharray={`${Math.min(left, 60)} 60`} />
        </svg>
        <span className="numbers">{format.number(left)}</span>
      </div>
      <div className={classes.words} role="status">
        <div className={classes.title}>
          <IconDoor size={18} stroke={1.8} aria-hidden />
          {t('doors.pending.title')}
        </div>
        <div className={classes.text}>
          {t('doors.pending.what')}: {format.list(what)}. {text}
        </div>
        {isElsewhere && !isOver && (
          <div className={classes.url}>
            <Token mono>{place.href}</Token>
            <CopyButton value={place.href} label={t('doors.pending.copy')} />
          </div>
        )}
        {failure !== null && (
          <div className={classes.failure} role="alert">
            {failure.title}: {errorText(failure.error)}
          </div>
        )}
      </div>
      {mayWrite && !isOver && (
        <div className={classes.actions}>
          {isElsewhere ? (
            <Button
              component="a"
              href={place.href}
              target="_blank"
              rel="noreferrer"
              leftSection={<IconExternalLink size={17} className="mirrored" aria-hidden />}
            >
              {t('doors.pending.open')}
            </Button>
          ) : (
            <Button
              leftSection={<IconCheck size={17} aria-hidden />}
              loading={confirm.isPending}
              disabled={revert.isPending}
              onClick={() => finish(confirm, pending.id, { onSuccess: () => sayDone(t('doors.pending.kept')) })}
            >
              {t('doors.pending.keep')}
            </Button>
          )}
          <Button
            variant="default"
            loading={revert.isPending}
            disabled={confirm.isPending}
            onClick={() => finish(revert, pending.id, { onSuccess: () => sayDone(t('doors.pending.reverted')) })}
          >
            {t('doors.pending.revert')}
          </Button>
        </div>
      )}
    </section>
  );

  function secondsText(seconds: number): string {
    return t('doors.pending.seconds', { count: seconds, value: format.number(seconds) });
  }
}
