import { PasswordInput, type PasswordInputProps } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './PasswordField.module.css';

/** A password input whose eye can be reached by keyboard and is named for screen readers. */
export function PasswordField(props: PasswordInputProps) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      spellCheck={false}
      autoCapitalize="none"
      classNames={{ innerInput: classes.input ?? '' }}
      visibilityToggleButtonProps={{ 'aria-label': t('accounts.password.show'), tabIndex: 0 }}
      {...props}
    />
  );
}
