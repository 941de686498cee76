import { useTranslation } from 'react-i18next';
import { useFormat } from './format.ts';
import classes from './NewPasswordInput.module.css';
import { judgePassword } from './password-strength.ts';
import { PasswordField } from './PasswordField.tsx';

const levels = ['weak', 'fair', 'good', 'strong'] as const;

type NewPasswordInputProps = {
  readonly label: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
  /** Of the account: a password like it is marked as weak. */
  readonly userName?: string;
  readonly name?: string;
};

/** A password that is being chosen: can be shown, and says how strong it is without rules about its characters. */
export function NewPasswordInput({ label, value, onChange, error, userName = '', name }: NewPasswordInputProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const judged = judgePassword(value, userName);
  const word =
    value === ''
      ? ''
      : judged.missing > 0
        ? t('accounts.password.tooShort', { count: judged.missing, value: format.number(judged.missing) })
        : judged.isLikeName
          ? t('accounts.password.likeName')
          : t(`accounts.password.levels.${judged.level}`);
  const lit = value === '' || judged.missing > 0 ? 0 : levels.indexOf(judged.level) + 1;
  return (
    <div>
      <PasswordField
        label={label}
        description={t('accounts.password.rule')}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        error={error}
        name={name ?? 'new-password'}
        autoComplete="new-password"
        maxLength={256}
      />
      <div className={classes.meter} data-level={judged.level}>
        {levels.map((level, index) => (
          <span key={level} className={classes.bar} data-on={index < lit || undefined} aria-hidden />
        ))}
        <span className={classes.word} aria-live="polite">
          {word !== '' && <span className="visually-hidden">{t('accounts.password.strength')}: </span>}
          {word}
        </span>
      </div>
    </div>
  );
}
