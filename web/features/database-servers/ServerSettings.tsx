import { Button, Group, NumberInput, Radio, Stack, Switch } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { slowThresholds, type TuningPreset } from '#shared/database-server-settings.ts';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { settingsQuery, usePutSettings, type SettingsView } from './database-servers.queries.ts';
import classes from './DatabaseServers.module.css';

/** How much of the memory MariaDB takes, and whether it writes slow statements down. */
export function ServerSettings() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(settingsQuery);
  if (data === undefined)
    return (
      <Section title={t('databaseServers.settings.title')}>
        {error === null ? <LoadingRows rows={5} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
      </Section>
    );
  return <SettingsForm key={data.revision} view={data} />;
}

function SettingsForm({ view }: { readonly view: SettingsView }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const put = usePutSettings();
  const { settings, previous, choices, memoryBytes, path, waiting, isChangedByHand, revision } = view;
  const [preset, setPreset] = useState<TuningPreset | null>(settings.preset);
  const [isOn, setIsOn] = useState(settings.slowLog.isOn);
  const [seconds, setSeconds] = useState<number | string>(settings.slowLog.thresholdMs / 1_000);
  const thresholdMs = Math.round(Number(seconds) * 1_000);
  const isWrong = seconds === '' || !(thresholdMs >= slowThresholds.leastMs && thresholdMs <= slowThresholds.mostMs);
  // The machine has another memory since, or somebody has changed values of the running server.
  const isStale =
    settings.preset !== null &&
    choices.some((each) => each.preset === settings.preset && each.values.some(({ now, next }) => now !== next));
  const isDifferent =
    isChangedByHand ||
    (isStale && preset === settings.preset) ||
    preset !== settings.preset ||
    isOn !== settings.slowLog.isOn ||
    (isOn && thresholdMs !== settings.slowLog.thresholdMs);
  const send = (to: SettingsView['settings']): void =>
    finish(put, { settings: to, revision }, { onSuccess: () => sayDone(t('databaseServers.settings.done')) });
  return (
    <Section title={t('databaseServers.settings.title')} description={t('databaseServers.settings.text')}>
      <Stack gap="lg">
        {put.isError && errorText(put.error) !== '' && (
          <Notice tone="bad" role="alert" title={t('databaseServers.notChanged')}>
            {errorText(put.error)}
          </Notice>
        )}
        {isChangedByHand && (
          <Notice tone="warn" title={t('databaseServers.settings.byHand')}>
            {t('databaseServers.settings.byHandText')}
          </Notice>
        )}
        {waiting.length > 0 && (
          <Notice tone="info" title={t('databaseServers.settings.waiting')}>
            <Token mono>{waiting.join(', ')}</Token>
          </Notice>
        )}
        <Radio.Group
          label={t('databaseServers.settings.memory')}
          description={t('databaseServers.settings.memoryText', { value: format.bytes(memoryBytes) })}
          value={preset ?? 'none'}
          onChange={(value) => setPreset(choices.find((each) => each.preset === value)?.preset ?? null)}
        >
          <Stack gap="sm" mt="sm">
            {choices.map(({ preset: each, peakBytes }) => (
              <Radio
                key={each ?? 'none'}
                value={each ?? 'none'}
                label={t(`databaseServers.settings.presets.${each ?? 'none'}`)}
                description={
                  <>
                    {t(`databaseServers.settings.presetTexts.${each ?? 'none'}`)}{' '}
                    {t('databaseServers.settings.peak', { value: format.bytes(peakBytes) })}
                  </>
                }
              />
            ))}
          </Stack>
        </Radio.Group>
        {(preset !== settings.preset || isStale) && <Difference view={view} preset={preset} />}
        <Switch
          label={t('databaseServers.settings.slowLog')}
          description={t('databaseServers.settings.slowLogText')}
          checked={isOn}
          onChange={(event) => setIsOn(event.currentTarget.checked)}
        />
        {isOn && (
          <NumberInput
            label={t('databaseServers.settings.threshold')}
            value={seconds}
            onChange={setSeconds}
            min={slowThresholds.leastMs / 1_000}
            max={slowThresholds.mostMs / 1_000}
            step={0.5}
            decimalScale={2}
            w={220}
            error={isWrong ? t('databaseServers.settings.thresholdWrong') : undefined}
          />
        )}
        <Group gap="sm">
          <Button
            disabled={!isDifferent || (isOn && isWrong)}
            loading={put.isPending}
            onClick={() => send({ preset, slowLog: { isOn, thresholdMs: isWrong ? 1_000 : thresholdMs } })}
          >
            {t('databaseServers.settings.save')}
          </Button>
          {previous !== null && (
            <Button variant="default" disabled={put.isPending} onClick={() => send(previous)}>
              {t('databaseServers.settings.undo')}
            </Button>
          )}
        </Group>
        <p className={classes.soft}>
          {t('databaseServers.settings.file')} <Token mono>{path}</Token>
        </p>
      </Stack>
    </Section>
  );
}

/** What would be another value, before it is. */
function Difference({ view, preset }: { readonly view: SettingsView; readonly preset: TuningPreset | null }) {
  const { t } = useTranslation();
  const format = useFormat();
  const values =
    view.choices.find((each) => each.preset === preset)?.values.filter(({ now, next }) => now !== next) ?? [];
  const shown = (name: string, value: number): string =>
    name.endsWith('_size') && name !== 'thread_cache_size' ? format.bytes(value) : format.number(value);
  if (values.length === 0) return <p className={classes.soft}>{t('databaseServers.settings.same')}</p>;
  return (
    <table className={classes.difference} aria-label={t('databaseServers.settings.difference')}>
      <thead>
        <tr>
          <th>{t('databaseServers.settings.name')}</th>
          <th>{t('databaseServers.settings.now')}</th>
          <th>{t('databaseServers.settings.next')}</th>
        </tr>
      </thead>
      <tbody>
        {values.map(({ name, now, next }) => (
          <tr key={name}>
            <th scope="row">
              <Token mono>{name}</Token>
            </th>
            <td className="numbers">{shown(name, now)}</td>
            <td className="numbers">{shown(name, next)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
