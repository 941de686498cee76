import { NumberInput, Select, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useQuery } from '@tanstack/react-query';
import { compressionChoices, type Compression } from '#shared/behaviour/files.ts';
import { fallbacks } from '#shared/behaviour/proxies.ts';
import { useFormat } from '../../../ui/format.ts';
import { Token } from '../../../ui/Token.tsx';
import { siteTlsQuery } from '../../certificates/certificates.queries.ts';
import { useSite } from '../site-context.ts';
import { LinesInput } from './LinesInput.tsx';
import type { RuleFormProps } from './rule-form.ts';
import { readablePath } from './rule-path.ts';
import { RuleGroup } from './RuleGroup.tsx';
import { RuleList } from './RuleList.tsx';
import classes from './Rules.module.css';

const withoutDot = (list: string[]): string[] => list.map((each) => each.replace(/^\*?\./, ''));

/** Index files, listing, caching, compression, and pictures in pages of others. */
export function FilesForm({ draft, change, errorAt, errorUnder, isFixed }: RuleFormProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id, kind, root, deploy } = useSite();
  const { index, cache, compression, hotlink, isListingOn } = draft;
  const hasBrotli = useQuery(siteTlsQuery(id)).data?.hasBrotli;
  const pack = (part: Partial<typeof compression>): void => change({ compression: { ...compression, ...part } });
  const guard = (part: Partial<typeof hotlink>): void => change({ hotlink: { ...hotlink, ...part } });
  return (
    <>
      {kind !== 'proxy' && kind !== 'app' && (
        <RuleGroup title={t('behaviour.files.folders')} text={t('behaviour.files.foldersText')}>
          {deploy === null && (
            <TextInput
              className={classes.mono}
              label={t('behaviour.files.servedFolder')}
              description={t('behaviour.files.servedFolderText', { root })}
              placeholder="public"
              value={draft.servedFolder}
              onChange={(event) => change({ servedFolder: event.currentTarget.value.trim() })}
              onBlur={() => change({ servedFolder: draft.servedFolder.replace(/^\/+|\/+$/g, '') })}
              error={errorAt('servedFolder')}
              dir="ltr"
              spellCheck={false}
              autoCapitalize="none"
            />
          )}
          <LinesInput
            label={t('behaviour.files.index')}
            placeholder={'index.html\nindex.htm'}
            value={index}
            onChange={(list) => change({ index: list })}
            error={errorUnder('index')}
          />
          <Switch
            label={t('behaviour.files.listing')}
            description={t('behaviour.files.listingText')}
            checked={isListingOn}
            onChange={(event) => change({ isListingOn: event.currentTarget.checked })}
          />
        </RuleGroup>
      )}
      {kind === 'static' && (
        <RuleGroup title={t('behaviour.files.fallback')} text={t('behaviour.files.fallbackText')}>
          <Select
            label={t('behaviour.files.fallbackLabel')}
            data={fallbacks.map((value) => ({ value, label: t(`behaviour.files.fallbacks.${value}`) }))}
            value={draft.fallback}
            onChange={(value) => change({ fallback: fallbacks.find((each) => each === value) ?? 'none' })}
          />
        </RuleGroup>
      )}
      <RuleGroup title={t('behaviour.files.cache')} text={t('behaviour.files.cacheText')}>
        <RuleList
          items={cache}
          onChange={(items) => change({ cache: items })}
          fresh={() => ({ suffixes: cache.length === 0 ? ['css', 'js', 'woff2'] : [], minutes: 1_440 })}
          addLabel={t('behaviour.files.addCache')}
          empty={t('behaviour.files.cacheEmpty')}
          hasError={(at) => errorUnder(`cache.${at}`) !== undefined}
          isFixed={isFixed}
          max={20}
          summary={({ suffixes, minutes }) => (
            <>
              <Token mono>{suffixes.map((each) => `*.${each}`).join(' ')}</Token>
              <span className={classes.tag}>
                {minutes === 0
                  ? t('behaviour.files.never')
                  : t('behaviour.files.minutesTag', { value: format.number(minutes) })}
              </span>
            </>
          )}
        >
          {(rule, edit, at) => (
            <div className={classes.pair}>
              <LinesInput
                label={t('behaviour.files.suffixes')}
                placeholder="css"
                value={rule.suffixes}
                onChange={(list) => edit({ suffixes: withoutDot(list) })}
                error={errorUnder(`cache.${at}.suffixes`)}
              />
              <NumberInput
                label={t('behaviour.files.minutes')}
                description={t('behaviour.files.minutesText')}
                value={rule.minutes}
                onChange={(value) => edit({ minutes: Number(value) || 0 })}
                min={0}
                max={525_600}
                allowDecimal={false}
                error={errorAt(`cache.${at}.minutes`)}
              />
            </div>
          )}
        </RuleList>
      </RuleGroup>
      <RuleGroup title={t('behaviour.files.compression')} text={t('behaviour.files.compressionText')}>
        <Choice label="gzip" value={compression.gzip} onChange={(gzip) => pack({ gzip })} />
        <Choice
          label="brotli"
          value={compression.brotli}
          onChange={(brotli) => pack({ brotli })}
          description={hasBrotli === false ? t('behaviour.files.brotliMissing') : undefined}
          isDisabled={hasBrotli === false && compression.brotli === 'default'}
          error={errorAt('compression.brotli')}
        />
      </RuleGroup>
      <RuleGroup title={t('behaviour.files.hotlink')} text={t('behaviour.files.hotlinkText')}>
        <Switch
          label={t('behaviour.files.hotlinkOn')}
          checked={hotlink.isOn}
          onChange={(event) => guard({ isOn: event.currentTarget.checked })}
        />
        {hotlink.isOn && (
          <>
            <div className={classes.pair}>
              <LinesInput
                label={t('behaviour.files.suffixes')}
                value={hotlink.suffixes}
                onChange={(list) => guard({ suffixes: withoutDot(list) })}
                error={errorUnder('hotlink.suffixes')}
              />
              <LinesInput
                label={t('behaviour.files.friends')}
                placeholder="*.example.com"
                value={hotlink.hosts}
                onChange={(hosts) => guard({ hosts: hosts.map((host) => host.toLowerCase()) })}
                error={errorUnder('hotlink.hosts')}
              />
              <Select
                label={t('behaviour.files.answer')}
                data={['403', '404']}
                value={String(hotlink.status)}
                onChange={(value) => guard({ status: value === '404' ? 404 : 403 })}
                disabled={hotlink.replacement !== ''}
              />
              <TextInput
                className={classes.mono}
                label={t('behaviour.files.replacement')}
                placeholder="/no-hotlink.png"
                value={hotlink.replacement}
                onChange={(event) => guard({ replacement: event.currentTarget.value })}
                onBlur={() => guard({ replacement: readablePath(hotlink.replacement) })}
                error={errorAt('hotlink.replacement')}
                dir="ltr"
                spellCheck={false}
              />
            </div>
            <Switch
              label={t('behaviour.files.emptyReferrer')}
              checked={hotlink.isEmptyAllowed}
              onChange={(event) => guard({ isEmptyAllowed: event.currentTarget.checked })}
            />
          </>
        )}
      </RuleGroup>
    </>
  );
}

type ChoiceProps = {
  readonly label: string;
  readonly value: Compression['gzip'];
  readonly onChange: (value: Compression['gzip']) => void;
  readonly description?: string | undefined;
  readonly isDisabled?: boolean;
  readonly error?: string | undefined;
};

function Choice({ label, value, onChange, description, isDisabled, error }: ChoiceProps) {
  const { t } = useTranslation();
  return (
    <Select
      label={label}
      description={description}
      data={compressionChoices.map((each) => ({ value: each, label: t(`behaviour.files.choices.${each}`) }))}
      value={value}
      onChange={(chosen) => onChange(compressionChoices.find((each) => each === chosen) ?? 'default')}
      disabled={isDisabled ?? false}
      error={error}
      maw={260}
    />
  );
}
