import { Button, NumberInput, Stack, Textarea, TextInput } from '@mantine/core';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { fieldText, useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { idOf, useSetKey } from './redis.queries.ts';

const mostName = 1024;
const mostValue = 256 * 1024;
const mostSeconds = 315_360_000;

/** A string under a name that is free. */
export function NewRedisKey({ database, onClose }: { readonly database: number; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const set = useSetKey(database);
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const [seconds, setSeconds] = useState<number | ''>('');
  const [isTried, setIsTried] = useState(false);
  const isLong = new TextEncoder().encode(name).length > mostName;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setIsTried(true);
    if (name === '' || isLong || set.isPending) return;
    finish(
      set,
      { key: idOf(name), value, revision: null, ttlSeconds: seconds === '' ? null : seconds },
      {
        onSuccess: () => {
          sayDone(t('redis.new.done'));
          onClose();
        },
      },
    );
  };
  return (
    <SideSheet
      title={t('redis.new.title')}
      onClose={onClose}
      footer={
        <>
          <Button type="submit" form="new-redis-key" loading={set.isPending}>
            {t('redis.new.confirm')}
          </Button>
          <Button variant="default" onClick={onClose}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form id="new-redis-key" onSubmit={submit} noValidate autoComplete="off">
        <Stack gap="md">
          {set.isError && (
            <Notice tone="bad" role="alert">
              {errorText(set.error)}
            </Notice>
          )}
          <TextInput
            label={t('redis.new.name')}
            description={t('redis.new.nameHint')}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={isTried && name === '' ? fieldText(t, 'required') : isLong && t('redis.new.nameLong')}
            dir="ltr"
            autoCapitalize="none"
            spellCheck={false}
          />
          <Textarea
            label={t('redis.value')}
            value={value}
            onChange={(event) => setValue(event.currentTarget.value)}
            maxLength={mostValue}
            autosize
            minRows={4}
            maxRows={14}
            dir="auto"
            spellCheck={false}
          />
          <NumberInput
            label={t('redis.ttl.label')}
            description={t('redis.ttl.hint')}
            value={seconds}
            onChange={(given) => setSeconds(typeof given === 'number' ? given : '')}
            min={1}
            max={mostSeconds}
            allowDecimal={false}
          />
        </Stack>
      </form>
    </SideSheet>
  );
}
