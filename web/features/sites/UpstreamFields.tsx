import { Stack, Switch, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { parseUpstream } from '#shared/sites.ts';
import { fieldText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './NewSite.module.css';
import { withScheme } from './new-site-draft.ts';

type UpstreamFieldsProps = {
  readonly url: string;
  readonly isWebsocket: boolean;
  readonly onUrl: (url: string) => void;
  readonly onWebsocket: (isWebsocket: boolean) => void;
  readonly error: string | undefined;
};

/** Where the requests of a proxied site go; read while it is typed. */
export function UpstreamFields({ url, isWebsocket, onUrl, onWebsocket, error }: UpstreamFieldsProps) {
  const { t } = useTranslation();
  const [isLeft, setIsLeft] = useState(false);
  const parsed = url.trim() === '' ? undefined : parseUpstream(url);
  const ownError = isLeft && parsed?.ok === false ? fieldText(t, parsed.code) : undefined;
  const upstream = parsed?.ok === true ? parsed.upstream : undefined;
  return (
    <Stack gap="md">
      <TextInput
        className={classes.mono}
        label={t('sites.upstream.label')}
        description={
          upstream !== undefined && upstream.url !== url.trim() ? (
            <>
              {t('sites.upstream.stored')} <Token mono>{upstream.url}</Token>
            </>
          ) : (
            t('sites.upstream.description')
          )
        }
        placeholder="http://127.0.0.1:3000"
        value={url}
        onChange={(event) => onUrl(event.currentTarget.value)}
        onFocus={() => setIsLeft(false)}
        onBlur={() => {
          setIsLeft(true);
          onUrl(withScheme(url));
        }}
        error={error ?? ownError}
        dir="ltr"
        inputMode="url"
        autoCapitalize="none"
        autoCorrect="off"
        spellCheck={false}
        withAsterisk
      />
      {upstream?.isMetadataAddress === true && (
        <Notice tone="warn" role="status" title={t('sites.warnings.metadata_address')}>
          {t('sites.warnings.metadata_addressText')}
        </Notice>
      )}
      <Switch
        checked={isWebsocket}
        onChange={(event) => onWebsocket(event.currentTarget.checked)}
        label={
          <>
            {t('sites.upstream.websocket')}
            <Text size="xs" c="dimmed">
              {t('sites.upstream.websocketText')}
            </Text>
          </>
        }
      />
    </Stack>
  );
}
