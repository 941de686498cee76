import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { readablePath } from './rule-path.ts';
import classes from './Rules.module.css';

type PathInputProps = {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error: string | undefined;
  /** `/` is not one of the choices. */
  readonly isPartOnly?: boolean;
};

/** A path of the site; one that was copied out of a browser becomes readable. */
export function PathInput({ value, onChange, error, isPartOnly = false }: PathInputProps) {
  const { t } = useTranslation();
  return (
    <TextInput
      className={classes.mono}
      label={t('behaviour.access.path')}
      description={t(isPartOnly ? 'behaviour.proxies.pathText' : 'behaviour.access.pathText')}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onBlur={() => onChange(readablePath(value))}
      error={error}
      dir="ltr"
      spellCheck={false}
      autoCapitalize="none"
    />
  );
}
