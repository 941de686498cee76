import { Button, Group, NumberInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { limitPresets, type Limits } from '#shared/behaviour/limits.ts';
import { useSite } from '../site-context.ts';
import { LinesInput } from './LinesInput.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { RuleGroup } from './RuleGroup.tsx';
import classes from './Rules.module.css';

type Field = 'connectionsPerSite' | 'connectionsPerAddress' | 'requestsPerSecond' | 'kibPerSecond' | 'bodyMib';

/** How much of the server the site's visitors may take. */
export function LimitsForm({ draft, change, errorAt, errorUnder }: RuleFormProps) {
  const { t } = useTranslation();
  // Of a PHP site it is the largest form that PHP takes.
  const { kind } = useSite();
  const { limits } = draft;
  const set = (part: Partial<Limits>): void => change({ limits: { ...limits, ...part } });
  const number = (field: Field, text?: string) => (
    <NumberInput
      label={t(`behaviour.limits.${field}`)}
      description={text}
      placeholder={t('behaviour.limits.none')}
      value={limits[field] ?? ''}
      onChange={(value) => set({ [field]: value === '' ? null : Number(value) })}
      min={field === 'bodyMib' ? 0 : 1}
      allowDecimal={false}
      allowNegative={false}
      error={errorAt(`limits.${field}`)}
    />
  );
  return (
    <>
      <RuleGroup title={t('behaviour.limits.visitors')} text={t('behaviour.limits.visitorsText')}>
        <Group gap="xs">
          {(['small', 'shop', 'busy'] as const).map((key) => (
            <Button key={key} variant="default" size="xs" onClick={() => set(limitPresets[key])}>
              {t(`behaviour.limits.presets.${key}`)}
            </Button>
          ))}
        </Group>
        <div className={classes.pair}>
          {number('connectionsPerSite')}
          {number('connectionsPerAddress')}
          {number('requestsPerSecond')}
          <NumberInput
            label={t('behaviour.limits.burst')}
            value={limits.burst}
            onChange={(value) => set({ burst: Number(value) || 0 })}
            min={0}
            allowDecimal={false}
            allowNegative={false}
            error={errorAt('limits.burst')}
          />
        </div>
        <LinesInput
          label={t('behaviour.limits.addresses')}
          placeholder="203.0.113.7"
          value={limits.addresses}
          onChange={(addresses) => set({ addresses })}
          error={errorUnder('limits.addresses')}
        />
      </RuleGroup>
      <RuleGroup title={t('behaviour.limits.sizes')} text={t('behaviour.limits.sizesText')}>
        <div className={classes.pair}>
          {number('kibPerSecond')}
          {kind !== 'php' && number('bodyMib', t('behaviour.limits.bodyText'))}
        </div>
      </RuleGroup>
    </>
  );
}
