import { Button, Group, Stack, TextInput } from '@mantine/core';
import { IconSearch, IconWorldOff } from '@tabler/icons-react';
import { useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Page } from '../../ui/Page.tsx';
import { Section } from '../../ui/Section.tsx';
import { EmptyState } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Aapanel.module.css';
import { AapanelSiteRow } from './AapanelSiteRow.tsx';
import { useReadAapanel, type AapanelReport } from './aapanel.queries.ts';

/** First the dry run, then one site after the other: nothing is written before somebody presses its button. */
export function AapanelPage() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const can = useCan();
  const read = useReadAapanel();
  const [base, setBase] = useState('');
  const [seen, setSeen] = useState<{ readonly base: string; readonly report: AapanelReport } | null>(null);
  const mayImport = can('settings.write') && can('sites.create') && can('sites.write');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const wanted = base.trim().replace(/\/+$/, '');
    if (!read.isPending) read.mutate(wanted, { onSuccess: (report) => setSeen({ base: wanted, report }) });
  };
  const said = read.isError ? fieldErrors(read.error) : {};
  const isOther = read.isError && toApiError(read.error).fields.length === 0;
  return (
    <Page
      title={t('aapanel.title')}
      description={t('aapanel.description')}
      back={{ to: '/sites', label: t('sites.title') }}
    >
      <Stack gap="lg">
        <Section title={t('aapanel.base')} description={t('aapanel.baseHint')}>
          <form onSubmit={submit} noValidate>
            <Group align="flex-start" gap="sm">
              <TextInput
                aria-label={t('aapanel.base')}
                placeholder="/srv/old-server"
                value={base}
                onChange={(event) => setBase(event.currentTarget.value)}
                error={said['base']}
                dir="ltr"
                flex="1 1 280px"
                spellCheck={false}
                autoComplete="off"
                disabled={!mayImport}
              />
              <WhyNot reason={!mayImport}>
                <Button
                  type="submit"
                  loading={read.isPending}
                  disabled={!mayImport}
                  leftSection={<IconSearch size={17} aria-hidden />}
                >
                  {t(seen === null ? 'aapanel.read' : 'aapanel.readAgain')}
                </Button>
              </WhyNot>
            </Group>
          </form>
        </Section>
        {isOther && (
          <Notice tone="bad" role="alert" title={t('aapanel.failed')}>
            {errorText(read.error)}
          </Notice>
        )}
        {seen !== null && <Report key={seen.base} base={seen.base} report={seen.report} />}
      </Stack>
    </Page>
  );
}

function Report({ base, report }: { readonly base: string; readonly report: AapanelReport }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { sites, databases, others } = report;
  if (sites.length === 0)
    return <EmptyState icon={IconWorldOff} title={t('aapanel.empty')} text={t('aapanel.emptyText')} />;
  const ready = sites.filter(({ state }) => state !== 'blocked').length;
  return (
    <Stack gap="md">
      <Notice
        tone="info"
        role="status"
        title={t('aapanel.summary', { ready: format.number(ready), all: format.number(sites.length) })}
      >
        {t('aapanel.dryRun')}{' '}
        {t('aapanel.stays', {
          databases: format.number(databases.length),
          ftp: format.number(others.ftpAccounts),
          cron: format.number(others.cronJobs),
        })}
      </Notice>
      <ul className={classes.sites}>
        {sites.map((site) => (
          <AapanelSiteRow key={site.name} base={base} site={site} />
        ))}
      </ul>
      {databases.length > 0 && (
        <Section title={t('aapanel.databases.title')} description={t('aapanel.databases.text')}>
          <ul className={classes.flags}>
            {databases.map(({ name, user, engine }) => (
              <li key={`${engine} ${name}`}>
                <Token mono>{name}</Token> · {t('aapanel.databases.user')} <Token mono>{user}</Token> ·{' '}
                <Token>{engine}</Token>
              </li>
            ))}
          </ul>
        </Section>
      )}
      <Flags of={report.flags} />
    </Stack>
  );
}

/** Settings of the old panel itself: shown, never taken over. */
function Flags({ of: { flags, unknown } }: { readonly of: AapanelReport['flags'] }) {
  const { t } = useTranslation();
  if (flags.length === 0 && unknown.length === 0) return null;
  return (
    <Section title={t('aapanel.flags.title')} description={t('aapanel.flags.text')}>
      <ul className={classes.flags}>
        {flags.map(({ file, code, value }) => (
          <li key={file} title={file}>
            {t(`aapanel.flags.${code}`)}: {value === null ? t('aapanel.flags.isSet') : <Token mono>{value}</Token>}
          </li>
        ))}
        {unknown.length > 0 && <li>{t('aapanel.flags.unknown', { names: unknown.join(' ') })}</li>}
      </ul>
    </Section>
  );
}
