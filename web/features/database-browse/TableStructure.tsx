import { useTranslation } from 'react-i18next';
import classes from './Browse.module.css';
import type { TablePage } from './browse.queries.ts';

/** Columns, indexes and foreign keys of a table, as the server knows them. */
export function TableStructure({ page }: { readonly page: TablePage }) {
  const { t } = useTranslation();
  const { columns, indexes, foreignKeys } = page;
  return (
    <div className={classes.structure}>
      <div className={classes.scroll} dir="ltr" tabIndex={0} role="region" aria-label={t('databaseBrowse.columns')}>
        <table className={classes.rows}>
          <thead>
            <tr>
              {(['column', 'type', 'null', 'default', 'extra'] as const).map((each) => (
                <th key={each} scope="col">
                  {t(`databaseBrowse.of.${each}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {columns.map((column) => (
              <tr key={column.name}>
                <td>
                  <bdi className={classes.value}>{column.name}</bdi>
                  {column.isKey && <span className={classes.soft}>{t('databaseBrowse.key')}</span>}
                </td>
                <td>{column.type}</td>
                <td>{column.isNullable ? t('databaseBrowse.yes') : t('databaseBrowse.no')}</td>
                <td>{column.default ?? ''}</td>
                <td>{column.extra}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {indexes.length > 0 && (
        <section>
          <h3>{t('databaseBrowse.indexes')}</h3>
          <ul dir="ltr">
            {indexes.map(({ name, isUnique, columns: of }) => (
              <li key={name}>
                <code>{`${name} (${of.join(', ')})`}</code> {isUnique ? t('databaseBrowse.unique') : ''}
              </li>
            ))}
          </ul>
        </section>
      )}
      {foreignKeys.length > 0 && (
        <section>
          <h3>{t('databaseBrowse.foreignKeys')}</h3>
          <ul dir="ltr">
            {foreignKeys.map(({ name, columns: of, table, targets }) => (
              <li key={name}>
                <code>{`${name} (${of.join(', ')}) → ${table} (${targets.join(', ')})`}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}
