import { TextInput, type TextInputProps } from '@mantine/core';
import { latinDigits } from '../../ui/latin-digits.ts';
import classes from './CodeField.module.css';

type CodeFieldProps = Omit<TextInputProps, 'value' | 'onChange' | 'dir'> & {
  readonly value: string;
  readonly onChange: (value: string) => void;
  /** Called with each full code: nobody has to look for the button. */
  readonly onFull?: (code: string) => void;
};

/** Six digits of an authenticator app; phones and password managers fill them in. */
export function CodeField({ value, onChange, onFull, ...props }: CodeFieldProps) {
  return (
    <TextInput
      {...props}
      value={value}
      onChange={(event) => {
        const next = latinDigits(event.currentTarget.value).replaceAll(/\D/g, '').slice(0, 6);
        onChange(next);
        if (next.length === 6 && next !== value) onFull?.(next);
      }}
      name="one-time-code"
      autoComplete="one-time-code"
      inputMode="numeric"
      spellCheck={false}
      dir="ltr"
      classNames={{ input: classes.input ?? '' }}
    />
  );
}
