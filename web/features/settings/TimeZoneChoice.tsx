import { Group, Select, Text, type ComboboxItem, type OptionsFilter } from '@mantine/core';
import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLook } from '../../ui/LookProvider.tsx';
import { Token } from '../../ui/Token.tsx';
import { allZones, rankOf, ownZone, plainWord, zoneOf, type Zone } from './time-zones.ts';

const shown = 60;

type TimeZoneChoiceProps = {
  /** Null: none is chosen. */
  readonly value: string | null;
  readonly onChange: (value: string) => void;
  readonly labelledBy: string;
  /** That of the browser stands above all others, as `auto`. */
  readonly hasAuto: boolean;
};

/** A searchable list of zones, and the time it is in the chosen one. */
export function TimeZoneChoice({ value, onChange, labelledBy, hasAuto }: TimeZoneChoiceProps) {
  const { t } = useTranslation();
  const { look, language } = useLook();
  const [isOpened, setIsOpened] = useState(false);
  const [now] = useState(() => new Date());
  const zones = useMemo<readonly Zone[]>(() => {
    if (isOpened) return allZones(language, now);
    return value === null || value === 'auto' ? [] : [zoneOf(value, language, now)];
  }, [isOpened, language, now, value]);
  const byName = useMemo(() => new Map(zones.map((zone) => [zone.name, zone])), [zones]);
  const auto = t('settings.appearance.timeZoneAuto', { zone: ownZone() });

  const filter: OptionsFilter = ({ options, search, limit }) => {
    const found = (options as ComboboxItem[]).flatMap((option) => {
      const zone = byName.get(option.value);
      const rank =
        zone === undefined ? (plainWord(auto).includes(plainWord(search)) ? 0 : undefined) : rankOf(zone, search);
      return rank === undefined ? [] : [{ option, rank }];
    });
    return found
      .sort((one, other) => one.rank - other.rank)
      .slice(0, limit)
      .map(({ option }) => option);
  };
  return (
    <>
      <Select
        aria-labelledby={labelledBy}
        searchable
        limit={shown}
        filter={filter}
        maxDropdownHeight={320}
        nothingFoundMessage={t('settings.appearance.timeZoneNothing')}
        placeholder={t('settings.appearance.timeZoneSearch')}
        value={value}
        onChange={(next) => next !== null && onChange(next)}
        onDropdownOpen={() => setIsOpened(true)}
        data={[
          ...(hasAuto ? [{ value: 'auto', label: auto }] : []),
          ...zones.map(({ name }) => ({ value: name, label: name.replaceAll('_', ' ') })),
        ]}
        renderOption={({ option }) => <ZoneOption zone={byName.get(option.value)} label={option.label} />}
      />
      {value !== null && (
        <ZoneClock
          zone={value === 'auto' ? ownZone() : value}
          locale={language === 'ar' ? `ar-u-nu-${look.digits}` : 'en-GB'}
        />
      )}
    </>
  );
}

function ZoneOption({ zone, label }: { readonly zone: Zone | undefined; readonly label: string }) {
  if (zone === undefined) return label;
  return (
    <Group justify="space-between" wrap="nowrap" gap="md" w="100%">
      <div>
        <Text size="sm" component="div">
          <Token>{label}</Token>
        </Text>
        <Text size="xs" c="dimmed" component="div">
          {zone.title}
        </Text>
      </div>
      <Text size="xs" c="dimmed" component="span" className="numbers">
        <Token>{zone.offset}</Token>
      </Text>
    </Group>
  );
}

/** The clock of a zone, by the second. */
function ZoneClock({ zone, locale }: { readonly zone: string; readonly locale: string }) {
  const { t } = useTranslation();
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), 1000);
    return () => clearInterval(timer);
  }, []);
  const time = useMemo(
    () =>
      new Intl.DateTimeFormat(locale, {
        timeZone: zone,
        weekday: 'long',
        hour: '2-digit',
        minute: '2-digit',
        second: '2-digit',
        hourCycle: 'h23',
      }),
    [locale, zone],
  );
  return (
    <Text size="sm" c="dimmed" mt={8} className="numbers" component="div">
      {t('settings.appearance.timeThere')}: <bdi>{time.format(now)}</bdi>
    </Text>
  );
}
