import { Button, Input, NativeSelect, Switch, TextInput, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import classes from './Row.module.css';
import type { TableCell, TableColumn } from './browse.queries.ts';
import { editableOf } from './row-values.ts';

type RowFieldProps = {
  readonly column: TableColumn;
  /** Absent in a row that is new. */
  readonly cell?: TableCell | undefined;
  /** undefined: as it is, or the table's own default. */
  readonly value: string | null | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: string | null | undefined) => void;
};

const placeholders: Partial<Record<TableColumn['kind'], string>> = {
  date: 'YYYY-MM-DD',
  datetime: 'YYYY-MM-DD hh:mm:ss',
  time: 'hh:mm:ss',
  bytes: '00FF1A',
  bits: '0101',
};
const inputModes = { integer: 'numeric', bits: 'numeric', decimal: 'decimal', number: 'decimal' } as const;
const isLong = ({ kind, type }: TableColumn, value: string): boolean =>
  kind === 'json' || kind === 'bytes' || (kind === 'text' && (/text|json|xml/i.test(type) || /[\n\r]/.test(value)));

/** One value of a row by the type of its column, with NULL as a choice of its own. */
export function RowField({ column, cell, value, error, onChange }: RowFieldProps) {
  const { t } = useTranslation();
  const { name, type, kind, isNullable, isGenerated, isKey } = column;
  const isNew = cell === undefined;
  const known = editableOf(cell);
  const shown = value === undefined ? known : value;
  const isFixed = isGenerated || kind === 'other';
  // Only the beginning is here: it stays, or is written anew as a whole.
  const isCut = !isNew && known === undefined && value === undefined;
  const state = isNew && value === undefined ? t('databaseBrowse.row.byDefault') : shown === null ? 'NULL' : undefined;
  const id = `row-${name}`;
  return (
    <div className={classes.field}>
      <div className={classes.head}>
        <label htmlFor={id} className={classes.name}>
          <bdi>{name}</bdi>
        </label>
        <bdi dir="ltr" className={classes.type}>
          {type}
        </bdi>
        {isKey && <span className={classes.type}>{t('databaseBrowse.key')}</span>}
        {!isFixed && isNullable && (
          <Switch
            className={classes.null ?? ''}
            size="xs"
            label={<span dir="ltr">NULL</span>}
            aria-label={t('databaseBrowse.row.nullOf', { name })}
            checked={shown === null}
            onChange={(event) => onChange(event.currentTarget.checked ? null : (known ?? ''))}
          />
        )}
      </div>
      {isFixed ? (
        <Input.Description>{t('databaseBrowse.row.generated')}</Input.Description>
      ) : isCut ? (
        <>
          <p className={classes.beginning} dir="auto">
            {typeof cell === 'object' && cell !== null ? `${cell.isBinary ? '0x' : ''}${cell.text.slice(0, 400)}…` : ''}
          </p>
          <Button variant="default" size="compact-sm" id={id} onClick={() => onChange('')}>
            {t('databaseBrowse.row.replace')}
          </Button>
        </>
      ) : (
        <ValueInput
          id={id}
          column={column}
          text={typeof shown === 'string' ? shown : ''}
          state={state}
          error={error}
          onChange={onChange}
        />
      )}
      {isNew && value !== undefined && !isFixed && (
        <Button variant="subtle" size="compact-xs" onClick={() => onChange(undefined)}>
          {t('databaseBrowse.row.useDefault')}
        </Button>
      )}
    </div>
  );
}

type ValueInputProps = {
  readonly id: string;
  readonly column: TableColumn;
  readonly text: string;
  /** What stands there instead of a value. */
  readonly state: string | undefined;
  readonly error: string | undefined;
  readonly onChange: (value: string | undefined) => void;
};

function ValueInput({ id, column, text, state, error, onChange }: ValueInputProps) {
  const { kind, choices, default: given } = column;
  const common = {
    id,
    error,
    autoComplete: 'off',
    autoCapitalize: 'none',
    spellCheck: false,
    dir: kind === 'text' ? 'auto' : 'ltr',
    classNames: { input: classes.input ?? '' },
  } as const;
  const none = state === undefined ? undefined : given === null ? state : `${state}: ${given}`;
  if (kind === 'boolean' || kind === 'choice') {
    const all = kind === 'boolean' ? ['true', 'false'] : choices;
    const data = [
      ...(state === undefined && all.includes(text) ? [] : [{ value: '', label: none ?? '' }]),
      ...all.filter((each) => each !== '').map((each) => ({ value: each, label: each })),
    ];
    return (
      <NativeSelect
        {...common}
        data={data}
        value={state === undefined ? text : ''}
        onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      />
    );
  }
  const onText = (event: { currentTarget: { value: string } }): void => onChange(event.currentTarget.value);
  const placeholder = none ?? placeholders[kind];
  if (isLong(column, text))
    return (
      <Textarea
        {...common}
        autosize
        minRows={2}
        maxRows={14}
        value={text}
        placeholder={placeholder}
        onChange={onText}
      />
    );
  const mode = inputModes[kind as keyof typeof inputModes];
  return (
    <TextInput
      {...common}
      {...(mode === undefined ? {} : { inputMode: mode })}
      value={text}
      placeholder={placeholder}
      onChange={onText}
    />
  );
}
