import { useTranslation } from 'react-i18next';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './AuditDays.module.css';
import type { DetailChange } from './audit-detail.ts';

/** What a fact was and what it became, side by side. */
export function DetailChanges({ changes }: { readonly changes: readonly DetailChange[] }) {
  const { t } = useTranslation();
  return (
    <table className={classes.changes}>
      <thead>
        <tr>
          <td aria-hidden />
          <th scope="col">{t('audit.before')}</th>
          <th scope="col">{t('audit.after')}</th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ name, before, after }) => (
          <tr key={name}>
            <th scope="row">
              <Token mono>{name}</Token>
            </th>
            <td data-kind="removed">
              <Value text={before} />
            </td>
            <td data-kind="added">
              <Value text={after} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Value({ text }: { readonly text: string | null }) {
  const { t } = useTranslation();
  if (text === null || text === '') return <span className={classes.absent}>{t('audit.absent')}</span>;
  return (
    <ForeignText mono max={400}>
      {text}
    </ForeignText>
  );
}
