import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { useLook } from '../../ui/LookProvider.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { invitationQuery, signInStateQuery, type SecondStep } from './accounts.queries.ts';
import { EntryLayout } from './EntryLayout.tsx';
import { InvitationForm } from './InvitationForm.tsx';
import { forgetLinkToken, useLinkToken } from './link-token.ts';
import { SecondFactorStep } from './SecondFactorStep.tsx';

/** Where a new person lands: the ways in, with the offer of a second factor. */
const firstPlace = '/account#security';

/** `/invitation#token=…`: whose account it is, and the password that they choose. */
export function InvitationPage() {
  const { t } = useTranslation();
  const { look, language } = useLook();
  const token = useLinkToken();
  const { data: state } = useQuery(signInStateQuery);
  const invitation = useQuery({ ...invitationQuery(token ?? ''), enabled: token !== null });
  const [step, setStep] = useState<SecondStep | null>(null);
  const [isVoid, setIsVoid] = useState(false);

  if (step !== null) {
    return (
      <SecondFactorStep
        key={step.step}
        step={step}
        next={firstPlace}
        state={state}
        onStep={setStep}
        onRestart={() => location.assign('/sign-in')}
      />
    );
  }
  const code = invitation.error === null ? undefined : toApiError(invitation.error).code;
  if (token === null || isVoid || code === 'not_allowed' || code === 'invalid_request') {
    return (
      <EntryLayout title={t('accounts.link.voidTitle')} state={state}>
        <Stack gap="lg">
          <Text c="dimmed">{t('accounts.invitation.voidText')}</Text>
          <Button variant="default" fullWidth component={Link} to="/sign-in" onClick={forgetLinkToken}>
            {t('accounts.link.toSignIn')}
          </Button>
        </Stack>
      </EntryLayout>
    );
  }
  if (invitation.data === undefined) {
    return (
      <EntryLayout title={t('accounts.invitation.reading')} state={state}>
        {invitation.error === null ? (
          <LoadingRows rows={3} />
        ) : (
          <ErrorState error={invitation.error} onRetry={() => void invitation.refetch()} />
        )}
      </EntryLayout>
    );
  }
  const { name, displayName } = invitation.data;
  return (
    <EntryLayout
      title={
        displayName === '' ? t('accounts.invitation.title') : t('accounts.invitation.titleNamed', { name: displayName })
      }
      lead={
        <>
          {t('accounts.invitation.lead')} <Token mono>{name}</Token>
        </>
      }
      state={state}
    >
      <InvitationForm
        token={token}
        userName={name}
        wish={{ next: firstPlace, chosen: { ...look, language }, onSecond: setStep }}
        onVoid={() => setIsVoid(true)}
      />
    </EntryLayout>
  );
}
