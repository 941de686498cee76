import { Anchor, Button, Stack, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { confirmBefore } from '../../api/elevation.ts';
import { useMe } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { myTokensQuery } from './account.queries.ts';
import { EmptyRow } from './EmptyRow.tsx';
import { NewToken } from './NewToken.tsx';
import { OwnRows } from './OwnRow.tsx';
import { TokenRow } from './TokenRow.tsx';

/** API tokens: for programs that act for the person. */
export function TokensTab() {
  const { t } = useTranslation();
  const { elevatedUntil } = useMe();
  const errorText = useErrorText();
  const { data, error, refetch } = useQuery(myTokensQuery);
  const [isOpen, setIsOpen] = useState(false);
  const start = async (): Promise<void> => {
    try {
      await confirmBefore(elevatedUntil);
      setIsOpen(true);
    } catch (failure) {
      sayFailed(t('account.tokens.failed'), errorText(failure));
    }
  };
  return (
    <Stack gap="lg">
      <Section
        title={t('account.tokens.title')}
        description={t('account.tokens.text')}
        padding="flush"
        actions={
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => void start()}>
            {t('account.tokens.add')}
          </Button>
        }
      >
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={3} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : data.items.length === 0 ? (
          <EmptyRow>{t('account.tokens.empty')}</EmptyRow>
        ) : (
          <OwnRows label={t('account.tokens.title')}>
            {data.items.map((token) => (
              <TokenRow key={token.id} token={token} />
            ))}
          </OwnRows>
        )}
        <NewToken isOpen={isOpen} onClose={() => setIsOpen(false)} />
      </Section>
      <Text size="sm" c="dimmed">
        {t('account.tokens.reference')}{' '}
        <Anchor href="/api/docs" underline="always">
          {t('shell.palette.apiReference')}
        </Anchor>
      </Text>
    </Stack>
  );
}
