import { Switch, TextInput } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Replacement } from '#shared/behaviour/replacements.ts';
import { Token } from '../../../ui/Token.tsx';
import { RuleList } from './RuleList.tsx';
import classes from './Rules.module.css';

type Replacing = { readonly replacements: Replacement[]; readonly isReplacedOnce: boolean };

type ReplacementsProps = {
  readonly value: Replacing;
  readonly edit: (part: Partial<Replacing>) => void;
  readonly errorAt: (field: string) => string | undefined;
  readonly errorUnder: (field: string) => string | undefined;
  readonly isFixed: boolean;
};

/** Words of an application's pages that become others on their way to the visitor. */
export function Replacements({ value, edit, errorAt, errorUnder, isFixed }: ReplacementsProps) {
  const { t } = useTranslation();
  const { replacements, isReplacedOnce } = value;
  const whole = errorAt('replacements');
  return (
    <div>
      <RuleList
        items={replacements}
        onChange={(changed) => edit({ replacements: changed })}
        fresh={() => ({ from: '', to: '' })}
        addLabel={t('behaviour.proxies.addReplacement')}
        empty={t('behaviour.proxies.replacementsEmpty')}
        isOrdered
        hasError={(at) => errorUnder(`replacements.${at}`) !== undefined}
        isFixed={isFixed}
        max={20}
        summary={({ from, to }) => (
          <span dir="ltr">
            <Token mono>{from}</Token>
            <IconArrowRight size={14} stroke={1.8} style={{ marginInline: 6, verticalAlign: '-2px' }} aria-hidden />
            <Token mono>{to}</Token>
          </span>
        )}
      >
        {(replacement, editReplacement, at) => (
          <div className={classes.pair}>
            {(['from', 'to'] as const).map((field) => (
              <TextInput
                key={field}
                className={classes.mono}
                label={t(`behaviour.proxies.replacement.${field}`)}
                value={replacement[field]}
                onChange={(event) => editReplacement({ [field]: event.currentTarget.value })}
                error={errorAt(`replacements.${at}.${field}`)}
                maxLength={300}
                dir="ltr"
                spellCheck={false}
              />
            ))}
          </div>
        )}
      </RuleList>
      {(replacements.length > 0 || whole !== undefined) && (
        <Switch
          mt="sm"
          label={t('behaviour.proxies.isReplacedOnce')}
          checked={isReplacedOnce}
          onChange={(event) => edit({ isReplacedOnce: event.currentTarget.checked })}
          disabled={isFixed}
          error={whole}
        />
      )}
    </div>
  );
}
