import { Button, Stack, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, Navigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLook } from '../../ui/LookProvider.tsx';
import { signInStateQuery } from './accounts.queries.ts';
import { CommandLine } from './CommandLine.tsx';
import { EntryLayout } from './EntryLayout.tsx';
import { forgetLinkToken, useLinkToken } from './link-token.ts';
import { OwnerForm } from './OwnerForm.tsx';

/** `/first-run#token=…`: the link that the panel prints until it has an owner. */
export function FirstRunPage() {
  const { t } = useTranslation();
  const { look, language } = useLook();
  const token = useLinkToken();
  const { data: state } = useQuery(signInStateQuery);
  const [voidToken, setVoidToken] = useState<string | null>(null);

  if (state?.isSignedIn === true) return <Navigate to="/" replace />;
  if (state?.isFirstRun === false) {
    return (
      <EntryLayout title={t('accounts.firstRun.doneTitle')} lead={t('accounts.firstRun.doneText')} state={state}>
        <Button component={Link} to="/sign-in" size="md" fullWidth onClick={forgetLinkToken}>
          {t('accounts.signIn.title')}
        </Button>
      </EntryLayout>
    );
  }
  if (token === null || token === voidToken) {
    const isVoid = token !== null;
    return (
      <EntryLayout
        title={isVoid ? t('accounts.firstRun.voidTitle') : t('accounts.firstRun.noLinkTitle')}
        lead={isVoid ? t('accounts.firstRun.voidText') : t('accounts.firstRun.noLinkText')}
        state={state}
      >
        <HowToGetLink />
      </EntryLayout>
    );
  }
  return (
    <EntryLayout title={t('accounts.firstRun.title')} lead={t('accounts.firstRun.lead')} state={state}>
      <OwnerForm key={token} token={token} look={{ ...look, language }} onVoid={() => setVoidToken(token)} />
    </EntryLayout>
  );
}

function HowToGetLink() {
  const { t } = useTranslation();
  return (
    <Stack gap={8}>
      <Text fw={600}>{t('accounts.firstRun.noLinkHow')}</Text>
      <Text size="sm" c="dimmed">
        {t('accounts.firstRun.noLinkCommand')}
      </Text>
      <CommandLine>aapanel link</CommandLine>
      <Text size="sm" c="dimmed" mt="sm">
        {t('accounts.firstRun.noLinkRestart')}
      </Text>
      <CommandLine>bin/start</CommandLine>
    </Stack>
  );
}
