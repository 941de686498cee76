import { Anchor, Collapse, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Token } from '../../ui/Token.tsx';
import { CommandLine } from './CommandLine.tsx';

/** How to tell that a self-signed certificate is the server's: its fingerprint, as the installer printed it. */
export function OwnCertificate({ fingerprint }: { readonly fingerprint: string }) {
  const { t } = useTranslation();
  const [isOpen, setIsOpen] = useState(false);
  return (
    <div>
      <Anchor
        component="button"
        type="button"
        size="sm"
        mt="md"
        c="var(--app-text-soft)"
        aria-expanded={isOpen}
        aria-controls="own-certificate"
        onClick={() => setIsOpen((before) => !before)}
      >
        {t('accounts.entry.ownCertificate')}
      </Anchor>
      <Collapse expanded={isOpen} id="own-certificate">
        <Stack gap={8} pt="sm">
          <Text size="sm" c="dimmed">
            {t('accounts.entry.ownCertificateText')}
          </Text>
          <Text size="sm" component="div" style={{ overflowWrap: 'anywhere' }}>
            <Token mono>{fingerprint}</Token>
          </Text>
          <CommandLine>aapanel entry</CommandLine>
        </Stack>
      </Collapse>
    </div>
  );
}
