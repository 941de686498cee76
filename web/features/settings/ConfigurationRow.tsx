import { IconLock } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import { CopyButton, Token } from '../../ui/Token.tsx';
import classes from './ConfigurationTable.module.css';
import { isSet, secretLength } from './find-entries.ts';
import type { ConfigEntry } from './settings.queries.ts';

export function ConfigurationRow({ entry }: { readonly entry: ConfigEntry }) {
  const { t } = useTranslation();
  const set = isSet(entry) || undefined;
  const length = secretLength(entry);
  return (
    <div className={classes.row}>
      <dt className={classes.key}>
        <Token mono>{entry.key}</Token>
      </dt>
      <dd className={classes.value} data-set={set}>
        {length !== undefined ? (
          <>
            <IconLock size={14} aria-hidden /> {t('settings.configuration.secret', { length })}
          </>
        ) : entry.value === '' ? (
          t('settings.configuration.empty')
        ) : (
          <Token mono>{entry.value}</Token>
        )}
      </dd>
      <dd className={classes.source} data-set={set}>
        {t(`settings.configuration.sources.${entry.source}`)}
      </dd>
      <dd className={classes.copy}>
        <CopyButton value={`${entry.key}=${entry.value}`} label={`${t('common.actions.copy')} ${entry.key}`} />
      </dd>
    </div>
  );
}
