import { useTranslation } from 'react-i18next';
import { Notice } from '../../ui/Notice.tsx';
import { CopyButton, Token } from '../../ui/Token.tsx';
import type { RemoteServer } from './remote-databases.queries.ts';

type Props = { readonly server: RemoteServer; readonly name: string; readonly user: string; readonly password: string };

/** What an application needs. The password is shown this once. */
export function ShownPassword({ server: { host, port }, name, user, password }: Props) {
  const { t } = useTranslation();
  const rows = [
    ['host', `${host}:${port}`],
    ['name', name],
    ['user', user],
    ['password', password],
  ] as const;
  return (
    <Notice tone="good" title={t('remoteDatabases.made.title')}>
      {rows.map(([what, value]) => (
        <div key={what}>
          {t(`remoteDatabases.made.${what}`)} <Token mono>{value}</Token>
          <CopyButton value={value} label={t('databases.copy', { what: t(`remoteDatabases.made.${what}`) })} />
        </div>
      ))}
      <div>{t('remoteDatabases.made.once')}</div>
    </Notice>
  );
}
