import { ActionIcon, Button, Group, NativeSelect, Pill, TextInput } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldText } from '../../ui/error-text.ts';
import classes from './Browse.module.css';
import type { FilterOperator, RowFilters, TableColumn } from './browse.queries.ts';
import { problemOf } from './row-values.ts';

type FiltersProps = {
  readonly columns: readonly TableColumn[];
  readonly filters: RowFilters;
  readonly onChange: (filters: RowFilters) => void;
};

const most = 5;
const ordered = ['is', 'is_not', 'less', 'at_most', 'more', 'at_least'] as const;

/** What can be asked of a column, the most useful first. */
function operatorsOf({ kind, isNullable }: TableColumn): readonly FilterOperator[] {
  const empty = isNullable ? (['null', 'not_null'] as const) : [];
  if (kind === 'text') return ['contains', 'begins', ...ordered, ...empty];
  if (kind === 'json') return ['contains', 'begins', ...empty];
  if (kind === 'choice' || kind === 'boolean') return ['is', 'is_not', ...empty];
  return kind === 'other' ? ['null', 'not_null'] : [...ordered, ...empty];
}

const hasValue = (operator: FilterOperator): boolean => operator !== 'null' && operator !== 'not_null';

/** Which rows are wanted: what was asked so far, and one more question. */
export function Filters({ columns, filters, onChange }: FiltersProps) {
  const { t } = useTranslation();
  const [name, setName] = useState(columns[0]?.name ?? '');
  const [chosen, setOperator] = useState<FilterOperator>();
  const [value, setValue] = useState('');
  const [isTried, setIsTried] = useState(false);
  const column = columns.find((each) => each.name === name);
  if (column === undefined) return null;
  const operators = operatorsOf(column);
  const operator = operators.find((each) => each === chosen) ?? operators[0] ?? 'is';
  const isPart = operator === 'contains' || operator === 'begins';
  const problem = !hasValue(operator)
    ? undefined
    : isPart
      ? value === ''
        ? 'required'
        : undefined
      : problemOf(column, value);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (problem !== undefined) return;
    onChange([...filters, { column: name, operator, value: hasValue(operator) ? value : '' }]);
    setValue('');
    setIsTried(false);
  };
  return (
    <div className={classes.filters}>
      {filters.length > 0 && (
        <Group
          gap="xs"
          component="ul"
          className={classes.conditions}
          aria-label={t('databaseBrowse.filter.conditions')}
        >
          {filters.map((each, at) => (
            // Two may be the same.
            <li key={`${at} ${each.column} ${each.operator} ${each.value}`}>
              <Pill size="md" component="span" className={classes.condition ?? ''}>
                <bdi className={classes.column}>{each.column}</bdi>{' '}
                {t(`databaseBrowse.filter.operators.${each.operator}`)} <bdi>{each.value}</bdi>
                <ActionIcon
                  size="xs"
                  variant="transparent"
                  color="gray"
                  aria-label={t('databaseBrowse.filter.remove', { name: each.column })}
                  onClick={() => onChange(filters.filter((_, other) => other !== at))}
                >
                  <IconX size={13} aria-hidden />
                </ActionIcon>
              </Pill>
            </li>
          ))}
        </Group>
      )}
      {filters.length < most && (
        <form className={classes.question} onSubmit={submit} noValidate autoComplete="off">
          <NativeSelect
            aria-label={t('databaseBrowse.of.column')}
            dir="ltr"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            data={columns.map((each) => each.name)}
          />
          <NativeSelect
            aria-label={t('databaseBrowse.filter.operator')}
            value={operator}
            onChange={(event) => setOperator(operators.find((each) => each === event.currentTarget.value))}
            data={operators.map((each) => ({ value: each, label: t(`databaseBrowse.filter.operators.${each}`) }))}
          />
          {hasValue(operator) && (
            <TextInput
              className={classes.wanted ?? ''}
              aria-label={t('databaseBrowse.filter.value')}
              dir={column.kind === 'text' ? 'auto' : 'ltr'}
              value={value}
              maxLength={1_000}
              error={isTried && problem !== undefined ? fieldText(t, problem) : undefined}
              onChange={(event) => setValue(event.currentTarget.value)}
              spellCheck={false}
              autoCapitalize="none"
            />
          )}
          <Button type="submit" variant="default">
            {t('databaseBrowse.filter.add')}
          </Button>
        </form>
      )}
    </div>
  );
}
