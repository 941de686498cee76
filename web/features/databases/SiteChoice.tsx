import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { findSitesQuery } from '../sites/sites.queries.ts';

type SiteChoiceProps = {
  readonly value: { readonly id: string; readonly name: string } | null;
  readonly onChange: (site: { readonly id: string; readonly name: string } | null) => void;
  readonly label: string;
  readonly description?: string;
  readonly error?: string | undefined;
  readonly isRequired?: boolean;
  readonly disabled?: boolean;
};

/** One of the sites that the person sees, found by typing. */
export function SiteChoice({ value, onChange, isRequired = false, ...rest }: SiteChoiceProps) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const wanted = useDeferredValue(search === value?.name ? '' : search.trim());
  const { data } = useQuery(findSitesQuery(wanted));
  const found = (data?.items ?? []).map(({ id, name }) => ({ value: id, label: name }));
  const options =
    value === null || found.some((each) => each.value === value.id)
      ? found
      : [{ value: value.id, label: value.name }, ...found];
  return (
    <Select
      {...rest}
      data={options}
      value={value?.id ?? null}
      searchable
      clearable={!isRequired}
      searchValue={search}
      onSearchChange={setSearch}
      // The panel has searched: domains count too, and they are not in the label.
      filter={({ options: all }) => all}
      placeholder={t('databases.noSite')}
      nothingFoundMessage={t('databases.noSiteFound')}
      onChange={(id) => {
        const label = options.find((each) => each.value === id)?.label;
        onChange(id === null || label === undefined ? null : { id, name: label });
      }}
    />
  );
}
