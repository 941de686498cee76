import { Button, Text } from '@mantine/core';
import { IconPalette } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { isBuiltInRole } from '#shared/access.ts';
import { Link } from '@tanstack/react-router';
import { useMe } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import { roleTitle } from '../../ui/permission-texts.ts';
import { Section } from '../../ui/Section.tsx';
import { Token } from '../../ui/Token.tsx';
import { SettingRow } from '../settings/SettingRow.tsx';

/** Who is signed in, with which role. */
export function ProfileTab() {
  const { t } = useTranslation();
  const format = useFormat();
  const { person, session } = useMe();
  return (
    <Section>
      <SettingRow label={t('account.own.profile.name')} hint={t('account.own.profile.nameHint')}>
        <Token mono>{person.name}</Token>
      </SettingRow>
      <SettingRow label={t('account.own.profile.displayName')}>
        <bdi>{person.displayName === '' ? t('common.states.none') : person.displayName}</bdi>
      </SettingRow>
      <SettingRow label={t('account.own.profile.role')}>
        <bdi>{roleTitle(t, person.role, person.roleName)}</bdi>
        {isBuiltInRole(person.role) && (
          <Text c="dimmed" size="sm">
            {t(`people.roles.meanings.${person.role}`)}
          </Text>
        )}
      </SettingRow>
      <SettingRow label={t('account.own.profile.since')}>{format.dateTime(person.createdAt)}</SettingRow>
      <SettingRow label={t('account.own.profile.session')}>
        {t('account.own.profile.sessionText', {
          started: format.ago(session.createdAt),
          expires: format.dateTime(session.expiresAt),
        })}
      </SettingRow>
      <SettingRow label={t('account.own.profile.look')} hint={t('account.own.profile.lookHint')}>
        <Button
          variant="default"
          leftSection={<IconPalette size={17} stroke={1.7} aria-hidden />}
          renderRoot={(props) => <Link to="/settings" {...props} />}
        >
          {t('settings.tabs.appearance')}
        </Button>
      </SettingRow>
    </Section>
  );
}
