import { Button, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { knowsPasskeys } from '../../api/passkeys.ts';
import { useStore } from '../../layout/store.ts';
import { Notice } from '../../ui/Notice.tsx';
import { passkeyChallenge, useSignInSecond, type SecondStep, type SignInState } from './accounts.queries.ts';
import { chosenLook } from './chosen-look.ts';
import { EntryLayout } from './EntryLayout.tsx';
import { usableKinds } from './proof-form.ts';
import { ProofForm } from './ProofForm.tsx';

type SecondFactorStepProps = {
  readonly step: SecondStep;
  readonly next: string | undefined;
  readonly state: SignInState | undefined;
  readonly onStep: (step: SecondStep) => void;
  /** Back to name and password. */
  readonly onRestart: () => void;
};

/** The password was right; now what only this person has. */
export function SecondFactorStep({ step, next, state, onStep, onRestart }: SecondFactorStepProps) {
  const { t } = useTranslation();
  const signIn = useSignInSecond({ next, chosen: useStore(chosenLook), onSecond: onStep });
  const [failedAt, setFailedAt] = useState(0);
  const kinds = usableKinds(step.kinds, knowsPasskeys() && state?.canUsePasskey === true);
  const isOver = signIn.isError && toApiError(signIn.error).reason === 'sign_in_step_void';

  return (
    <EntryLayout title={t('accounts.second.title')} lead={isOver ? undefined : t('accounts.second.lead')} state={state}>
      <Stack gap="lg">
        {isOver ? (
          <Notice tone="warn" role="alert" title={t('accounts.second.overTitle')}>
            {t('accounts.second.overText')}
          </Notice>
        ) : kinds.length === 0 ? (
          <Notice tone="warn" title={t('accounts.second.notHereTitle')}>
            {t('accounts.second.notHereText')}
          </Notice>
        ) : (
          <ProofForm
            kinds={kinds}
            submitLabel={t('accounts.signIn.submit')}
            isPending={signIn.isPending}
            error={signIn.error}
            failedAt={failedAt}
            challenge={() => passkeyChallenge(step.step)}
            onProof={(proof) => signIn.mutate({ step: step.step, proof }, { onError: () => setFailedAt(Date.now()) })}
            onReset={signIn.reset}
          />
        )}
        <Button variant={isOver ? 'filled' : 'default'} size={isOver ? 'md' : 'sm'} fullWidth onClick={onRestart}>
          {t(isOver ? 'accounts.second.again' : 'accounts.second.other')}
        </Button>
      </Stack>
    </EntryLayout>
  );
}
