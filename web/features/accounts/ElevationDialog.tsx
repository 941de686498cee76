import { Modal, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { accountsApi } from '#shared/accounts.ts';
import { call } from '../../api/client.ts';
import { confirmQuestion, type ConfirmQuestion } from '../../api/elevation.ts';
import { knowsPasskeys } from '../../api/passkeys.ts';
import { useMe } from '../../api/session.ts';
import { useStore } from '../../layout/store.ts';
import { Notice } from '../../ui/Notice.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { factorsQuery, useElevate } from './factors.queries.ts';
import { usableKinds } from './proof-form.ts';
import { ProofForm } from './ProofForm.tsx';

/** "Confirm that it is you", over whatever asked for it. One for the whole page. */
export function ElevationDialog() {
  const { t } = useTranslation();
  const question = useStore(confirmQuestion);
  return (
    <Modal
      opened={question !== null}
      onClose={() => question?.withdrawn()}
      title={
        <Text component="span" fw={600}>
          {t('accounts.elevation.title')}
        </Text>
      }
      size={420}
      closeButtonProps={{ 'aria-label': t('common.actions.close') }}
      // Over the dialogs that it interrupts.
      zIndex={350}
    >
      {question !== null && <Question question={question} />}
    </Modal>
  );
}

function Question({ question }: { readonly question: ConfirmQuestion }) {
  const { t } = useTranslation();
  const { person } = useMe();
  const factors = useQuery(factorsQuery);
  const elevate = useElevate();
  const [failedAt, setFailedAt] = useState(0);
  if (factors.data === undefined) {
    return factors.error === null ? (
      <LoadingRows rows={3} />
    ) : (
      <ErrorState error={factors.error} onRetry={() => void factors.refetch()} />
    );
  }
  const { elevationKinds, passkeyPlace } = factors.data;
  const kinds = usableKinds(elevationKinds, knowsPasskeys() && passkeyPlace.isPossible);
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed">
        {t('accounts.elevation.text')}
      </Text>
      {kinds.length === 0 ? (
        <Notice tone="warn" title={t('accounts.second.notHereTitle')}>
          {t('accounts.second.notHereText')}
        </Notice>
      ) : (
        <ProofForm
          kinds={kinds}
          userName={person.name}
          submitLabel={t('common.actions.confirm')}
          isPending={elevate.isPending}
          error={elevate.error}
          failedAt={failedAt}
          challenge={() => call(accountsApi.elevationChallenge, {})}
          onProof={(proof) =>
            elevate.mutate(proof, {
              onSuccess: question.confirmed,
              onError: () => setFailedAt(Date.now()),
            })
          }
          onReset={elevate.reset}
        />
      )}
    </Stack>
  );
}
