import { Select } from '@mantine/core';
import { useMemo, type ReactNode } from 'react';

/** One of the time zones that this browser knows, found by typing. */
export function ZoneSelect({
  label,
  noneText,
  value,
  onChange,
  error,
  isFixed = false,
}: {
  readonly label: string;
  /** Where nothing fits what was typed. */
  readonly noneText: string;
  readonly value: string;
  readonly onChange: (zone: string) => void;
  readonly error?: ReactNode;
  readonly isFixed?: boolean;
}) {
  const zones = useMemo(() => [...new Set(['UTC', value, ...Intl.supportedValuesOf('timeZone')])], [value]);
  return (
    <Select
      label={label}
      value={value}
      data={zones.map((zone) => ({ value: zone, label: zone.replaceAll('_', ' ') }))}
      onChange={(zone) => zone !== null && onChange(zone)}
      nothingFoundMessage={noneText}
      error={error}
      disabled={isFixed}
      searchable
      limit={60}
      dir="ltr"
    />
  );
}
