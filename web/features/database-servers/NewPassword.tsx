import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';

/** Shown once: the panel does not keep it. */
export function NewPassword({ password }: { readonly password: string }) {
  const { t } = useTranslation();
  return (
    <Notice tone="good" title={t('databaseServers.password.title')}>
      <Token mono>{password}</Token>
      <CopyButton value={password} label={t('databaseServers.password.copy')} />
      <div>{t('databaseServers.password.text')}</div>
    </Notice>
  );
}
