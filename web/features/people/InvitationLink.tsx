import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../ui/format.ts';
import { LinkBox } from '../../ui/LinkBox.tsx';
import type { Invitation } from './people.queries.ts';

/** The secret link, shown this once. */
export function InvitationLink({ invitation: { url, expiresAt } }: { readonly invitation: Invitation }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <LinkBox
      label={t('people.link.label')}
      url={url}
      copy={[t('people.link.copy'), t('people.link.copied')]}
      testId="invitation-link"
    >
      <Text size="xs" c="dimmed">
        {t('people.link.expires', { time: format.dateTime(expiresAt), ago: format.ago(expiresAt) })}
        <br />
        {t('people.link.once')}
      </Text>
    </LinkBox>
  );
}
