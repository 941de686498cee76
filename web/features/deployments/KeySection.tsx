import { Button, Stack, Text } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useMakeKey, type DeployKey } from './deployments.queries.ts';
import { PublicKey } from './PublicKey.tsx';

/** The site's deploy key: its public part, and another one in its place. */
export function KeySection({ siteId, deployKey }: { readonly siteId: string; readonly deployKey: DeployKey | null }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayWrite = useCan()('deployments.write');
  const make = useMakeKey(siteId);
  const [isAsking, setIsAsking] = useState(false);
  const replace = (): void =>
    make.mutate(deployKey !== null, {
      onSuccess: () => sayDone(t('deployments.key.made')),
      onError: (error) => sayFailed(t('deployments.key.failed'), errorText(error)),
    });
  return (
    <Section
      title={t('deployments.key.title')}
      description={t('deployments.key.text')}
      actions={
        <WhyNot reason={!mayWrite}>
          <Button
            variant="default"
            size="xs"
            disabled={!mayWrite}
            loading={make.isPending}
            leftSection={<IconKey size={16} aria-hidden />}
            onClick={() => (deployKey === null ? replace() : setIsAsking(true))}
          >
            {t(deployKey === null ? 'deployments.key.make' : 'deployments.key.replace')}
          </Button>
        </WhyNot>
      }
    >
      {deployKey === null ? (
        <Text size="sm" c="dimmed">
          {t('deployments.key.none')}
        </Text>
      ) : (
        <Stack gap="xs">
          <PublicKey of={deployKey} />
        </Stack>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        title={t('deployments.key.replaceTitle')}
        confirmLabel={t('deployments.key.replace')}
        cancelLabel={t('common.actions.cancel')}
        isDangerous
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          replace();
        }}
      >
        {t('deployments.key.replaceText')}
      </ConfirmDialog>
    </Section>
  );
}
