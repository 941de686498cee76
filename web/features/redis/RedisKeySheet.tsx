import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { KeyTime } from './KeyTime.tsx';
import classes from './Redis.module.css';
import { redisValueQuery, useDeleteKeys, useSetKey, type RedisText, type RedisValue } from './redis.queries.ts';
import { RedisEntries } from './RedisEntries.tsx';
import { RedisTextView } from './RedisTextView.tsx';

type RedisKeySheetProps = {
  readonly database: number;
  readonly id: string;
  readonly name: RedisText;
  readonly onClose: () => void;
};

/** One key: what it holds, a window at a time, and when it goes. */
export function RedisKeySheet({ database, id, name, onClose }: RedisKeySheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  // Where each window so far began.
  const [starts, setStarts] = useState<readonly (string | null)[]>([null]);
  const { data, error, refetch } = useQuery(redisValueQuery(database, id, starts.at(-1) ?? null));
  const remove = useDeleteKeys(database);
  const [isAsking, setIsAsking] = useState(false);
  const drop = (): void =>
    finish(remove, [id], {
      onSuccess: () => {
        sayDone(t('redis.delete.done'));
        onClose();
      },
      onError: (cause) => sayFailed(t('redis.delete.failed'), errorText(cause)),
      onSettled: () => setIsAsking(false),
    });
  return (
    <SideSheet
      title={<RedisTextView value={name} />}
      onClose={onClose}
      size={640}
      closesOnEscape={!isAsking}
      footer={
        <Button variant="light" color="red" onClick={() => setIsAsking(true)}>
          {t('redis.delete.action')}
        </Button>
      }
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Stack gap="lg">
          <Facts value={data} />
          <Value key={data.revision} database={database} id={id} value={data} />
          {(starts.length > 1 || data.next !== null) && (
            <Group gap="xs">
              <Button variant="default" disabled={starts.length === 1} onClick={() => setStarts(starts.slice(0, -1))}>
                {t('redis.previous')}
              </Button>
              <Button variant="default" disabled={data.next === null} onClick={() => setStarts([...starts, data.next])}>
                {t('redis.next')}
              </Button>
            </Group>
          )}
          <KeyTime key={String(data.expiresInMs === null)} database={database} id={id} expiresInMs={data.expiresInMs} />
        </Stack>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        title={t('redis.delete.title')}
        confirmLabel={t('redis.delete.action')}
        isDangerous
        isBusy={remove.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={drop}
      >
        <RedisTextView value={name} />
        <p>{t('redis.delete.text')}</p>
      </ConfirmDialog>
    </SideSheet>
  );
}

function Facts({ value }: { readonly value: RedisValue }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { type, length, sizeBytes } = value;
  return (
    <div className={classes.soft}>
      {type === 'other' ? <span>{t('redis.otherType')}</span> : <Token mono>{type}</Token>}
      {length !== null && (
        <span>
          {type === 'string'
            ? format.bytes(length)
            : t('redis.elements', { count: length, value: format.number(length) })}
        </span>
      )}
      {sizeBytes !== null && <span>{t('redis.inMemory', { size: format.bytes(sizeBytes) })}</span>}
    </div>
  );
}

type ValueProps = { readonly database: number; readonly id: string; readonly value: RedisValue };

function Value({ database, id, value }: ValueProps) {
  const { t } = useTranslation();
  const { type, text, revision } = value;
  if (type === 'other') return <p className={classes.soft}>{t('redis.notShown')}</p>;
  if (text !== null && revision !== null)
    return <TextForm database={database} id={id} text={text.text} revision={revision} />;
  if (text !== null)
    return (
      <div>
        <RedisTextView value={text} isWhole />
        <p className={classes.soft}>{t(text.isBinary ? 'redis.isBinary' : 'redis.isLong')}</p>
      </div>
    );
  return <RedisEntries database={database} id={id} value={value} />;
}

type TextFormProps = {
  readonly database: number;
  readonly id: string;
  readonly text: string;
  readonly revision: string;
};

/** A string that is here as a whole can be written again, unless somebody has changed it meanwhile. */
function TextForm({ database, id, text, revision }: TextFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const set = useSetKey(database);
  const [draft, setDraft] = useState(text);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (set.isPending) return;
        finish(
          set,
          { key: id, value: draft, revision, ttlSeconds: null },
          { onSuccess: () => sayDone(t('redis.saved')) },
        );
      }}
    >
      <Stack gap="sm">
        {set.isError && (
          <Notice tone="bad" role="alert">
            {errorText(set.error)}
          </Notice>
        )}
        <Textarea
          label={t('redis.value')}
          value={draft}
          onChange={(event) => setDraft(event.currentTarget.value)}
          maxLength={256 * 1024}
          autosize
          minRows={3}
          maxRows={16}
          dir="auto"
          spellCheck={false}
        />
        {draft !== text && (
          <Group>
            <Button type="submit" loading={set.isPending}>
              {t('redis.save')}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}
