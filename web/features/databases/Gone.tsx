import { useTranslation } from 'react-i18next';
import type { DatabaseRemovalPreview } from '#shared/databases.ts';
import { useFormat } from '../../ui/format.ts';
import { Token } from '../../ui/Token.tsx';
import classes from './Databases.module.css';

/** What the deletion of a database would take with it. */
export function Gone({ preview }: { readonly preview: DatabaseRemovalPreview }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { tables, rows, sizeBytes, user, isUserKept, connections } = preview;
  return (
    <ul className={classes.gone}>
      <li>
        {t('databases.tables', { count: tables, value: format.number(tables) })}
        {tables > 0 && ` · ${t('databases.delete.rows', { count: rows, value: format.number(rows) })}`}
        {` · ${format.bytes(sizeBytes)}`}
      </li>
      <li>
        {t(isUserKept ? 'databases.delete.userStays' : 'databases.delete.user')} <Token mono>{user}</Token>
      </li>
      {connections > 0 && (
        <li>{t('databases.delete.connections', { count: connections, value: format.number(connections) })}</li>
      )}
    </ul>
  );
}
