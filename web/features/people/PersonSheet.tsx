import { Button } from '@mantine/core';
import { IconUserOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PersonRow } from '#shared/people.ts';
import { useCan, useMe } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { FactorMarks } from './FactorMarks.tsx';
import { InvitationLink } from './InvitationLink.tsx';
import { peopleQuery, type Invitation } from './people.queries.ts';
import { PersonAccess } from './PersonAccess.tsx';
import { PersonRights } from './PersonRights.tsx';
import { PersonSessions } from './PersonSessions.tsx';
import classes from './PersonSheet.module.css';
import { PersonState } from './PersonState.tsx';
import { factorWarning, shownPerson } from './person-state.ts';

/** One account beside the list. */
export function PersonSheet({ personId, onClose }: { readonly personId: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(peopleQuery);
  const [isAsking, setIsAsking] = useState(false);
  const person = data?.items.find(({ id }) => id === personId);
  const title = person === undefined ? t('people.title') : t('people.detail.title', { name: shownPerson(person) });
  return (
    <SideSheet title={title} onClose={onClose} size={600} closesOnEscape={!isAsking}>
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={6} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : person === undefined ? (
        <EmptyState
          icon={IconUserOff}
          title={t('people.detail.gone')}
          action={
            <Button variant="default" onClick={onClose}>
              {t('common.actions.close')}
            </Button>
          }
        />
      ) : (
        <Account person={person} onGone={onClose} onAsking={setIsAsking} />
      )}
    </SideSheet>
  );
}

type AccountProps = {
  readonly person: PersonRow;
  readonly onGone: () => void;
  /** A question lies over the sheet. */
  readonly onAsking: (isAsking: boolean) => void;
};

function Account({ person, onGone, onAsking }: AccountProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const mayWrite = useCan()('people.write');
  const [invitation, setInvitation] = useState<Invitation | null>(null);
  const isSelf = person.id === me.person.id;
  const canChange = mayWrite && person.canChange;
  const warning = factorWarning(person);
  return (
    <div className={classes.parts}>
      <dl className={classes.facts}>
        <div>
          <dt>{t('people.invite.name')}</dt>
          <dd>
            <Token mono>{person.name}</Token>
          </dd>
        </div>
        <div>
          <dt>{t('people.list.state')}</dt>
          <dd>
            <PersonState person={person} />
          </dd>
        </div>
        <div>
          <dt>{t('people.list.lastSeen')}</dt>
          <dd>{person.lastSeenAt === null ? t('people.list.never') : format.ago(person.lastSeenAt)}</dd>
        </div>
        <div>
          <dt>{t('people.detail.created')}</dt>
          <dd>{format.date(person.createdAt)}</dd>
        </div>
      </dl>
      {!canChange && <Notice tone="info">{mayWrite ? t('people.ownerOnly') : t('common.states.notAllowed')}</Notice>}
      {isSelf && canChange && <Notice tone="info">{t('people.detail.self')}</Notice>}
      {invitation !== null && <InvitationLink invitation={invitation} />}
      <section>
        <h3 className={classes.heading}>{t('people.detail.factors')}</h3>
        <FactorMarks person={person} isLong />
        {warning !== null && <p className={classes.hint}>{t('people.factors.weakText')}</p>}
      </section>
      <PersonRights person={person} canChange={canChange} isSelf={isSelf} />
      <PersonSessions person={person} canChange={canChange} onAsking={onAsking} />
      {canChange && !isSelf && (
        <PersonAccess person={person} onInvitation={setInvitation} onGone={onGone} onAsking={onAsking} />
      )}
    </div>
  );
}
