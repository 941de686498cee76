import { useTranslation } from 'react-i18next';
import type { SiteTraffic } from '#shared/logs.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { readablePath } from './readable-path.ts';
import classes from './SiteTraffic.module.css';

const tables = ['paths', 'addresses', 'agents'] as const;

/** What is asked for most, and by whom. Everything in it was chosen by strangers. */
export function TopTables({ traffic }: { readonly traffic: SiteTraffic }) {
  return (
    <div className={classes.tops}>
      {tables.map((name) => (
        <div key={name} className={name === 'agents' ? classes.wide : undefined}>
          <TopTable name={name} rows={traffic[name]} />
        </div>
      ))}
    </div>
  );
}

function TopTable({ name, rows }: { readonly name: (typeof tables)[number]; readonly rows: SiteTraffic['paths'] }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <Section title={t(`traffic.top.${name}`)} padding="flush">
      <table className={classes.top} aria-label={t(`traffic.top.${name}`)}>
        <thead>
          <tr>
            <th scope="col">{t(`traffic.top.${name}`)}</th>
            <th scope="col">{t('traffic.top.requests')}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, requests }) => (
            <tr key={key}>
              <td>
                <Key name={name} text={key} />
              </td>
              <td>{format.number(requests)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Key({ name, text }: { readonly name: (typeof tables)[number]; readonly text: string }) {
  const { t } = useTranslation();
  if (name === 'paths' && text === '') return <span className={classes.soft}>{t('traffic.top.noHttp')}</span>;
  if (name === 'agents' && (text === '-' || text === ''))
    return <span className={classes.soft}>{t('traffic.top.noAgent')}</span>;
  return (
    <ForeignText mono={name !== 'agents'} max={120}>
      {name === 'paths' ? readablePath(text) : text}
    </ForeignText>
  );
}
