import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonRow } from '#shared/people.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { DeviceName } from '../../ui/DeviceName.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { personSessionsQuery, useEndPersonSessions } from './people.queries.ts';
import classes from './PersonSheet.module.css';
import { shownPerson } from './person-state.ts';

type PersonSessionsProps = {
  readonly person: PersonRow;
  readonly canChange: boolean;
  readonly onAsking: (isAsking: boolean) => void;
};

/** Where somebody is signed in, and the way to end it. */
export function PersonSessions({ person, canChange, onAsking }: PersonSessionsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayRead = useCan()('people.write');
  const { data } = useQuery({ ...personSessionsQuery(person.id), enabled: mayRead });
  const end = useEndPersonSessions(person.id);
  const [isAsking, setIsAsking] = useState(false);
  const ask = (next: boolean): void => {
    setIsAsking(next);
    onAsking(next);
  };
  const name = shownPerson(person);
  const confirm = (): void =>
    end.mutate(undefined, {
      onSuccess: () => sayDone(t('people.detail.sessionsEnded', { name })),
      onError: (error) => sayFailed(t('people.detail.failed'), errorText(error)),
      onSettled: () => ask(false),
    });
  const items = data?.items ?? [];
  return (
    <section>
      <div className={classes.head}>
        <h3 className={classes.heading}>{t('people.detail.sessions')}</h3>
        {canChange && items.length > 0 && (
          <Button size="xs" variant="default" onClick={() => ask(true)}>
            {t('people.detail.endSessions')}
          </Button>
        )}
      </div>
      {!mayRead && <p className={classes.hint}>{t('people.detail.sessionsHidden')}</p>}
      {data !== undefined && items.length === 0 && <p className={classes.hint}>{t('people.detail.sessionsNone')}</p>}
      {items.length > 0 && (
        <ul className={classes.rows}>
          {items.map((session) => (
            <li key={session.id} className={classes.row}>
              <div>
                <div className={classes.rowTitle}>
                  <DeviceName userAgent={session.userAgent} />
                  {session.isCurrent && <span className={classes.here}>{t('people.detail.current')}</span>}
                </div>
                <div className={classes.rowText}>
                  {t('people.detail.session', {
                    used: format.ago(session.lastUsedAt),
                    expires: format.dateTime(session.expiresAt),
                  })}
                </div>
                <div className={classes.rowText}>
                  <Token mono>{session.address}</Token>
                </div>
              </div>
            </li>
          ))}
        </ul>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        title={t('people.detail.endSessions')}
        confirmLabel={t('people.detail.endSessions')}
        isDangerous
        isBusy={end.isPending}
        onConfirm={confirm}
        onClose={() => ask(false)}
      >
        {t('people.detail.endSessionsText', { name })}
      </ConfirmDialog>
    </section>
  );
}
