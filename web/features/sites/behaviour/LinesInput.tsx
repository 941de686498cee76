import { Textarea } from '@mantine/core';
import { useState } from 'react';
import classes from './Rules.module.css';

type LinesInputProps = {
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
  readonly label: string;
  readonly description?: string;
  readonly placeholder?: string;
  readonly error: string | undefined;
  /** Also a comma or a space ends an entry. */
  readonly isWordy?: boolean;
};

/** Technical words, one per line. */
export function LinesInput({
  value,
  onChange,
  label,
  description,
  placeholder,
  error,
  isWordy = true,
}: LinesInputProps) {
  const [text, setText] = useState(value.join('\n'));
  const read = (typed: string): string[] =>
    typed
      .split(isWordy ? /[\s,،]+/ : '\n')
      .map((each) => each.trim())
      .filter((each) => each !== '');
  const shown = read(text).join('\n') === value.join('\n') ? text : value.join('\n');
  return (
    <Textarea
      className={classes.mono}
      label={label}
      description={description}
      placeholder={placeholder}
      value={shown}
      onChange={(event) => {
        setText(event.currentTarget.value);
        onChange(read(event.currentTarget.value));
      }}
      error={error}
      dir="ltr"
      minRows={2}
      maxRows={8}
      spellCheck={false}
      autoCapitalize="none"
      autoCorrect="off"
    />
  );
}
