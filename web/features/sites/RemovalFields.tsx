import { Checkbox, Radio, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { accountFates, type AccountFate, type RemovalFate } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { useFormat } from '../../ui/format.ts';
import type { Database } from '../databases/databases.queries.ts';
import type { RemovalChoices } from './removal-choices.ts';
import type { RemovalPreview } from './sites.queries.ts';

type RemovalFieldsProps = {
  readonly preview: RemovalPreview;
  readonly databases: readonly Database[];
  readonly choices: RemovalChoices;
  readonly onChange: (choices: RemovalChoices) => void;
};

const fates: readonly RemovalFate[] = ['recycle', 'keep', 'remove'];

/** What becomes of each part of the site, asked only where there is something to choose. */
export function RemovalFields({ preview, databases, choices, onChange }: RemovalFieldsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const set = (change: Partial<RemovalChoices>): void => onChange({ ...choices, ...change });
  const { certificate, cronJobs } = preview;
  const hasLogs = preview.items.some(({ kind }) => kind === 'logs');
  return (
    <>
      {(['files', 'logs'] as const)
        .filter((part) => part === 'files' || hasLogs)
        .map((part) => (
          <Radio.Group
            key={part}
            label={t(`sites.delete.${part}Label`)}
            value={choices[part]}
            onChange={(value) => set({ [part]: value as RemovalFate })}
          >
            <Stack gap="sm" mt="xs">
              {fates.map((fate) => (
                <Radio
                  key={fate}
                  value={fate}
                  label={t(`sites.delete.${fate}`)}
                  description={part === 'files' ? t(`sites.delete.${fate}Text`) : undefined}
                />
              ))}
            </Stack>
          </Radio.Group>
        ))}
      {preview.items.some(({ kind }) => kind === 'linux_user') && (
        <Radio.Group
          label={t('sites.delete.accountLabel')}
          value={choices.account}
          onChange={(value) => set({ account: value as AccountFate })}
        >
          <Stack gap="sm" mt="xs">
            {accountFates.toReversed().map((fate) => (
              <Radio
                key={fate}
                value={fate}
                label={t(`sites.delete.account_${fate}`)}
                description={t(`sites.delete.account_${fate}Text`)}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
      {databases.length > 0 && (
        <Radio.Group
          label={t('databases.deleteWithSite.label')}
          value={choices.databases}
          onChange={(value) => set({ databases: value as 'keep' | 'recycle' })}
        >
          <Stack gap="sm" mt="xs">
            {(['keep', 'recycle'] as const).map((choice) => (
              <Radio
                key={choice}
                value={choice}
                label={t(`databases.deleteWithSite.${choice}`)}
                description={t(`databases.deleteWithSite.${choice}Text`)}
              />
            ))}
          </Stack>
        </Radio.Group>
      )}
      {certificate?.mayRemove === true && (
        <Checkbox
          label={t('sites.delete.withCertificate')}
          description={
            certificate.otherSites > 0
              ? t('sites.delete.certificateShared', {
                  count: certificate.otherSites,
                  value: format.number(certificate.otherSites),
                })
              : t('sites.delete.withCertificateText')
          }
          checked={choices.hasCertificate}
          disabled={certificate.otherSites > 0}
          onChange={(event) => set({ hasCertificate: event.currentTarget.checked })}
        />
      )}
      {cronJobs.length > 0 && can('cron.write') && (
        <Checkbox
          label={t('sites.delete.withCronJobs')}
          description={t('sites.delete.withCronJobsText')}
          checked={choices.hasCronJobs}
          onChange={(event) => set({ hasCronJobs: event.currentTarget.checked })}
        />
      )}
    </>
  );
}
