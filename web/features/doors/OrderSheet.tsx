import { Button, Radio, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './Doors.module.css';
import { useOrderCertificate } from './doors.queries.ts';

type OrderSheetProps = { readonly names: readonly string[]; readonly onClose: () => void };

/** A certificate of the authority for the panel's own name; no site is needed. */
export function OrderSheet({ names, onClose }: OrderSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const order = useOrderCertificate();
  const [chosen, setChosen] = useState(names[0] ?? '');
  return (
    <SideSheet
      title={t('doors.certificate.order')}
      onClose={order.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button
            loading={order.isPending}
            onClick={() =>
              order.mutate(chosen, {
                onSuccess: (job) => {
                  onClose();
                  openJobs(job.id);
                },
              })
            }
          >
            {t('doors.certificate.order')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={order.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <Stack gap="lg">
        <p className={classes.hint}>{t('doors.certificate.orderLead')}</p>
        {order.isError && (
          <Notice tone="bad" role="alert" title={t('doors.certificate.orderFailed')}>
            {errorText(order.error)}
          </Notice>
        )}
        <Radio.Group label={t('doors.certificate.orderName')} value={chosen} onChange={setChosen}>
          <Stack gap="sm" mt={8}>
            {names.map((name) => (
              <Radio key={name} value={name} label={<Token mono>{name}</Token>} />
            ))}
          </Stack>
        </Radio.Group>
        <ul className={classes.needs}>
          {(['address', 'port', 'nginx'] as const).map((each) => (
            <li key={each}>{t(`doors.certificate.orderNeeds.${each}`)}</li>
          ))}
        </ul>
      </Stack>
    </SideSheet>
  );
}
