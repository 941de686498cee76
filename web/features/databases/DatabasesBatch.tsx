import { Button, Stack } from '@mantine/core';
import { IconTool, IconTrash } from '@tabler/icons-react';
import { useQueries, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { databaseMaintenanceApi } from '#shared/database-maintenance.ts';
import { databasesApi, type DatabaseRemovalPreview } from '#shared/databases.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { ListBatchBar, Outcomes } from '../../ui/lists/ListBatch.tsx';
import { useOneByOne } from '../../ui/lists/use-one-by-one.ts';
import { Notice } from '../../ui/Notice.tsx';
import { LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { tablesQuery } from '../database-browse/browse.queries.ts';
import classes from './Databases.module.css';
import { databaseRemovalQuery, type Database } from './databases.queries.ts';
import { Gone } from './Gone.tsx';

/** Of one job. */
const mostTables = 500;

export type ChosenDatabase = Database & { readonly id: string };
type BatchProps = { readonly chosen: readonly ChosenDatabase[]; readonly onClear: () => void };

/** What can be done with several databases; each is a job of its own, and one that is refused stops none of the others. */
export function DatabasesBatch({ chosen, onClear }: BatchProps) {
  const { t } = useTranslation();
  const mayManage = useCan()('databases.manage');
  const client = useQueryClient();
  const [isDeleting, setIsDeleting] = useState(false);
  const { running, run, close } = useOneByOne(() => {
    void client.invalidateQueries({ queryKey: ['jobs'] });
    void client.invalidateQueries({ queryKey: ['databases'] });
  });
  const nameOf = ({ name, engine }: ChosenDatabase): string => `${name} (${engine})`;
  const analyze = (): void =>
    run(t('databases.batch.analyze'), chosen, nameOf, async ({ id }) => {
      const { items } = await client.fetchQuery({ ...tablesQuery(id), staleTime: 0 });
      const tables = items.filter(({ kind }) => kind === 'table').map(({ name }) => name);
      // What has no tables is in order.
      if (tables.length === 0) return;
      await call(databaseMaintenanceApi.start, {
        params: { databaseId: id },
        body: { kind: 'analyze', tables: tables.slice(0, mostTables) },
        idempotencyKey: newIdempotencyKey(),
      });
    });
  return (
    <>
      {chosen.length > 0 && (
        <ListBatchBar count={chosen.length} onClear={onClear}>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconTool size={16} aria-hidden />}
            disabled={!mayManage}
            onClick={analyze}
          >
            {t('databases.batch.analyze')}
          </Button>
          <Button
            size="xs"
            variant="default"
            color="red"
            leftSection={<IconTrash size={16} aria-hidden />}
            disabled={!mayManage}
            onClick={() => setIsDeleting(true)}
          >
            {t('databases.batch.delete')}
          </Button>
        </ListBatchBar>
      )}
      {isDeleting && (
        <DeleteSeveral
          chosen={chosen}
          onClose={() => setIsDeleting(false)}
          onConfirm={(confirms) => {
            setIsDeleting(false);
            run(t('databases.batch.delete'), chosen, nameOf, ({ id }) =>
              call(databasesApi.remove, { params: { databaseId: id }, body: { confirm: confirms.get(id) ?? '' } }),
            );
          }}
        />
      )}
      {running !== null && (
        <Outcomes
          {...running}
          onClose={() => {
            close();
            onClear();
          }}
        />
      )}
    </>
  );
}

type DeleteSeveralProps = {
  readonly chosen: readonly ChosenDatabase[];
  readonly onClose: () => void;
  /** What was shown of each, by its mark. */
  readonly onConfirm: (confirms: ReadonlyMap<string, string>) => void;
};

/** What would go of each; what has changed by then is refused for that one. */
function DeleteSeveral({ chosen, onClose, onConfirm }: DeleteSeveralProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const previews = useQueries({ queries: chosen.map(({ id }) => databaseRemovalQuery(id)) });
  const known = new Map<string, DatabaseRemovalPreview>();
  for (const [index, { data }] of previews.entries()) {
    const id = chosen[index]?.id;
    if (data !== undefined && id !== undefined) known.set(id, data);
  }
  const title = t('databases.batch.deleteTitle', { count: chosen.length, value: format.number(chosen.length) });
  const failure = previews.find(({ error }) => error !== null)?.error ?? null;
  return (
    <ConfirmDialog
      isOpen
      isDangerous
      title={title}
      confirmLabel={t('databases.batch.delete')}
      canConfirm={known.size === chosen.length}
      onClose={onClose}
      onConfirm={() => onConfirm(new Map([...known].map(([id, { confirm }]) => [id, confirm])))}
    >
      <Stack gap="md">
        {failure !== null && (
          <Notice tone="bad" role="alert">
            {errorText(failure)}
          </Notice>
        )}
        <ul className={classes.several} tabIndex={0} aria-label={title}>
          {chosen.map(({ id, name }) => {
            const preview = known.get(id);
            return (
              <li key={id}>
                <Token mono>{name}</Token>
                {preview === undefined ? <LoadingRows rows={1} /> : <Gone preview={preview} />}
              </li>
            );
          })}
        </ul>
        <p className={classes.text}>{t('databases.delete.kept')}</p>
      </Stack>
    </ConfirmDialog>
  );
}
