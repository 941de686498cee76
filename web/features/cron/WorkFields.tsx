import { NativeSelect, NumberInput, Select, Switch, Textarea, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useCan, useMe } from '../../api/session.ts';
import { SiteChoice } from '../databases/SiteChoice.tsx';
import { Notice } from '../../ui/Notice.tsx';
import { isOfMachine, type CronDraft } from './cron-draft.ts';
import type { CronList } from './cron.queries.ts';
import classes from './Cron.module.css';
import { BackupFields, LogsChoice, LogsFields, ServiceFields } from './OwnWorkFields.tsx';

type WorkFieldsProps = {
  readonly draft: CronDraft;
  readonly onChange: (change: Partial<CronDraft>) => void;
  readonly errorOf: (field: string) => string | undefined;
  readonly list: CronList;
};

const kinds = ['script', 'url', 'backup', 'logs', 'service'] as const;
const methods = ['GET', 'HEAD', 'POST'] as const;
const plain = { dir: 'ltr', autoComplete: 'off', autoCapitalize: 'none', spellCheck: false } as const;

/** What it does, for which site, and as whom. */
export function WorkFields({ draft, onChange, errorOf, list }: WorkFieldsProps) {
  const { t } = useTranslation();
  const { siteScope } = useMe();
  const can = useCan();
  const mayMachine = can('cron.machine') && siteScope === 'all';
  const { kind, site } = draft;
  const isSiteNeeded = siteScope === 'assigned' || (kind !== 'url' && !mayMachine);
  const { languages, users } = list;
  const may: Readonly<Record<CronDraft['kind'], boolean>> = {
    script: true,
    url: true,
    backup: mayMachine && can('backups.create') && can('backups.read'),
    logs: true,
    service: mayMachine && can('services.write') && can('services.read'),
  };
  // What a job does already stays a choice of its form.
  const choices = kinds.filter((each) => may[each] || each === kind);
  return (
    <>
      <NativeSelect
        label={t('cron.form.kind')}
        value={kind}
        onChange={(event) => {
          const chosen = choices.find((each) => each === event.currentTarget.value);
          if (chosen !== undefined) onChange({ kind: chosen });
        }}
        data={choices.map((value) => ({ value, label: t(`cron.kinds.${value}`) }))}
        maw={280}
      />
      {kind === 'logs' && mayMachine && <LogsChoice draft={draft} onChange={onChange} />}
      {!isOfMachine(draft) && (
        <div className={classes.pair}>
          <SiteChoice
            label={t('cron.form.site')}
            {...(kind === 'logs'
              ? {}
              : { description: t(isSiteNeeded ? 'cron.form.siteNeeded' : 'cron.form.siteHint') })}
            value={site}
            onChange={(site) => onChange({ site })}
            error={errorOf('siteId')}
            isRequired={isSiteNeeded}
          />
          {kind === 'script' && site === null && mayMachine && (
            <Select
              label={t('cron.form.user')}
              description={t('cron.form.userHint')}
              value={draft.linuxUser}
              data={users}
              onChange={(linuxUser) => linuxUser !== null && onChange({ linuxUser })}
              error={errorOf('work.linuxUser')}
              searchable
              dir="ltr"
            />
          )}
        </div>
      )}
      {kind === 'script' && (
        <>
          <NativeSelect
            label={t('cron.form.language')}
            value={draft.language}
            onChange={(event) => {
              const chosen = languages.find((each) => each === event.currentTarget.value);
              if (chosen !== undefined) onChange({ language: chosen });
            }}
            data={[...languages]}
            maw={200}
            dir="ltr"
          />
          <Textarea
            label={t('cron.form.script')}
            description={t('cron.form.scriptHint')}
            className={classes.script ?? ''}
            value={draft.script}
            onChange={(event) => onChange({ script: event.currentTarget.value })}
            error={errorOf('work.script')}
            autosize={false}
            rows={11}
            resize="vertical"
            maxLength={60_000}
            {...plain}
          />
        </>
      )}
      {kind === 'url' && (
        <>
          <TextInput
            label={t('cron.form.url')}
            value={draft.url}
            onChange={(event) => onChange({ url: event.currentTarget.value })}
            error={errorOf('work.url')}
            placeholder="https://example.com/health"
            maxLength={2_048}
            type="url"
            {...plain}
          />
          <div className={classes.pair}>
            <NativeSelect
              label={t('cron.form.method')}
              value={draft.method}
              onChange={(event) => {
                const chosen = methods.find((each) => each === event.currentTarget.value);
                if (chosen !== undefined) onChange({ method: chosen });
              }}
              data={[...methods]}
              dir="ltr"
            />
            <NumberInput
              label={t('cron.form.status')}
              description={t('cron.form.statusHint')}
              value={draft.status}
              onChange={(value) => onChange({ status: String(value) })}
              min={100}
              max={599}
              hideControls
            />
          </div>
          <TextInput
            label={t('cron.form.keyword')}
            description={t('cron.form.keywordHint')}
            value={draft.keyword}
            onChange={(event) => onChange({ keyword: event.currentTarget.value })}
            error={errorOf('work.keyword')}
            maxLength={200}
            dir="auto"
          />
          <Switch
            label={t('cron.form.mayBePrivate')}
            description={t('cron.form.mayBePrivateHint')}
            checked={draft.mayBePrivate}
            disabled={!mayMachine}
            onChange={(event) => onChange({ mayBePrivate: event.currentTarget.checked })}
          />
        </>
      )}
      {kind === 'backup' && <BackupFields draft={draft} onChange={onChange} errorOf={errorOf} />}
      {kind === 'logs' && <LogsFields draft={draft} onChange={onChange} errorOf={errorOf} />}
      {kind === 'service' && <ServiceFields draft={draft} onChange={onChange} errorOf={errorOf} />}
      {kind !== 'script' && kind !== 'url' && (isOfMachine(draft) || site === null) && (
        <Notice tone="info">{t('cron.form.confirmHint')}</Notice>
      )}
    </>
  );
}
