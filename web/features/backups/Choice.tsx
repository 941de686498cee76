import { useId } from 'react';
import classes from './Forms.module.css';

type ChoiceProps<Value extends string> = {
  readonly label: string;
  readonly text?: string;
  readonly value: Value | null;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly onChange: (value: Value) => void;
  readonly isDisabled?: boolean;
};

/** A few short answers side by side, of which one is right. */
export function Choice<Value extends string>({
  label,
  text,
  value,
  options,
  onChange,
  isDisabled,
}: ChoiceProps<Value>) {
  const name = useId();
  return (
    <fieldset className={classes.choice} disabled={isDisabled}>
      <legend className={classes.question}>{label}</legend>
      {text !== undefined && <p className={classes.hint}>{text}</p>}
      <div className={classes.pills}>
        {options.map((option) => (
          <label key={option.value} className={classes.pill} data-checked={option.value === value || undefined}>
            <input type="radio" name={name} checked={option.value === value} onChange={() => onChange(option.value)} />
            <span>{option.label}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
