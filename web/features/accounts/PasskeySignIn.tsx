import { Button, Divider, Stack } from '@mantine/core';
import { IconFingerprint } from '@tabler/icons-react';
import { useEffect, useEffectEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { askForPasskey, canOfferPasskeys, PasskeyError, withdrawPasskeyOffer } from '../../api/passkeys.ts';
import { passkeyChallenge, useSignInWithPasskey, type EntryWish } from './accounts.queries.ts';
import { ProofFailure } from './ProofForm.tsx';
import { useWait } from './use-wait.ts';

/** Signing in with a passkey alone: a button, and the browser's own list under the name field where it has one. */
export function PasskeySignIn(wish: EntryWish) {
  const { t } = useTranslation();
  const signIn = useSignInWithPasskey(wish);
  const [isAsking, setIsAsking] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  const [failedAt, setFailedAt] = useState(0);
  const wait = useWait(signIn.error, failedAt);
  const { mutateAsync } = signIn;

  /** Waits in the list under the name field until somebody chooses a passkey, or the page goes away. */
  const offer = useEffectEvent(async (isWanted: () => boolean): Promise<void> => {
    if (!(await canOfferPasskeys())) return;
    while (isWanted()) {
      try {
        const assertion = await askForPasskey(await passkeyChallenge(null), { isOffer: true });
        await mutateAsync(assertion);
        return;
      } catch (error) {
        // The page lay open so long that the panel forgot its question: asked anew, silently.
        if (error instanceof PasskeyError || toApiError(error).reason !== 'challenge_void') return;
      }
    }
  });
  useEffect(() => {
    let isWanted = true;
    void offer(() => isWanted);
    return () => {
      isWanted = false;
      void withdrawPasskeyOffer();
    };
  }, []);

  const start = async (): Promise<void> => {
    setTrouble(null);
    signIn.reset();
    setIsAsking(true);
    try {
      await mutateAsync(await askForPasskey(await passkeyChallenge(null)));
    } catch (error) {
      setFailedAt(Date.now());
      setTrouble(error);
    } finally {
      setIsAsking(false);
    }
  };
  return (
    <Stack gap="md">
      <Divider label={t('accounts.signIn.or')} />
      <ProofFailure kind="passkey" error={trouble ?? signIn.error} wait={wait} />
      <Button
        variant="default"
        size="md"
        fullWidth
        leftSection={<IconFingerprint size={20} stroke={1.7} aria-hidden />}
        loading={isAsking}
        disabled={wait > 0}
        onClick={() => void start()}
      >
        {t('accounts.signIn.passkey')}
      </Button>
    </Stack>
  );
}
