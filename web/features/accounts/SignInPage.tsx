import { Button, Loader, Stack, Text } from '@mantine/core';
import { IconLinkOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Navigate, useRouter, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { knowsPasskeys } from '../../api/passkeys.ts';
import { useStore } from '../../layout/store.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { signInStateQuery, useSignInWithLink, type SecondStep, type SignInState } from './accounts.queries.ts';
import { chosenLook } from './chosen-look.ts';
import { CommandLine } from './CommandLine.tsx';
import { EntryLayout } from './EntryLayout.tsx';
import { forgetLinkToken, useLinkToken } from './link-token.ts';
import { isOwnPath } from './own-path.ts';
import { SecondFactorStep } from './SecondFactorStep.tsx';
import { SignInForm } from './SignInForm.tsx';

/** `/sign-in`, and `/sign-in#token=…` of a link from the console. */
export function SignInPage() {
  const { t } = useTranslation();
  const router = useRouter();
  const { next } = useSearch({ from: '/sign-in' });
  const token = useLinkToken();
  const { data: state } = useQuery(signInStateQuery);
  const chosen = useStore(chosenLook);
  const [step, setStep] = useState<SecondStep | null>(null);
  const isDone = token === null && state?.isSignedIn === true;
  useEffect(() => {
    if (isDone) router.history.replace(isOwnPath(next) ? next : '/');
  }, [isDone, next, router]);

  if (token === null && state?.isFirstRun === true) return <Navigate to="/first-run" replace />;
  if (token !== null) return <LinkSignIn token={token} next={next} state={state} />;
  if (step !== null) {
    return (
      <SecondFactorStep
        key={step.step}
        step={step}
        next={next}
        state={state}
        onStep={setStep}
        onRestart={() => setStep(null)}
      />
    );
  }
  return (
    <EntryLayout title={t('accounts.signIn.title')} lead={t('accounts.signIn.lead')} state={state}>
      <SignInForm
        wish={{ next, chosen, onSecond: setStep }}
        canUsePasskey={state?.canUsePasskey === true && knowsPasskeys()}
      />
    </EntryLayout>
  );
}

type LinkSignInProps = {
  readonly token: string;
  readonly next: string | undefined;
  readonly state: SignInState | undefined;
};

/** Uses the link at once; it works only for the first who does. */
function LinkSignIn({ token, next, state }: LinkSignInProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { mutate, error, isPending, isIdle } = useSignInWithLink(next, useStore(chosenLook));
  useEffect(() => {
    mutate(token, { onSuccess: forgetLinkToken });
  }, [mutate, token]);

  if (error === null || isPending || isIdle) {
    return (
      <EntryLayout title={t('accounts.link.title')} state={state}>
        <Stack align="center" gap="sm" py="xl" role="status">
          <Loader size="md" />
          <Text c="dimmed">{t('accounts.link.text')}</Text>
        </Stack>
      </EntryLayout>
    );
  }
  const isVoid = toApiError(error).code === 'not_allowed';
  return (
    <EntryLayout title={isVoid ? t('accounts.link.voidTitle') : t('errors.title')} state={state}>
      <Stack gap="md">
        {isVoid ? (
          <>
            <Text c="dimmed">{t('accounts.link.voidText')}</Text>
            <CommandLine>aapanel link</CommandLine>
          </>
        ) : (
          <Notice tone="bad" icon={IconLinkOff} role="alert">
            {errorText(error)}
          </Notice>
        )}
        {!isVoid && <Button onClick={() => mutate(token)}>{t('common.actions.retry')}</Button>}
        <Button variant="default" onClick={forgetLinkToken}>
          {t('accounts.link.toSignIn')}
        </Button>
      </Stack>
    </EntryLayout>
  );
}
