import { Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { Token } from '../../ui/Token.tsx';
import { ChangePasswordForm } from './ChangePasswordForm.tsx';
import { SettingRow } from './SettingRow.tsx';

/** Who is signed in, and their password. */
export function AccountSettings() {
  const { t } = useTranslation();
  const format = useFormat();
  const { person, session } = useMe();
  return (
    <Stack gap="lg">
      <Section title={t('settings.account.profile')}>
        <SettingRow label={t('settings.account.name')}>
          <Token mono>{person.name}</Token>
        </SettingRow>
        <SettingRow label={t('settings.account.displayName')}>
          <bdi>{person.displayName === '' ? t('common.states.none') : person.displayName}</bdi>
        </SettingRow>
        <SettingRow label={t('settings.account.role')}>
          {t(`settings.account.roles.${person.role}`)}
          <Text component="span" c="dimmed" size="sm" ms={8}>
            {t(`settings.account.roleHints.${person.role}`)}
          </Text>
        </SettingRow>
        <SettingRow label={t('settings.account.since')}>{format.dateTime(person.createdAt)}</SettingRow>
        <SettingRow label={t('settings.account.session')}>
          {t('settings.account.sessionText', {
            started: format.ago(session.createdAt),
            expires: format.dateTime(session.expiresAt),
          })}
        </SettingRow>
      </Section>
      <Section title={t('settings.account.password')} description={t('settings.account.passwordHint')}>
        <ChangePasswordForm userName={person.name} />
      </Section>
    </Stack>
  );
}
