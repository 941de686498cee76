import { Checkbox } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { ListedSite } from '#shared/sites.ts';
import { shownName } from '../site-names.ts';
import { useChosen } from './use-chosen.ts';

/** The box at the beginning of a row. */
export function ChooseSite({ site }: { readonly site: ListedSite }) {
  const { t } = useTranslation();
  const chosen = useChosen();
  if (chosen === null) return null;
  return (
    <Checkbox
      size="xs"
      radius="sm"
      aria-label={t('batches.select', { name: shownName(site) })}
      checked={chosen.ids.has(site.id)}
      onChange={() => chosen.toggle(site.id)}
    />
  );
}
