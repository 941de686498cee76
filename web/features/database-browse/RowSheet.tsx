import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import classes from './Row.module.css';
import { rowQuery, useChangeRow, type TableColumn, type TableRow } from './browse.queries.ts';
import { RowField } from './RowField.tsx';
import { changesOf, problemOf, type Draft } from './row-values.ts';

type Place = { readonly databaseId: string; readonly table: string };
type RowSheetProps = Place & {
  readonly columns: readonly TableColumn[];
  /** null: a new one. */
  readonly row: string | null;
  readonly onClose: () => void;
};

const formId = 'row-form';

/** One row beside its table: read anew when it is opened, so that what is changed is what is seen. */
export function RowSheet({ row, columns, ...place }: RowSheetProps) {
  if (row === null) return <RowForm {...place} columns={columns} />;
  return <KnownRow {...place} row={row} />;
}

function KnownRow({ row, ...place }: Place & { readonly row: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(rowQuery(place.databaseId, place.table, row));
  if (data !== undefined)
    return (
      <RowForm
        key={data.version}
        {...place}
        columns={data.columns}
        known={{ ...data, row }}
        onReload={() => void refetch()}
      />
    );
  return (
    <SideSheet title={t('databaseBrowse.row.edit')} onClose={place.onClose}>
      {error === null ? <LoadingRows rows={6} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </SideSheet>
  );
}

type RowFormProps = Place & {
  readonly columns: readonly TableColumn[];
  readonly known?: TableRow & { readonly row: string };
  readonly onReload?: () => void;
  readonly onClose: () => void;
};

function RowForm({ databaseId, table, columns, known, onReload, onClose }: RowFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const change = useChangeRow(databaseId);
  const [draft, setDraft] = useState<Draft>({});
  const [isTried, setIsTried] = useState(false);
  const [isAsking, setIsAsking] = useState(false);
  const values = changesOf(columns, draft, known?.cells);
  const own: Record<string, string> = {};
  for (const { column: name, value } of values) {
    const column = columns.find((each) => each.name === name);
    const problem = column === undefined ? undefined : problemOf(column, value);
    if (problem !== undefined) own[name] = fieldText(t, problem);
  }
  const said: Record<string, string | undefined> = {};
  if (change.isError && change.variables !== undefined && 'values' in change.variables)
    for (const [field, text] of Object.entries(fieldErrors(change.error))) {
      const at = Number(/^values\.(\d+)\./.exec(field)?.[1]);
      said[change.variables.values[at]?.column ?? ''] = text;
    }
  const isOther = change.isError && toApiError(change.error).fields.length === 0;
  const isChanged = change.isError && toApiError(change.error).code === 'changed_meanwhile';
  const edit = (name: string, value: string | null | undefined): void => {
    setDraft({ ...draft, [name]: value });
    if (change.isError) change.reset();
  };
  const done = (text: string): void => {
    sayDone(text);
    onClose();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (change.isPending || Object.keys(own).length > 0) return;
    if (known === undefined)
      finish(change, { kind: 'insert', table, values }, { onSuccess: () => done(t('databaseBrowse.row.added')) });
    else if (values.length > 0) {
      const { row, version } = known;
      const onSuccess = (): void => done(t('databaseBrowse.row.saved'));
      finish(change, { kind: 'update', table, row, version, values }, { onSuccess });
    }
  };
  const remove = (): void => {
    if (known === undefined) return;
    const { row, version } = known;
    finish(
      change,
      { kind: 'delete', table, row, version },
      { onSuccess: () => done(t('databaseBrowse.row.deleted')), onSettled: () => setIsAsking(false) },
    );
  };
  return (
    <SideSheet
      title={t(known === undefined ? 'databaseBrowse.row.new' : 'databaseBrowse.row.edit')}
      onClose={change.isPending ? () => undefined : onClose}
      closesOnEscape={!isAsking}
      size={640}
      footer={
        <>
          <Button
            type="submit"
            form={formId}
            loading={change.isPending}
            disabled={known !== undefined && values.length === 0}
          >
            {t(known === undefined ? 'databaseBrowse.row.add' : 'common.actions.save')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={change.isPending}>
            {t('common.actions.cancel')}
          </Button>
          {known !== undefined && (
            <Button
              className={classes.delete ?? ''}
              variant="subtle"
              color="red"
              disabled={change.isPending}
              onClick={() => setIsAsking(true)}
            >
              {t('databaseBrowse.row.delete')}
            </Button>
          )}
        </>
      }
    >
      <form id={formId} className={classes.fields} onSubmit={submit} noValidate autoComplete="off">
        {isOther && (
          <Notice
            tone="bad"
            role="alert"
            title={t('databaseBrowse.row.failed')}
            actions={
              isChanged && onReload !== undefined ? (
                <Button variant="default" size="compact-sm" onClick={onReload}>
                  {t('databaseBrowse.row.reload')}
                </Button>
              ) : undefined
            }
          >
            {errorText(change.error)}
          </Notice>
        )}
        {columns.map((column, at) => (
          <RowField
            key={column.name}
            column={column}
            cell={known?.cells[at]}
            value={draft[column.name]}
            error={(isTried ? own[column.name] : undefined) ?? said[column.name]}
            onChange={(value) => edit(column.name, value)}
          />
        ))}
      </form>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('databaseBrowse.row.deleteTitle')}
        confirmLabel={t('databaseBrowse.row.delete')}
        isDangerous
        isBusy={change.isPending}
        onConfirm={remove}
        onClose={() => setIsAsking(false)}
      >
        {t('databaseBrowse.row.deleteText')}
      </ConfirmDialog>
    </SideSheet>
  );
}
