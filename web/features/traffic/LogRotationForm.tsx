import { Button, Group, NumberInput, SegmentedControl, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { rotationPeriods, type LogRotation, type LogRotationState } from '#shared/logs.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { toApiError } from '../../api/errors.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { SettingRow } from '../settings/SettingRow.tsx';
import { logRotationQuery, useSetLogRotation } from './traffic.queries.ts';

/** When the logs of all sites are set aside, and what is kept of them. */
export function LogRotationForm() {
  const { t } = useTranslation();
  const mayRead = useCan()('settings.read');
  const { data, error, refetch } = useQuery({ ...logRotationQuery, enabled: mayRead });
  if (!mayRead)
    return (
      <Section padding="flush">
        <EmptyState icon={IconLock} title={t('settings.panel.notAllowed')} />
      </Section>
    );
  if (data !== undefined) return <Fields key={JSON.stringify(data.rotation)} state={data} />;
  return (
    <Section padding="flush">
      {error === null ? <LoadingRows rows={3} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Section>
  );
}

const numbers = [
  { name: 'maxMib', most: 10_240 },
  { name: 'keep', most: 1_000 },
] as const;

function Fields({ state: { rotation: saved, ...state } }: { readonly state: LogRotationState }) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayWrite = useCan()('settings.write');
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const save = useSetLogRotation();
  const [values, setValues] = useState(saved);
  const isChanged = JSON.stringify(values) !== JSON.stringify(saved);
  const edit = (part: Partial<LogRotation>): void => {
    setValues((before) => ({ ...before, ...part }));
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!mayWrite || !isChanged || save.isPending) return;
    finish(save, values, { onSuccess: () => sayDone(t('common.states.saved')) });
  };
  const errors = save.isError ? fieldErrors(save.error) : {};
  const isOther = save.isError && toApiError(save.error).fields.length === 0;
  const { lastRunAt, failures, kept } = state;
  return (
    <form onSubmit={submit} noValidate>
      <Section>
        {isOther && (
          <Notice tone="bad" role="alert">
            {errorText(save.error)}
          </Notice>
        )}
        {failures > 0 && (
          <Notice tone="warn">
            {t('traffic.rotation.failures', { count: failures, value: format.number(failures) })}
          </Notice>
        )}
        <SettingRow label={t('traffic.rotation.every')} hint={t('traffic.rotation.everyHint')}>
          <SegmentedControl
            aria-label={t('traffic.rotation.every')}
            value={values.every}
            onChange={(value) => edit({ every: value as LogRotation['every'] })}
            disabled={!mayWrite}
            data={rotationPeriods.map((value) => ({ value, label: t(`traffic.rotation.periods.${value}`) }))}
          />
        </SettingRow>
        {numbers.map(({ name, most }) => (
          <SettingRow
            key={name}
            id={`rotation-${name}`}
            label={t(`traffic.rotation.${name}`)}
            hint={t(`traffic.rotation.${name}Hint`)}
          >
            <NumberInput
              aria-labelledby={`rotation-${name}`}
              value={values[name]}
              onChange={(value) => edit({ [name]: typeof value === 'number' ? value : 0 })}
              error={errors[name]}
              min={1}
              max={most}
              allowDecimal={false}
              allowNegative={false}
              disabled={!mayWrite}
            />
          </SettingRow>
        ))}
        <Text size="sm" c="dimmed" mt="md">
          {lastRunAt === null
            ? t('traffic.rotation.never')
            : t('traffic.rotation.lastRun', { time: format.dateTime(lastRunAt) })}
          {' · '}
          {t('traffic.rotation.kept', {
            count: kept.files,
            value: format.number(kept.files),
            size: format.bytes(kept.bytes),
          })}
        </Text>
        <Group mt="lg" gap="xs">
          <WhyNot reason={mayWrite ? false : t('settings.panel.readOnly')}>
            <Button type="submit" loading={save.isPending} disabled={!mayWrite || !isChanged}>
              {t('common.actions.save')}
            </Button>
          </WhyNot>
          {isChanged && (
            <Button variant="default" onClick={() => edit(saved)}>
              {t('common.actions.discard')}
            </Button>
          )}
        </Group>
      </Section>
    </form>
  );
}
