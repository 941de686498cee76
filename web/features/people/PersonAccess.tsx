import { Button, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonRow } from '#shared/people.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useNewInvitation, useRemovePerson, useUpdatePerson, type Invitation } from './people.queries.ts';
import classes from './PersonSheet.module.css';
import { shownPerson } from './person-state.ts';

type PersonAccessProps = {
  readonly person: PersonRow;
  readonly onInvitation: (invitation: Invitation | null) => void;
  readonly onGone: () => void;
  readonly onAsking: (isAsking: boolean) => void;
};

type Question = 'lost' | 'disable' | 'remove';

/** Letting somebody in again, keeping them out for a while, or for good. */
export function PersonAccess({ person, onInvitation, onGone, onAsking }: PersonAccessProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const invite = useNewInvitation(person.id);
  const update = useUpdatePerson(person.id);
  const remove = useRemovePerson(person.id);
  const [question, setQuestion] = useState<Question | null>(null);
  const [typed, setTyped] = useState('');
  const name = shownPerson(person);
  const hasFactor = person.hasPassword || person.hasTotp || person.passkeyCount > 0;
  const ask = (next: Question | null): void => {
    setQuestion(next);
    setTyped('');
    onAsking(next !== null);
  };
  const onError = (error: unknown): void => sayFailed(t('people.detail.failed'), errorText(error));
  const onSettled = (): void => ask(null);
  const makeLink = (clear: boolean): void =>
    finish(invite, { clear }, { onSuccess: (link) => onInvitation(link), onError, onSettled });
  const setDisabled = (isDisabled: boolean): void =>
    finish(
      update,
      { isDisabled },
      {
        onSuccess: () => sayDone(t(isDisabled ? 'people.detail.disabled' : 'people.detail.enabled', { name })),
        onError,
        onSettled,
      },
    );
  const removeNow = (): void =>
    finish(remove, undefined, {
      onSuccess: () => {
        sayDone(t('people.detail.removed', { name }));
        onGone();
      },
      onError,
      onSettled,
    });

  return (
    <section>
      <h3 className={classes.heading}>{t('people.detail.access')}</h3>
      <div className={classes.rows}>
        {hasFactor ? (
          <Row title={t('people.detail.lost')} text={t('people.detail.lostText')}>
            <Button size="xs" variant="default" disabled={person.isDisabled} onClick={() => ask('lost')}>
              {t('people.detail.newInvitation')}
            </Button>
          </Row>
        ) : (
          <Row title={t('people.detail.newInvitation')} text={t('people.detail.newInvitationText')}>
            <Button
              size="xs"
              variant="default"
              disabled={person.isDisabled}
              loading={invite.isPending}
              onClick={() => makeLink(false)}
            >
              {t('people.detail.newInvitation')}
            </Button>
          </Row>
        )}
        {person.isDisabled ? (
          <Row title={t('people.detail.enable')} text={t('people.detail.enableText')}>
            <Button size="xs" variant="default" loading={update.isPending} onClick={() => setDisabled(false)}>
              {t('people.detail.enable')}
            </Button>
          </Row>
        ) : (
          <Row title={t('people.detail.disable')} text={t('people.detail.disableText')}>
            <Button size="xs" variant="default" onClick={() => ask('disable')}>
              {t('people.detail.disable')}
            </Button>
          </Row>
        )}
        <Row title={t('people.detail.remove')} text={t('people.detail.removeText')}>
          <Button size="xs" variant="light" color="red" onClick={() => ask('remove')}>
            {t('people.detail.remove')}
          </Button>
        </Row>
      </div>
      <ConfirmDialog
        isOpen={question === 'lost'}
        title={t('people.detail.lostTitle', { name })}
        confirmLabel={t('people.detail.lostAction')}
        isDangerous
        isBusy={invite.isPending}
        onConfirm={() => makeLink(true)}
        onClose={() => ask(null)}
      >
        {t('people.detail.lostText')} {t('people.detail.lostSure')}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={question === 'disable'}
        title={t('people.detail.disableTitle', { name })}
        confirmLabel={t('people.detail.disable')}
        isDangerous
        isBusy={update.isPending}
        onConfirm={() => setDisabled(true)}
        onClose={() => ask(null)}
      >
        {t('people.detail.disableText')}
      </ConfirmDialog>
      <ConfirmDialog
        isOpen={question === 'remove'}
        title={t('people.detail.removeTitle', { name })}
        confirmLabel={t('people.detail.removeAction')}
        isDangerous
        isBusy={remove.isPending}
        canConfirm={typed.trim().toLowerCase() === person.name}
        onConfirm={removeNow}
        onClose={() => ask(null)}
      >
        <p>{t('people.detail.removeText')}</p>
        <TextInput
          label={
            <>
              {t('people.detail.removeSign')} <bdi dir="ltr">{person.name}</bdi>
            </>
          }
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          dir="ltr"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
        />
      </ConfirmDialog>
    </section>
  );
}

function Row({
  title,
  text,
  children,
}: {
  readonly title: string;
  readonly text: string;
  readonly children: ReactNode;
}) {
  return (
    <div className={classes.row}>
      <div>
        <div className={classes.rowTitle}>{title}</div>
        <div className={classes.rowText}>{text}</div>
      </div>
      {children}
    </div>
  );
}
