import { Button, Stack, Text } from '@mantine/core';
import { IconDeviceMobile, IconFingerprint, IconLogout } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { signOut } from '../../layout/sign-out.ts';
import { useLook } from '../../ui/LookProvider.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { whenToastsAreWanted } from '../../ui/toasts.ts';
import { signInStateQuery } from '../accounts/accounts.queries.ts';
import { EntryLayout } from '../accounts/EntryLayout.tsx';
import { factorsQuery, type Factors } from '../accounts/factors.queries.ts';
import { whyNot } from './PasskeysSection.tsx';
import { PasskeySetup } from './PasskeySetup.tsx';
import { TotpSetup } from './TotpSetup.tsx';
import { usePasskeySetup } from './use-passkey-setup.ts';
import { useTotpSetup } from './use-totp-setup.ts';

const Toasts = lazy(async () => ({ default: (await import('../../layout/Toasts.tsx')).Toasts }));

/** The whole panel of a person who has to add a second factor first. */
export function SecondFactorNeeded() {
  const { t } = useTranslation();
  const { preferences } = useMe();
  const { setLook } = useLook();
  const { data: state } = useQuery(signInStateQuery);
  const { data: factors, error, refetch } = useQuery(factorsQuery);
  const [areToastsWanted, setAreToastsWanted] = useState(false);
  useEffect(() => whenToastsAreWanted(() => setAreToastsWanted(true)), []);
  useEffect(() => setLook(preferences), [preferences, setLook]);
  return (
    <EntryLayout title={t('account.needed.title')} lead={t('account.needed.lead')} state={state}>
      <Stack gap="lg">
        {factors !== undefined ? (
          <SecondFactorChoice factors={factors} />
        ) : error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )}
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconLogout size={17} stroke={1.7} className="mirrored" aria-hidden />}
          onClick={() => void signOut()}
        >
          {t('shell.top.signOut')}
        </Button>
      </Stack>
      <Suspense>{areToastsWanted && <Toasts />}</Suspense>
    </EntryLayout>
  );
}

/** The two second factors, the stronger one first where it works. */
export function SecondFactorChoice({ factors }: { readonly factors: Factors }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  const passkey = usePasskeySetup(() => setIsOpen(true));
  const totp = useTotpSetup();
  const obstacle = whyNot(factors);
  return (
    <Stack gap="md">
      {obstacle === null ? (
        <div>
          <Button
            size="md"
            fullWidth
            leftSection={<IconFingerprint size={20} stroke={1.7} aria-hidden />}
            loading={passkey.isStarting}
            onClick={passkey.start}
          >
            {t('account.needed.passkey')}
          </Button>
          <Text size="sm" c="dimmed" mt={6}>
            {t('account.needed.passkeyText')}
          </Text>
        </div>
      ) : null}
      <div>
        <Button
          size="md"
          fullWidth
          variant={obstacle === null ? 'default' : 'filled'}
          leftSection={<IconDeviceMobile size={20} stroke={1.7} aria-hidden />}
          loading={totp.isStarting}
          onClick={totp.start}
        >
          {t('account.needed.totp')}
        </Button>
        <Text size="sm" c="dimmed" mt={6}>
          {t('account.needed.totpText')}
        </Text>
      </div>
      {obstacle !== null && (
        <Notice tone="info" title={t(`account.passkeys.whyNot.${obstacle}`)}>
          {t(`account.passkeys.whatToDo.${obstacle}`)}
        </Notice>
      )}
      <PasskeySetup isOpen={isOpen} onClose={() => setIsOpen(false)} />
      <TotpSetup secret={totp.secret} onClose={totp.close} />
    </Stack>
  );
}
