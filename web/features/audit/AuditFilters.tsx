import { ActionIcon, Autocomplete, Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconFilterOff, IconSearch, IconX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { actionTitle, auditActions } from './audit-actions.ts';
import classes from './AuditFilters.module.css';
import { auditOutcomes, type AuditSearch } from './audit-search.ts';
import type { AuditRow } from './audit.queries.ts';

type Change = { [K in keyof AuditSearch]?: AuditSearch[K] | undefined };

type AuditFiltersProps = {
  readonly search: AuditSearch;
  /** What is shown: its people are offered. */
  readonly rows: readonly AuditRow[];
  readonly onChange: (change: Change) => void;
  readonly onClear: (() => void) | null;
};

/** All filters together; each of them stands in the address. */
export function AuditFilters({ search, rows, onChange, onClear }: AuditFiltersProps) {
  const { t } = useTranslation();
  const titles = auditActions
    // The console's lines have a dot in their name.
    .map((key) => ({ value: key.replace(/^console_/, 'console.'), label: actionTitle(t, key) ?? key }))
    .sort((one, other) => one.label.localeCompare(other.label));
  const people = [...new Set(rows.filter(({ actor }) => actor.id !== null).map(({ actor }) => actor.name))].sort();
  return (
    <div className={classes.filters} role="search" aria-label={t('audit.filters')}>
      <TypedFilter
        className={classes.search ?? ''}
        label={t('audit.search')}
        value={search.search ?? ''}
        max={200}
        onChange={(text) => onChange({ search: text })}
      />
      <Select
        aria-label={t('audit.filter')}
        placeholder={t('audit.allActions')}
        data={titles}
        value={search.action ?? null}
        onChange={(action) => onChange({ action: action ?? undefined })}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': t('audit.clearFilter') }}
        nothingFoundMessage={t('common.states.noResults')}
        className={classes.wide ?? ''}
      />
      <Autocomplete
        aria-label={t('audit.who')}
        placeholder={t('audit.anybody')}
        data={people}
        value={search.actor ?? ''}
        onChange={(actor) => onChange({ actor })}
        maxLength={128}
        className={classes.field ?? ''}
      />
      <Select
        aria-label={t('audit.outcome')}
        value={search.outcome ?? 'all'}
        data={[
          { value: 'all', label: t('audit.allOutcomes') },
          ...auditOutcomes.map((value) => ({ value, label: t(`audit.outcomes.${value}`) })),
        ]}
        onChange={(value) => onChange({ outcome: auditOutcomes.find((each) => each === value) })}
        className={classes.field ?? ''}
      />
      <DayField label={t('audit.from')} value={search.from} onChange={(from) => onChange({ from })} />
      <DayField label={t('audit.to')} value={search.to} onChange={(to) => onChange({ to })} />
      {onClear !== null && (
        <Button variant="subtle" color="gray" leftSection={<IconFilterOff size={16} aria-hidden />} onClick={onClear}>
          {t('audit.clearAll')}
        </Button>
      )}
    </div>
  );
}

type DayFieldProps = {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
};

function DayField({ label, value, onChange }: DayFieldProps) {
  return (
    <label className={classes.day}>
      <span>{label}</span>
      <TextInput
        type="date"
        value={value ?? ''}
        onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
      />
    </label>
  );
}

type TypedFilterProps = {
  readonly label: string;
  readonly value: string;
  readonly max: number;
  readonly className: string;
  readonly onChange: (text: string) => void;
};

const typingMs = 260;

/** The panel is asked when the typing pauses; a change of the address from elsewhere wins. */
function TypedFilter({ label, value, max, className, onChange }: TypedFilterProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState(value);
  const [sent, setSent] = useState(value);
  const [seen, setSeen] = useState(value);
  const send = useDebouncedCallback((text: string) => {
    setSent(text.trim());
    onChange(text.trim());
  }, typingMs);
  if (seen !== value) {
    setSeen(value);
    if (value !== sent) setTyped(value);
  }
  const type = (text: string): void => {
    setTyped(text);
    send(text);
  };
  return (
    <TextInput
      type="search"
      className={className}
      aria-label={label}
      placeholder={label}
      value={typed}
      onChange={(event) => type(event.currentTarget.value)}
      leftSection={<IconSearch size={17} stroke={1.8} aria-hidden />}
      rightSection={
        typed !== '' && (
          <ActionIcon size="sm" aria-label={t('audit.clearFilter')} onClick={() => type('')}>
            <IconX size={15} />
          </ActionIcon>
        )
      }
      maxLength={max}
    />
  );
}
