import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { phpSoftwareNames } from '#shared/software.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { InstallButton } from '../software/InstallButton.tsx';
import { phpVersionsQuery } from './php.queries.ts';

type PhpVersionSelectProps = {
  /** Empty: the newest one is chosen once it is known. */
  readonly value: string;
  readonly onChange: (version: string) => void;
  readonly error: string | undefined;
  readonly description?: string;
  readonly isDisabled?: boolean;
};

/** One of the versions that are installed on this machine; says so when there is none. */
export function PhpVersionSelect({ value, onChange, error, description, isDisabled = false }: PhpVersionSelectProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error: loadError } = useQuery(phpVersionsQuery);
  const versions = data?.items.filter(({ isInstalled }) => isInstalled).map(({ version }) => version) ?? [];
  const offered = phpSoftwareNames.find((name) => name === `php${data?.items[0]?.version ?? ''}`);
  const newest = versions[0];
  useEffect(() => {
    if (value === '' && newest !== undefined) onChange(newest);
  }, [value, newest, onChange]);
  if (loadError !== null)
    return (
      <Notice tone="bad" role="alert" title={t('php.version.failed')}>
        {errorText(loadError)}
      </Notice>
    );
  if (data !== undefined && versions.length === 0)
    return (
      <Notice
        tone="warn"
        role="status"
        title={t('php.version.none')}
        actions={
          offered === undefined ? undefined : (
            <InstallButton
              name={offered}
              size="xs"
              label={t('php.software.install', { version: offered.slice('php'.length) })}
            />
          )
        }
      >
        {t(offered === undefined ? 'php.software.none' : 'php.version.noneText')}
      </Notice>
    );
  return (
    <Select
      label={t('php.version.label')}
      description={description}
      value={value === '' ? null : value}
      onChange={(version) => onChange(version ?? '')}
      data={[...new Set([...versions, ...(value === '' ? [] : [value])])].map((version) => ({
        value: version,
        label: `PHP ${version}`,
      }))}
      allowDeselect={false}
      disabled={data === undefined || isDisabled}
      error={error}
      withAsterisk
    />
  );
}
