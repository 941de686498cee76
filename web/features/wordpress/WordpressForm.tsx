import { Button, Group, Radio, Select, Stack, TextInput } from '@mantine/core';
import { IconBrandWordpress } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Site } from '#shared/sites.ts';
import { wordpressLanguages, type WordpressLanguage } from '#shared/wordpress.ts';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { archivesQuery } from '../archives/archives.queries.ts';
import { SendSection } from '../archives/SendSection.tsx';
import { InstallButton } from '../software/InstallButton.tsx';
import { useInstallWordpress, type WordpressState } from './wordpress.queries.ts';

/** Where WordPress comes from, and the button. What it needs besides is made by itself. */
export function WordpressForm({ site, state }: { readonly site: Site; readonly state: WordpressState }) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const can = useCan();
  const mayInstall = can('sites.write') && can('databases.manage');
  const install = useInstallWordpress();
  const [kind, setKind] = useState<'download' | 'archive'>('download');
  const [language, setLanguage] = useState<WordpressLanguage>(i18n.language.startsWith('ar') ? 'ar' : 'en');
  const [version, setVersion] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const { data } = useQuery({ ...archivesQuery(site.id), enabled: kind === 'archive' });
  const uploads = data?.uploads ?? [];
  const whole = uploads.filter(({ receivedBytes, sizeBytes }) => receivedBytes === sizeBytes);
  const uploadId = chosen ?? whole[0]?.id ?? null;
  const said = install.error === null ? {} : fieldErrors(install.error);
  const { reason } = install.error === null ? { reason: undefined } : toApiError(install.error);
  const isReady = mayInstall && (kind === 'download' || uploadId !== null);

  const start = (): void => {
    const source =
      kind === 'archive'
        ? { kind, uploadId: uploadId ?? '' }
        : { kind, language, version: version.trim() === '' ? 'latest' : version.trim() };
    finish(install, { siteId: site.id, body: { source } });
  };

  return (
    <>
      <Section title={t('wordpress.form.title')} description={t('wordpress.form.text')}>
        <Stack gap="lg">
          <Radio.Group
            label={t('wordpress.form.source')}
            value={kind}
            onChange={(value) => setKind(value as 'download' | 'archive')}
          >
            <Stack gap="xs" mt="xs">
              {(['download', 'archive'] as const).map((each) => (
                <Radio
                  key={each}
                  value={each}
                  label={t(`wordpress.form.sources.${each}`)}
                  description={t(`wordpress.form.sourceTexts.${each}`)}
                />
              ))}
            </Stack>
          </Radio.Group>
          {kind === 'download' ? (
            <Group align="flex-end" gap="lg">
              <Select
                label={t('wordpress.form.language')}
                data={wordpressLanguages.map((value) => ({ value, label: t(`wordpress.form.languages.${value}`) }))}
                value={language}
                allowDeselect={false}
                onChange={(value) => value !== null && setLanguage(value as WordpressLanguage)}
              />
              <TextInput
                label={t('wordpress.form.version')}
                description={t('wordpress.form.versionHint')}
                placeholder="6.8.1"
                dir="ltr"
                value={version}
                error={said['source.version']}
                onChange={(event) => setVersion(event.currentTarget.value)}
              />
            </Group>
          ) : (
            whole.length > 0 && (
              <Select
                label={t('wordpress.form.archive')}
                data={whole.map(({ id, fileName, sizeBytes }) => ({
                  value: id,
                  label: `${fileName} · ${format.bytes(sizeBytes)}`,
                }))}
                value={uploadId}
                allowDeselect={false}
                onChange={setChosen}
                maw={420}
              />
            )
          )}
          {state.missingExtensions.length > 0 && (
            <Notice tone="info">
              {t('wordpress.form.extensions', { names: format.list(state.missingExtensions) })}
            </Notice>
          )}
          {install.error !== null && said['source.version'] === undefined && (
            <Notice
              tone="bad"
              role="alert"
              title={t('wordpress.form.failed')}
              actions={
                reason === 'database_server_missing' ? (
                  <InstallButton name="mariadb" size="xs" label={t('wordpress.form.installServer')} />
                ) : reason?.startsWith('download_') === true ? (
                  <Button size="xs" variant="default" onClick={() => setKind('archive')}>
                    {t('wordpress.form.byHand')}
                  </Button>
                ) : undefined
              }
            >
              {errorText(install.error)}
            </Notice>
          )}
          <Group>
            <WhyNot reason={!mayInstall}>
              <Button
                disabled={!isReady}
                loading={install.isPending}
                leftSection={<IconBrandWordpress size={18} aria-hidden />}
                onClick={start}
              >
                {t('wordpress.form.install')}
              </Button>
            </WhyNot>
          </Group>
        </Stack>
      </Section>
      {kind === 'archive' && <SendSection siteId={site.id} uploads={uploads} />}
    </>
  );
}
