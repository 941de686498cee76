import { Button } from '@mantine/core';
import { IconLifebuoy } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { recoveryCodeCount } from '#shared/factors.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { useNewRecoveryCodes } from './account.queries.ts';
import { OwnRow, OwnRows } from './OwnRow.tsx';

/** Fewer than these: time for new ones. */
const few = 3;

/** Codes on paper, for the day the phone is gone. */
export function RecoverySection({ left }: { readonly left: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const make = useNewRecoveryCodes();
  const [isAsking, setIsAsking] = useState(false);
  const create = (): void =>
    make.mutate(undefined, {
      onError: (error) => sayFailed(t('account.codes.failed'), errorText(error)),
      onSettled: () => setIsAsking(false),
    });
  return (
    <Section title={t('account.codes.section')} description={t('account.codes.sectionText')} padding="flush">
      <OwnRows label={t('account.codes.section')}>
        <OwnRow
          icon={IconLifebuoy}
          tone={left < few ? 'warn' : 'good'}
          name={t('account.codes.left', {
            count: left,
            value: format.number(left),
            total: format.number(recoveryCodeCount),
          })}
          facts={left < few ? [t('account.codes.fewText')] : []}
          actions={
            <Button
              variant="default"
              loading={make.isPending}
              onClick={() => (left === 0 ? create() : setIsAsking(true))}
            >
              {t('account.codes.make')}
            </Button>
          }
        />
      </OwnRows>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('account.codes.makeTitle')}
        confirmLabel={t('account.codes.make')}
        isBusy={make.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={create}
      >
        {t('account.codes.makeText')}
      </ConfirmDialog>
    </Section>
  );
}
