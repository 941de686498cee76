import { Checkbox, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { tablesQuery } from '../database-browse/browse.queries.ts';
import classes from './Imports.module.css';

type TableChoiceProps = {
  readonly databaseId: string;
  /** Views are not among them. */
  readonly areTablesOnly?: boolean;
  readonly value: readonly string[];
  readonly onChange: (value: readonly string[]) => void;
};

/** Some tables of a database. */
export function TableChoice({ databaseId, areTablesOnly = false, value, onChange }: TableChoiceProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState('');
  const { data, error, refetch } = useQuery(tablesQuery(databaseId));
  if (data === undefined)
    return error === null ? <LoadingRows rows={3} /> : <ErrorState error={error} onRetry={() => void refetch()} />;
  const items = data.items.filter(({ kind }) => !areTablesOnly || kind === 'table');
  if (items.length === 0) return <p className={classes.text}>{t('databaseExports.none')}</p>;
  const found = items.filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const chosen = new Set(value);
  const areAllChosen = found.length > 0 && found.every(({ name }) => chosen.has(name));
  const toggleAll = (): void => {
    const names = found.map(({ name }) => name);
    const rest = value.filter((each) => !names.includes(each));
    onChange(areAllChosen ? rest : [...rest, ...names]);
  };
  return (
    <div className={classes.choice}>
      <div className={classes.bar}>
        <TextInput
          aria-label={t('databaseExports.find')}
          placeholder={t('databaseExports.find')}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={wanted}
          onChange={(event) => setWanted(event.currentTarget.value)}
        />
        <Checkbox
          label={t('databaseExports.every', { count: value.length })}
          checked={areAllChosen}
          indeterminate={!areAllChosen && found.some(({ name }) => chosen.has(name))}
          onChange={toggleAll}
        />
      </div>
      <ul className={classes.entries}>
        {found.map(({ name, kind }) => (
          <li key={name} className={classes.entry}>
            <Checkbox
              label={<Token mono>{name}</Token>}
              {...(kind === 'view' ? { description: t('databaseExports.view') } : {})}
              checked={chosen.has(name)}
              onChange={(event) =>
                onChange(event.currentTarget.checked ? [...value, name] : value.filter((each) => each !== name))
              }
            />
          </li>
        ))}
      </ul>
      {found.length === 0 && <p className={classes.none}>{t('databaseExports.noMatch')}</p>}
    </div>
  );
}
