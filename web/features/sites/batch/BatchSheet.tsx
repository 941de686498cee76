import { Alert, Button, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import type { BatchChange, BatchChangeKind } from '#shared/site-batches.ts';
import { finish } from '../../../api/finish.ts';
import { useErrorText } from '../../../ui/error-text.ts';
import { useFormat } from '../../../ui/format.ts';
import { Notice } from '../../../ui/Notice.tsx';
import { SideSheet } from '../../../ui/SideSheet.tsx';
import { phpVersionsQuery } from '../../php/php.queries.ts';
import { fromLocalTime } from '../behaviour/rule-time.ts';
import { useChangeSites } from './batch.queries.ts';
import { BatchResults } from './BatchResults.tsx';

type BatchSheetProps = {
  readonly kind: BatchChangeKind;
  readonly siteIds: readonly string[];
  readonly onClose: () => void;
};

const formId = 'change-sites';

/** One change for many sites: what it does, what it needs to know, and then what became of each. */
export function BatchSheet({ kind, siteIds, onClose }: BatchSheetProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const start = useChangeSites();
  const [jobId, setJobId] = useState<string | null>(null);
  const [change, setChange] = useState<BatchChange | null>(() => firstOf(kind));
  const count = siteIds.length;
  const title = t(`batches.title.${kind}`, { count, value: format.number(count) });
  const begin = (ids: readonly string[]): void => {
    if (change === null || start.isPending) return;
    finish(start, { siteIds: [...ids], change }, { onSuccess: ({ id }) => setJobId(id) });
  };
  if (jobId !== null) return <BatchResults key={jobId} jobId={jobId} title={title} onAgain={begin} onClose={onClose} />;
  return (
    <SideSheet
      title={title}
      size={480}
      onClose={start.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button type="submit" form={formId} loading={start.isPending} disabled={change === null}>
            {t('batches.apply', { count, value: format.number(count) })}
          </Button>
          <Button variant="default" onClick={onClose} disabled={start.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        noValidate
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          begin(siteIds);
        }}
      >
        <Stack gap="lg">
          {start.isError && (
            <Notice tone="bad" role="alert" title={t('batches.failed')}>
              {errorText(start.error)}
            </Notice>
          )}
          <Text size="sm">{t(`batches.text.${kind}`)}</Text>
          <ChangeFields change={change} kind={kind} onChange={setChange} />
          <Text size="sm" c="dimmed">
            {t('batches.isolated')}
          </Text>
        </Stack>
      </form>
    </SideSheet>
  );
}

/** What is sent when nobody says more; null: something must be said. */
function firstOf(kind: BatchChangeKind): BatchChange | null {
  if (kind === 'enable' || kind === 'disable') return { kind };
  if (kind === 'category') return { kind, category: '' };
  if (kind === 'https') return { kind, isForced: true };
  return kind === 'end' ? { kind, endsAt: null } : null;
}

type FieldsProps = {
  readonly kind: BatchChangeKind;
  readonly change: BatchChange | null;
  readonly onChange: (change: BatchChange | null) => void;
};

function ChangeFields({ kind, change, onChange }: FieldsProps) {
  const { t } = useTranslation();
  switch (kind) {
    case 'category':
      return (
        <TextInput
          label={t('batches.category')}
          description={t('batches.categoryHint')}
          value={change?.kind === 'category' ? change.category : ''}
          onChange={(event) => onChange({ kind, category: event.currentTarget.value })}
          maxLength={60}
          dir="auto"
          autoComplete="off"
          data-autofocus
        />
      );
    case 'php':
      return <VersionField version={change?.kind === 'php' ? change.version : null} onChange={onChange} />;
    case 'https':
      return (
        <Radio.Group
          value={change?.kind === 'https' && change.isForced ? 'forced' : 'unforced'}
          onChange={(value) => onChange({ kind, isForced: value === 'forced' })}
          aria-label={t('batches.forced')}
        >
          <Stack gap="sm">
            <Radio value="forced" label={t('batches.forced')} />
            <Radio value="unforced" label={t('batches.unforced')} />
          </Stack>
        </Radio.Group>
      );
    case 'end':
      return (
        <TextInput
          type="datetime-local"
          label={t('batches.endsAt')}
          description={t('batches.endsAtHint')}
          onChange={(event) => onChange({ kind, endsAt: fromLocalTime(event.currentTarget.value) })}
        />
      );
    case 'enable':
    case 'disable':
      return null;
  }
}

function VersionField({
  version,
  onChange,
}: {
  readonly version: string | null;
  readonly onChange: FieldsProps['onChange'];
}) {
  const { t } = useTranslation();
  const { data } = useQuery(phpVersionsQuery);
  const versions = (data?.items ?? []).filter(({ isInstalled }) => isInstalled).map((each) => each.version);
  if (data !== undefined && versions.length === 0) return <Alert color="yellow">{t('batches.noVersion')}</Alert>;
  return (
    <Select
      label={t('batches.version')}
      data={versions}
      value={version}
      onChange={(chosen) => onChange(chosen === null ? null : { kind: 'php', version: chosen })}
      disabled={data === undefined}
      allowDeselect={false}
    />
  );
}
