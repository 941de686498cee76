import { Button, Group, SegmentedControl, Stack, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { useChangeElement, type ElementChange, type RedisValue } from './redis.queries.ts';

export const editableTypes = ['hash', 'list', 'set', 'zset'] as const;
export type EditableType = (typeof editableTypes)[number];

type RedisElementFormProps = {
  readonly database: number;
  /** Of the key. */
  readonly id: string;
  readonly type: EditableType;
  /** null: a new one. */
  readonly entry: RedisValue['entries'][number] | null;
  readonly onClose: () => void;
};

/** A new element, or another value or score for one. */
export function RedisElementForm({ database, id, type, entry, onClose }: RedisElementFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const change = useChangeElement(database);
  const [field, setField] = useState('');
  const [value, setValue] = useState(entry?.value.text ?? '');
  const [score, setScore] = useState(entry?.score ?? '0');
  const [at, setAt] = useState<'head' | 'tail'>('tail');
  const said = change.isError ? fieldErrors(change.error) : {};
  const scoreSaid = Object.entries(said).find(([name]) => name.endsWith('score'))?.[1];
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (change.isPending) return;
    finish(
      change,
      { key: id, change: wanted({ type, entry, field, value, score: score.trim(), at }) },
      {
        onSuccess: () => {
          sayDone(t(entry === null ? 'redis.element.added' : 'redis.saved'));
          onClose();
        },
      },
    );
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {change.isError && scoreSaid === undefined && (
          <Notice tone="bad" role="alert">
            {errorText(change.error)}
          </Notice>
        )}
        {type === 'hash' && entry === null && (
          <TextInput
            label={t('redis.field')}
            value={field}
            onChange={(event) => setField(event.currentTarget.value)}
            dir="auto"
            spellCheck={false}
            data-autofocus
          />
        )}
        {type === 'zset' && (
          <TextInput
            label={t('redis.score')}
            value={score}
            onChange={(event) => setScore(event.currentTarget.value)}
            error={scoreSaid}
            dir="ltr"
            inputMode="decimal"
            maxLength={60}
            maw={200}
          />
        )}
        {(type !== 'zset' || entry === null) && (
          <Textarea
            label={t('redis.value')}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
            maxLength={64 * 1024}
            autosize
            minRows={1}
            maxRows={10}
            dir="auto"
            spellCheck={false}
          />
        )}
        {type === 'list' && entry === null && (
          <SegmentedControl
            value={at}
            onChange={(next) => setAt(next === 'head' ? 'head' : 'tail')}
            data={[
              { value: 'head', label: t('redis.element.head') },
              { value: 'tail', label: t('redis.element.tail') },
            ]}
          />
        )}
        <Group gap="xs">
          <Button type="submit" loading={change.isPending}>
            {t(entry === null ? 'redis.element.addNow' : 'redis.save')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('redis.element.cancel')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type Draft = Pick<RedisElementFormProps, 'entry' | 'type'> & {
  readonly field: string;
  readonly value: string;
  readonly score: string;
  readonly at: 'head' | 'tail';
};

function wanted({ type, entry, field, value, score, at }: Draft): ElementChange {
  if (entry !== null) {
    const seen = { kind: 'set', id: entry.id ?? '', revision: entry.revision ?? '' } as const;
    return type === 'zset' ? { ...seen, type, score } : { ...seen, type: type === 'hash' ? 'hash' : 'list', value };
  }
  if (type === 'hash') return { kind: 'add', type, field, value };
  if (type === 'list') return { kind: 'add', type, at, value };
  return type === 'set' ? { kind: 'add', type, value } : { kind: 'add', type, value, score };
}
