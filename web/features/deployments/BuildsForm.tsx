import { Button, Group, NumberInput, Text } from '@mantine/core';
import { IconLock } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { mostBuilds } from '#shared/deploy-limits.ts';
import type { BuildState } from '#shared/deployments.ts';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { SettingRow } from '../settings/SettingRow.tsx';
import { buildsQuery, useSetBuilds } from './builds.queries.ts';

/** How many deployments of this machine may build at the same time. */
export function BuildsForm() {
  const { t } = useTranslation();
  const mayRead = useCan()('settings.read');
  const { data, error, refetch } = useQuery({ ...buildsQuery, enabled: mayRead });
  if (!mayRead)
    return (
      <Section padding="flush">
        <EmptyState icon={IconLock} title={t('settings.panel.notAllowed')} />
      </Section>
    );
  if (data !== undefined) return <Fields key={data.atOnce} state={data} />;
  return (
    <Section padding="flush">
      {error === null ? <LoadingRows rows={1} /> : <ErrorState error={error} onRetry={() => void refetch()} />}
    </Section>
  );
}

function Fields({ state }: { readonly state: BuildState }) {
  const { t } = useTranslation();
  const format = useFormat();
  const mayWrite = useCan()('settings.write');
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const save = useSetBuilds();
  const [atOnce, setAtOnce] = useState<number | string>(state.atOnce);
  const isChanged = atOnce !== state.atOnce;
  const edit = (value: number | string): void => {
    setAtOnce(value);
    if (save.isError) save.reset();
  };
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!mayWrite || !isChanged || save.isPending) return;
    finish(save, { atOnce: Number(atOnce) }, { onSuccess: () => sayDone(t('common.states.saved')) });
  };
  const isOther = save.isError && toApiError(save.error).fields.length === 0;
  return (
    <form onSubmit={submit} noValidate>
      <Section>
        {isOther && (
          <Notice tone="bad" role="alert">
            {errorText(save.error)}
          </Notice>
        )}
        <SettingRow id="builds-at-once" label={t('deployments.builds.atOnce')} hint={t('deployments.builds.hint')}>
          <NumberInput
            aria-labelledby="builds-at-once"
            value={atOnce}
            onChange={edit}
            error={save.isError ? fieldErrors(save.error)['atOnce'] : undefined}
            min={1}
            max={mostBuilds}
            allowDecimal={false}
            allowNegative={false}
            disabled={!mayWrite}
          />
        </SettingRow>
        <Text size="sm" c="dimmed" mt="md">
          {t('deployments.builds.now', {
            building: format.number(state.building),
            waiting: format.number(state.waiting),
          })}
        </Text>
        <Group mt="lg" gap="xs">
          <WhyNot reason={mayWrite ? false : t('settings.panel.readOnly')}>
            <Button type="submit" loading={save.isPending} disabled={!mayWrite || !isChanged}>
              {t('common.actions.save')}
            </Button>
          </WhyNot>
          {isChanged && (
            <Button variant="default" onClick={() => edit(state.atOnce)}>
              {t('common.actions.discard')}
            </Button>
          )}
        </Group>
      </Section>
    </form>
  );
}
