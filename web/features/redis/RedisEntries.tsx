import { ActionIcon, Button, Group } from '@mantine/core';
import { IconPencil, IconPlus, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import classes from './Redis.module.css';
import { useChangeElement, type RedisValue } from './redis.queries.ts';
import { editableTypes, RedisElementForm, type EditableType } from './RedisElementForm.tsx';
import { RedisTextView } from './RedisTextView.tsx';

type Entry = RedisValue['entries'][number];
type RedisEntriesProps = { readonly database: number; readonly id: string; readonly value: RedisValue };
const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

/** Elements of a key, each of which is changed and removed by itself. Streams are only shown. */
export function RedisEntries({ database, id, value }: RedisEntriesProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const change = useChangeElement(database);
  const { type, entries } = value;
  const editable = editableTypes.find((each) => each === type);
  const [open, setOpen] = useState<'add' | number | null>(null);
  const [removing, setRemoving] = useState<Entry | null>(null);
  const remove = (): void => {
    if (editable === undefined || removing?.id == null) return;
    const seen = { kind: 'remove', id: removing.id } as const;
    const wanted =
      editable === 'set'
        ? ({ ...seen, type: editable } as const)
        : ({ ...seen, type: editable, revision: removing.revision ?? '' } as const);
    finish(
      change,
      { key: id, change: wanted },
      {
        onSuccess: () => sayDone(t('redis.element.removed')),
        onError: (cause) => sayFailed(t('redis.element.failed'), errorText(cause)),
        onSettled: () => setRemoving(null),
      },
    );
  };
  const form = (kind: EditableType, entry: Entry | null) => (
    <RedisElementForm database={database} id={id} type={kind} entry={entry} onClose={() => setOpen(null)} />
  );
  return (
    <div>
      <table className={classes.entries}>
        <thead>
          <tr>
            {type === 'stream' && <th scope="col">{t('redis.entry')}</th>}
            {type === 'hash' && <th scope="col">{t('redis.field')}</th>}
            {type === 'zset' && <th scope="col">{t('redis.score')}</th>}
            <th scope="col">{t('redis.value')}</th>
            {editable !== undefined && <td aria-hidden />}
          </tr>
        </thead>
        <tbody>
          {entries.map((entry, at) =>
            editable !== undefined && open === at ? (
              // Rows of one window never change their places.
              <tr key={at}>
                <td colSpan={3}>{form(editable, entry)}</td>
              </tr>
            ) : (
              <tr key={at}>
                {(type === 'hash' || type === 'stream') && (
                  <td>{entry.field !== null && <RedisTextView value={entry.field} />}</td>
                )}
                {type === 'zset' && (
                  <td>
                    <Token mono>{entry.score ?? ''}</Token>
                  </td>
                )}
                <td>
                  <RedisTextView value={entry.value} isWhole={type === 'stream'} />
                </td>
                {editable !== undefined && (
                  <td className={classes.actions}>
                    {canEdit(editable, entry) && (
                      <ActionIcon aria-label={t('redis.element.edit')} onClick={() => setOpen(at)}>
                        <IconPencil {...icon} />
                      </ActionIcon>
                    )}
                    {canRemove(editable, entry) && (
                      <ActionIcon color="red" aria-label={t('redis.element.remove')} onClick={() => setRemoving(entry)}>
                        <IconTrash {...icon} />
                      </ActionIcon>
                    )}
                  </td>
                )}
              </tr>
            ),
          )}
        </tbody>
      </table>
      {editable !== undefined && (
        <div className={classes.add}>
          {open === 'add' ? (
            form(editable, null)
          ) : (
            <Group>
              <Button variant="default" leftSection={<IconPlus {...icon} />} onClick={() => setOpen('add')}>
                {t('redis.element.add')}
              </Button>
            </Group>
          )}
        </div>
      )}
      <ConfirmDialog
        isOpen={removing !== null}
        title={t('redis.element.removeTitle')}
        confirmLabel={t('redis.element.remove')}
        isDangerous
        isBusy={change.isPending}
        onClose={() => setRemoving(null)}
        onConfirm={remove}
      >
        {removing !== null && <RedisTextView value={removing.field ?? removing.value} />}
        <p>{t('redis.element.removeText')}</p>
      </ConfirmDialog>
    </div>
  );
}

/** What is no text, or not here as a whole, is shown and not written. A member of a set is what it is. */
function canEdit(type: EditableType, { id, value, revision }: Entry): boolean {
  if (type === 'set' || id === null || revision === null) return false;
  return type === 'zset' || (!value.isBinary && !value.isCut);
}

const canRemove = (type: EditableType, { id, revision }: Entry): boolean =>
  id !== null && (type === 'set' || revision !== null);
