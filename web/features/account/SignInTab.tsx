import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { factorsQuery } from '../accounts/factors.queries.ts';
import { ChangePasswordForm } from './ChangePasswordForm.tsx';
import { PasskeysSection } from './PasskeysSection.tsx';
import { RecoverySection } from './RecoverySection.tsx';
import { TotpSection } from './TotpSection.tsx';

/** The ways in, strongest first. */
export function SignInTab() {
  const { t } = useTranslation();
  const { person } = useMe();
  const { data: factors, error, refetch } = useQuery(factorsQuery);
  if (factors === undefined) {
    return (
      <Section padding="flush">
        {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  }
  const hasSecond = factors.totp !== null || factors.passkeys.length > 0;
  return (
    <Stack gap="lg">
      {!hasSecond && (
        <Notice tone="warn" title={t('account.weak.title')}>
          {t('account.weak.text')}
        </Notice>
      )}
      <PasskeysSection factors={factors} />
      <TotpSection totp={factors.totp} />
      {hasSecond && <RecoverySection left={factors.recoveryCodesLeft} />}
      <Section title={t('account.own.password.title')} description={t('account.own.password.hint')}>
        <ChangePasswordForm userName={person.name} changedAt={factors.passwordChangedAt} />
      </Section>
    </Stack>
  );
}
