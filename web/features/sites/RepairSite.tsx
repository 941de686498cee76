import { Button, Text } from '@mantine/core';
import { IconTool } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Facts.module.css';
import { useRepairSite } from './sites.queries.ts';

/** Owners and modes of everything of the site, as they are when it is made. */
export function RepairSite({ siteId }: { readonly siteId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('sites.write');
  const repair = useRepairSite();
  const start = (): void =>
    finish(repair, siteId, {
      onSuccess: ({ repaired, isWhole, isConfigChecked }) => {
        const counted = { count: repaired, value: format.number(repaired) };
        sayDone(
          [
            repaired === 0 ? t('sites.machine.repairNone') : t('sites.machine.repairDone', counted),
            ...(isWhole ? [] : [t('sites.machine.repairMore')]),
            ...(isConfigChecked ? [] : [t('sites.machine.repairByHand')]),
          ].join(' · '),
        );
      },
    });
  return (
    <div className={classes.repair}>
      <WhyNot reason={!mayWrite}>
        <Button
          size="xs"
          variant="default"
          disabled={!mayWrite}
          loading={repair.isPending}
          leftSection={<IconTool size={15} aria-hidden />}
          onClick={start}
        >
          {t('sites.machine.repair')}
        </Button>
      </WhyNot>
      <Text size="xs" c="dimmed">
        {t('sites.machine.repairHint')}
      </Text>
      {repair.error !== null && (
        <Notice tone="bad" role="alert" title={t('sites.machine.repairFailed')}>
          {errorText(repair.error)}
        </Notice>
      )}
    </div>
  );
}
