import { Button } from '@mantine/core';
import { IconDeviceMobile } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
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
    <Section title={t('account.totp.title')} description={t('account.totp.text')} padding="flush">
      <OwnRows label={t('account.totp.title')}>
        {totp === null ? (
          <OwnRow
            icon={IconDeviceMobile}
            name={t('account.totp.off')}
            facts={[t('account.totp.offText')]}
            actions={
              <Button variant="default" loading={setup.isStarting} onClick={setup.start}>
                {t('account.totp.add')}
              </Button>
            }
          />
        ) : (
          <OwnRow
            icon={IconDeviceMobile}
            tone="good"
            name={t('account.totp.on')}
            facts={[t('account.own.added', { time: format.ago(totp.addedAt) })]}
            actions={
              <Button variant="default" onClick={() => setIsAsking(true)}>
                {t('account.own.remove')}
              </Button>
            }
          />
        )}
      </OwnRows>
      <TotpSetup secret={setup.secret} onClose={setup.close} />
      <ConfirmDialog
        isOpen={isAsking}
        title={t('account.totp.removeTitle')}
        confirmLabel={t('account.own.remove')}
        isDangerous
        isBusy={remove.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() =>
          finish(remove, undefined, {
            onSuccess: () => sayDone(t('account.totp.removed')),
            onError: (error) => sayFailed(t('account.totp.removeFailed'), errorText(error)),
            onSettled: () => setIsAsking(false),
          })
        }
      >
        {t('account.totp.removeText')}
      </ConfirmDialog>
    </Section>
  );
}
