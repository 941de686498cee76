import { Button, Group, NumberInput, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { sayDone } from '../../ui/toasts.ts';
import classes from './Redis.module.css';
import { useExpireKey } from './redis.queries.ts';
import { useTimeLeft } from './use-time-left.ts';

type KeyTimeProps = { readonly database: number; readonly id: string; readonly expiresInMs: number | null };

/** When a key goes, or that it stays. */
export function KeyTime({ database, id, expiresInMs }: KeyTimeProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const timeLeft = useTimeLeft();
  const expire = useExpireKey(database);
  const [seconds, setSeconds] = useState<number | ''>('');
  const put = (ttlSeconds: number | null): void =>
    finish(
      expire,
      { key: id, ttlSeconds },
      {
        onSuccess: () => {
          setSeconds('');
          sayDone(t('redis.ttl.done'));
        },
      },
    );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (seconds !== '' && !expire.isPending) put(seconds);
      }}
    >
      <Stack gap="sm">
        <span className={classes.soft}>{expiresInMs === null ? t('redis.ttl.stays') : timeLeft(expiresInMs)}</span>
        <NumberInput
          label={t('redis.ttl.label')}
          value={seconds}
          onChange={(given) => setSeconds(typeof given === 'number' ? given : '')}
          error={expire.isError && errorText(expire.error)}
          min={1}
          max={315_360_000}
          allowDecimal={false}
        />
        <Group gap="xs">
          <Button type="submit" variant="default" disabled={seconds === ''} loading={expire.isPending}>
            {t('redis.ttl.set')}
          </Button>
          {expiresInMs !== null && (
            <Button variant="default" loading={expire.isPending} onClick={() => put(null)}>
              {t('redis.ttl.keep')}
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}
