import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { appPresets, presetDefaults, type AppPreset } from './app-presets.ts';

/** How a new application is started: what it is written in, and the one thing that differs. */
export function AppStart({
  preset,
  given,
  onChange,
  error,
}: {
  readonly preset: AppPreset;
  readonly given: string;
  readonly onChange: (change: { appPreset: AppPreset; appGiven: string }) => void;
  readonly error: ReactNode;
}) {
  const { t } = useTranslation();
  const field = {
    label: t(`apps.given.${preset}`),
    description: t(`apps.given.${preset}Text`),
    value: given,
    error,
    dir: 'ltr',
    spellCheck: false,
  } as const;
  const change = (text: string): void => onChange({ appPreset: preset, appGiven: text });
  return (
    <>
      <NativeSelect
        label={t('apps.presets.label')}
        value={preset}
        onChange={(event) => {
          const next = appPresets.find((each) => each === event.currentTarget.value);
          if (next !== undefined) onChange({ appPreset: next, appGiven: presetDefaults[next] });
        }}
        data={appPresets.map((value) => ({ value, label: t(`apps.presets.${value}`) }))}
      />
      {preset === 'own' ? (
        <Textarea
          {...field}
          autosize
          minRows={3}
          maxRows={10}
          onChange={(event) => change(event.currentTarget.value)}
        />
      ) : (
        <TextInput {...field} onChange={(event) => change(event.currentTarget.value)} />
      )}
    </>
  );
}
