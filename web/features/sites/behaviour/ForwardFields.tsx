import { NumberInput, Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Forward } from '#shared/behaviour/forward.ts';
import { Replacements } from './Replacements.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { RuleGroup } from './RuleGroup.tsx';
import classes from './Rules.module.css';

const hosts = ['visitor', 'upstream', 'own'] as const;

/** How the requests of the whole site are handed on to the application behind it. */
export function ForwardFields({ draft, change, errorAt, errorUnder, isFixed }: RuleFormProps) {
  const { t } = useTranslation();
  const { forward } = draft;
  const set = (part: Partial<Forward>): void => change({ forward: { ...forward, ...part } });
  const optional = (field: 'sendSeconds' | 'readSeconds') => (
    <NumberInput
      label={t(field === 'sendSeconds' ? 'behaviour.proxies.sendSeconds' : 'behaviour.proxies.answerSeconds')}
      placeholder={t('behaviour.forward.usual')}
      value={forward[field] ?? ''}
      onChange={(value) => set({ [field]: value === '' ? null : Number(value) })}
      min={1}
      max={86_400}
      allowDecimal={false}
      error={errorAt(`forward.${field}`)}
    />
  );
  return (
    <RuleGroup title={t('behaviour.forward.title')} text={t('behaviour.forward.text')}>
      <div className={classes.pair}>
        <Select
          label={t('behaviour.proxies.sentHost')}
          data={hosts.map((value) => ({
            value,
            label: t(`behaviour.proxies.hosts.${value === 'upstream' ? 'server' : value}`),
          }))}
          value={forward.sentHost}
          onChange={(value) => set({ sentHost: hosts.find((each) => each === value) ?? 'visitor' })}
        />
        {forward.sentHost === 'own' && (
          <HostInput
            value={forward.ownHost}
            onChange={(ownHost) => set({ ownHost })}
            error={errorAt('forward.ownHost')}
          />
        )}
        <NumberInput
          label={t('behaviour.proxies.connectSeconds')}
          value={forward.connectSeconds}
          onChange={(value) => set({ connectSeconds: Number(value) || 1 })}
          min={1}
          max={75}
          allowDecimal={false}
          error={errorAt('forward.connectSeconds')}
        />
        {optional('readSeconds')}
        {optional('sendSeconds')}
      </div>
      <Replacements
        value={forward}
        edit={set}
        errorAt={(field) => errorAt(`forward.${field}`)}
        errorUnder={(field) => errorUnder(`forward.${field}`)}
        isFixed={isFixed}
      />
    </RuleGroup>
  );
}

type HostInputProps = {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
};

/** A name that the application is asked for. */
export function HostInput({ value, onChange, error }: HostInputProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      className={classes.mono}
      label={t('behaviour.proxies.ownHost')}
      placeholder="app.internal:8080"
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.trim().toLowerCase())}
      error={error}
      dir="ltr"
      spellCheck={false}
      autoCapitalize="none"
      withAsterisk
    />
  );
}
