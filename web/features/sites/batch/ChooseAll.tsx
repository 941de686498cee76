import { Checkbox } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mostInBatch } from '#shared/site-batches.ts';
import { useErrorText } from '../../../ui/error-text.ts';
import { useFormat } from '../../../ui/format.ts';
import { sayFailed } from '../../../ui/toasts.ts';
import type { SiteFilters } from '../sites.queries.ts';
import { listSiteIds } from './batch.queries.ts';
import { useChosen } from './use-chosen.ts';

/** The box above the boxes: every site of the list, also those that are not in sight. */
export function ChooseAll({ filters, total }: { readonly filters: SiteFilters; readonly total: number }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const client = useQueryClient();
  const chosen = useChosen();
  const [isAsking, setIsAsking] = useState(false);
  if (chosen === null) return null;
  const count = Math.min(total, mostInBatch);
  const label = t(total > mostInBatch ? 'batches.selectMost' : 'batches.selectAll', { value: format.number(count) });
  const chooseAll = (): void => {
    setIsAsking(true);
    listSiteIds(client, filters, mostInBatch)
      .then(chosen.choose, (error: unknown) => sayFailed(label, errorText(error)))
      .finally(() => setIsAsking(false));
  };
  return (
    <Checkbox
      size="xs"
      radius="sm"
      aria-label={label}
      title={label}
      disabled={isAsking}
      checked={chosen.ids.size >= count}
      indeterminate={chosen.ids.size > 0 && chosen.ids.size < count}
      onChange={() => (chosen.ids.size > 0 ? chosen.choose([]) : chooseAll())}
    />
  );
}
