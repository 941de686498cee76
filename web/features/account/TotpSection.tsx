import { Button } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import type { Factors } from '../accounts/factors.queries.ts';
import { useRemoveTotp } from './account.queries.ts';
import { OwnRow, OwnRows } from './OwnRow.tsx';
import { TotpSetup } from './TotpSetup.tsx';
import { useTotpSetup } from './use-totp-setup.ts';

/** Codes from an app on the phone. */
export function TotpSection({ totp }: { readonly totp: Factors['totp'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const setup = useTotpSetup();
  const remove = useRemoveTotp();
  const [isAsking, setIsAsking] = useState(false);
  return (
    <Section title={t('accounts.totp.title')} description={t('accounts.totp.text')} padding="flush">
      <OwnRows label={t('accounts.totp.title')}>
        {totp === null ? (
          <OwnRow
            icon={IconDeviceMobile}
            name={t('accounts.totp.off')}
            facts={[t('accounts.totp.offText')]}
            actions={
              <Button variant="default" loading={setup.isStarting} onClick={setup.start}>
                {t('accounts.totp.add')}
              </Button>
            }
          />
        ) : (
          <OwnRow
            icon={IconDeviceMobile}
            tone="good"
            name={t('accounts.totp.on')}
            facts={[t('accounts.own.added', { time: format.ago(totp.addedAt) })]}
            actions={
              <Button variant="default" onClick={() => setIsAsking(true)}>
                {t('accounts.own.remove')}
              </Button>
            }
          />
        )}
      </OwnRows>
      <TotpSetup secret={setup.secret} onClose={setup.close} />
      <ConfirmDialog
        isOpen={isAsking}
        title={t('accounts.totp.removeTitle')}
        confirmLabel={t('accounts.own.remove')}
        isDangerous
        isBusy={remove.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() =>
          remove.mutate(undefined, {
            onSuccess: () => sayDone(t('accounts.totp.removed')),
            onError: (error) => sayFailed(t('accounts.totp.removeFailed'), errorText(error)),
            onSettled: () => setIsAsking(false),
          })
        }
      >
        {t('accounts.totp.removeText')}
      </ConfirmDialog>
    </Section>
  );
}
