import { Radio, Stack, Switch } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { accessLogFormats } from '#shared/behaviour/access-log.ts';
import { Notice } from '../../../ui/Notice.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { RuleGroup } from './RuleGroup.tsx';

/** Whether and how visits are written down. */
export function AccessLogForm({ draft, change }: RuleFormProps) {
  const { t } = useTranslation();
  const { accessLog } = draft;
  return (
    <RuleGroup title={t('behaviour.log.title')} text={t('behaviour.log.text')}>
      <Switch
        label={t('behaviour.log.isOn')}
        checked={accessLog.isOn}
        onChange={(event) => change({ accessLog: { ...accessLog, isOn: event.currentTarget.checked } })}
      />
      {accessLog.isOn ? (
        <Radio.Group
          label={t('behaviour.log.format')}
          value={accessLog.format}
          onChange={(value) =>
            change({ accessLog: { ...accessLog, format: accessLogFormats.find((each) => each === value) ?? 'full' } })
          }
        >
          <Stack gap="xs" mt={6}>
            {accessLogFormats.map((value) => (
              <Radio
                key={value}
                value={value}
                label={t(`behaviour.log.formats.${value}`)}
                description={t(`behaviour.log.formatTexts.${value}`)}
              />
            ))}
          </Stack>
        </Radio.Group>
      ) : (
        <Notice tone="warn" role="status">
          {t('behaviour.log.off')}
        </Notice>
      )}
    </RuleGroup>
  );
}
