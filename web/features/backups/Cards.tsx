import type { Icon } from '@tabler/icons-react';
import { useId } from 'react';
import classes from './Forms.module.css';

type CardsProps<Value extends string> = {
  readonly label: string;
  readonly value: Value;
  readonly options: readonly {
    readonly value: Value;
    readonly label: string;
    readonly text: string;
    readonly icon: Icon;
  }[];
  readonly onChange: (value: Value) => void;
  readonly isDisabled?: boolean;
};

/** A question whose answers need a sentence each. */
export function Cards<Value extends string>({ label, value, options, onChange, isDisabled }: CardsProps<Value>) {
  const name = useId();
  return (
    <fieldset className={classes.choice} disabled={isDisabled}>
      <legend className={classes.question}>{label}</legend>
      <div className={classes.cards}>
        {options.map(({ icon: CardIcon, ...option }) => (
          <label key={option.value} className={classes.card} data-checked={option.value === value || undefined}>
            <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span className={classes.cardHead}>
              <CardIcon size={18} stroke={1.7} aria-hidden />
              {option.label}
            </span>
            <span className={classes.cardText}>{option.text}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
