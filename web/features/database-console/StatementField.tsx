import { Input } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import look from '../../ui/CodeMirror.module.css';
import { tablesQuery } from '../database-browse/browse.queries.ts';
import type { Database } from '../databases/databases.queries.ts';
import classes from './Console.module.css';
import { openStatementView, type StatementView } from './statement-view.ts';

type StatementFieldProps = {
  readonly databaseId: string;
  readonly engine: Database['engine'];
  readonly value: string;
  readonly onChange: (text: string) => void;
  readonly onRun: () => void;
};

/** A statement with its colours; the tables of the database are offered while it is typed. */
export function StatementField({ databaseId, engine, value, onChange, onRun }: StatementFieldProps) {
  const { t, i18n } = useTranslation();
  const { data } = useQuery(tablesQuery(databaseId));
  const place = useRef<HTMLDivElement>(null);
  const opened = useRef<StatementView>(null);
  const calls = useRef({ value, onChange, onRun });
  useEffect(() => {
    calls.current = { value, onChange, onRun };
  });
  useEffect(() => {
    if (place.current === null) return;
    const view = openStatementView({
      place: place.current,
      engine,
      text: calls.current.value,
      example: engine === 'mariadb' ? 'SHOW TABLES' : 'SELECT now()',
      label: t('databaseConsole.statement'),
      offered: t('databaseConsole.offered'),
      onChange: (text) => calls.current.onChange(text),
      onRun: () => calls.current.onRun(),
    });
    opened.current = view;
    return () => {
      opened.current = null;
      view.close();
    };
    // Another language has other names for it.
  }, [engine, i18n.language, t]);
  useEffect(() => opened.current?.setText(value), [value]);
  useEffect(() => {
    opened.current?.setTables((data?.items ?? []).map(({ name }) => name));
  }, [data, engine, i18n.language, t]);
  return (
    <Input.Wrapper label={t('databaseConsole.statement')} description={t('databaseConsole.keys')} labelElement="div">
      <div ref={place} className={`${look.code} ${classes.statement}`} dir="ltr" />
    </Input.Wrapper>
  );
}
