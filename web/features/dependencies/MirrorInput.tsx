import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Where packages come from, when that is not the usual place. */
export function MirrorInput(props: {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly isFixed: boolean;
}) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={t('dependencies.mirror')}
      placeholder={t('dependencies.mirrorHint')}
      dir="ltr"
      spellCheck={false}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      disabled={props.isFixed}
    />
  );
}

export const mirrorOf = (text: string): string | null => (text.trim() === '' ? null : text.trim());
