import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ListedSite } from '#shared/sites.ts';
import { toApiError } from '../../api/errors.ts';
import { Notice } from '../../ui/Notice.tsx';
import { shownName } from '../sites/site-names.ts';
import { findSitesQuery, siteQuery } from '../sites/sites.queries.ts';
import classes from './RightsFields.module.css';

type SitesPickerProps = {
  readonly value: readonly string[];
  readonly onChange: (value: string[]) => void;
  readonly isDisabled: boolean;
  readonly error: string | undefined;
};

const searchDelayMs = 220;

/** Sites that somebody may work on, found by name or domain. */
export function SitesPicker({ value, onChange, isDisabled, error }: SitesPickerProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed.trim(), searchDelayMs);
  const found = useQuery(findSitesQuery(search));
  const offered = found.data?.items ?? [];
  const [seen, setSeen] = useState<ReadonlyMap<string, string>>(new Map());
  // Names that were in sight once need no question of their own.
  const unknown = value.filter((id) => !seen.has(id) && !offered.some((site) => site.id === id));
  const asked = useQueries({ queries: unknown.map((id) => ({ ...siteQuery(id), retry: false })) });
  const nameOf = (id: string): string => {
    const answer = asked[unknown.indexOf(id)];
    const site = offered.find((each) => each.id === id) ?? answer?.data;
    if (site !== undefined) return shownName(site);
    const isGone = answer?.error != null && toApiError(answer.error).code === 'not_found';
    return seen.get(id) ?? (isGone ? t('people.form.sitesUnknown') : '…');
  };
  const options = [...new Set([...value, ...offered.map(({ id }: ListedSite) => id)])].map((id) => ({
    value: id,
    label: nameOf(id),
  }));
  const choose = (next: string[]): void => {
    setSeen((before) => new Map([...before, ...next.map((id) => [id, nameOf(id)] as const)]));
    onChange(next);
  };
  return (
    <div>
      <MultiSelect
        label={t('people.form.sites')}
        description={t('people.form.sitesHint')}
        placeholder={t('people.form.sitesSearch')}
        data={options}
        value={[...value]}
        onChange={choose}
        searchable
        searchValue={typed}
        onSearchChange={setTyped}
        // The panel has searched already, in domains too.
        filter={({ options: all }) => all}
        hidePickedOptions
        nothingFoundMessage={found.isFetching ? t('common.states.loading') : t('people.form.sitesNothing')}
        maxDropdownHeight={260}
        disabled={isDisabled}
        error={error}
      />
      {value.length === 0 && (
        <Notice tone="warn" className={classes.none}>
          {t('people.form.sitesNone')}
        </Notice>
      )}
    </div>
  );
}
