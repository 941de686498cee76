import { Radio } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './ChoiceCards.module.css';

type ChoiceCardsProps<T extends string> = {
  readonly label: string;
  readonly value: T;
  readonly onChange: (value: T) => void;
  /** The pictures need room. */
  readonly isWide?: boolean;
  readonly choices: readonly { readonly value: T; readonly name: string; readonly picture: ReactNode }[];
};

/** A choice between few things that can be shown: one radio group, each choice with its picture. */
export function ChoiceCards<T extends string>({
  label,
  value,
  onChange,
  isWide = false,
  choices,
}: ChoiceCardsProps<T>) {
  return (
    <Radio.Group value={value} onChange={(next) => onChange(next as T)} aria-label={label}>
      <div className={classes.cards} data-wide={isWide || undefined}>
        {choices.map((choice) => (
          <Radio.Card key={choice.value} value={choice.value} className={classes.card ?? ''}>
            {choice.picture}
            <span className={classes.name}>
              <Radio.Indicator size="xs" />
              {choice.name}
            </span>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  );
}
