import { Button, Group } from '@mantine/core';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { presetNames } from '#shared/behaviour/rewrite-presets.ts';
import { finish } from '../../api/finish.ts';
import { openJobs } from '../../layout/panels.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { Token } from '../../ui/Token.tsx';
import { PhpVersionSelect } from '../php/PhpVersionSelect.tsx';
import classes from './Aapanel.module.css';
import { useImportSite, type AapanelSite } from './aapanel.queries.ts';

type Loose = (key: string, params?: Record<string, string>) => string;

/** Keys with a low line are contexts to the types of translations. */
function noteText(t: TFunction, code: string, params: Readonly<Record<string, string>>): string {
  return (t as unknown as Loose)(`aapanel.notes.${code}`, { ...params });
}

const tones: Readonly<Record<AapanelSite['state'], Tone>> = { ready: 'good', differs: 'warn', blocked: 'bad' };

/** One site of the old panel: what it becomes, what differs, and the button that brings it over. */
export function AapanelSiteRow({ base, site }: { readonly base: string; readonly site: AapanelSite }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const bring = useImportSite();
  const [version, setVersion] = useState('');
  const isVersionMissing = site.notes.some(({ code }) => code === 'php_missing') && site.state !== 'blocked';
  const submit = (): void =>
    finish(
      bring,
      { base, name: site.name, ...(isVersionMissing ? { phpVersion: version } : {}) },
      { onSuccess: (job) => openJobs(job.id) },
    );
  return (
    <li className={classes.site}>
      <div className={classes.head}>
        <div className={classes.names}>
          <strong>
            <Token>{site.domains[0] ?? site.name}</Token>
          </strong>
          {site.domains.length > 1 && (
            <span className={classes.more}>
              {site.domains.slice(1, 6).map((domain) => (
                <Token key={domain}>{domain}</Token>
              ))}
            </span>
          )}
        </div>
        <Status tone={tones[site.state]}>{t(`aapanel.states.${site.state}`)}</Status>
      </div>
      <Facts site={site} />
      <ul className={classes.notes}>
        {site.notes.map(({ code, params }, index) => (
          <li key={`${index} ${code}`} data-code={code}>
            {noteText(t, code, params)}
            {params['text'] !== undefined && (
              <pre className={classes.text} dir="ltr">
                {params['text']}
              </pre>
            )}
          </li>
        ))}
      </ul>
      {bring.isError && (
        <Notice tone="bad" role="alert" title={t('aapanel.importFailed')}>
          {errorText(bring.error)}
        </Notice>
      )}
      {site.state !== 'blocked' && (
        <Group gap="md" align="flex-end">
          {isVersionMissing && <PhpVersionSelect value={version} onChange={setVersion} error={undefined} />}
          <Button
            onClick={submit}
            loading={bring.isPending}
            disabled={bring.isSuccess || (isVersionMissing && version === '')}
            aria-label={t('aapanel.importLabel', { name: site.name })}
          >
            {t(bring.isSuccess ? 'aapanel.started' : 'aapanel.import')}
          </Button>
        </Group>
      )}
    </li>
  );
}

function Facts({ site }: { readonly site: AapanelSite }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { kind, phpVersion, preset, files, path, runFolder, upstream, redirects, proxies } = site;
  return (
    <div className={classes.facts}>
      {kind !== null && site.state !== 'blocked' && (
        <span>
          {kind === 'php' ? t('aapanel.becomes.php', { version: phpVersion ?? '' }) : t(`aapanel.becomes.${kind}`)}
        </span>
      )}
      {upstream !== null && <Token mono>{upstream.url}</Token>}
      {preset !== 'none' && <span>{t('aapanel.becomes.preset', { name: presetNames[preset] })}</span>}
      {redirects.length > 0 && (
        <span>{t('aapanel.becomes.redirects', { value: format.number(redirects.length) })}</span>
      )}
      {proxies.length > 0 && (
        <span>{t('aapanel.becomes.proxies', { paths: proxies.map((proxy) => proxy.path).join(' ') })}</span>
      )}
      <span>{t('aapanel.becomes.from', { path })}</span>
      {runFolder !== '' && <span>{t('aapanel.becomes.served', { folder: runFolder })}</span>}
      {files !== null && (
        <span>
          {files.isTruncated
            ? t('aapanel.becomes.filesMore', { value: format.number(files.count) })
            : t('aapanel.becomes.files', { value: format.number(files.count), size: format.bytes(files.sizeBytes) })}
        </span>
      )}
      {!site.isEnabled && <span>{t('aapanel.becomes.off')}</span>}
      {site.endsAt !== null && <span>{t('aapanel.becomes.ends', { date: format.dateTime(site.endsAt) })}</span>}
    </div>
  );
}
