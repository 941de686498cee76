import { Button, TextInput } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { PhpExtension, PhpExtensionName } from '#shared/php-extensions.ts';
import { softwareApi } from '#shared/software.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { InstallButton } from '../software/InstallButton.tsx';
import { phpExtensionsQuery } from './php.queries.ts';
import classes from './PhpExtensions.module.css';

/** The extensions of one version: those that are installed, and those that the distribution has. */
export function PhpExtensions({ version, onClose }: { readonly version: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const [search, setSearch] = useState('');
  const [removing, setRemoving] = useState<PhpExtension>();
  const { data, error, refetch } = useQuery(phpExtensionsQuery(version));
  const wanted = search.trim().toLowerCase();
  const found = data?.items.filter(({ name }) => name.includes(wanted)) ?? [];
  const groups = [
    { title: t('php.extensions.installed'), items: found.filter(({ isInstalled }) => isInstalled) },
    { title: t('php.extensions.available'), items: found.filter(({ isInstalled }) => !isInstalled) },
  ].filter(({ items }) => items.length > 0);
  return (
    <SideSheet
      title={t('php.extensions.title', { version })}
      onClose={onClose}
      closesOnEscape={removing === undefined}
      size={480}
    >
      <p className={classes.text}>{t('php.extensions.text')}</p>
      <TextInput
        type="search"
        value={search}
        onChange={(event) => setSearch(event.currentTarget.value)}
        leftSection={<IconSearch size={16} aria-hidden />}
        aria-label={t('php.extensions.search')}
        placeholder={t('php.extensions.search')}
      />
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={8} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : groups.length === 0 ? (
        <p className={classes.text}>{t('php.extensions.none')}</p>
      ) : (
        groups.map(({ title, items }) => (
          <Group key={title} title={title} count={items.length}>
            {items.map(({ name, isInstalled }) => (
              <li key={name} className={classes.row}>
                <Token mono>{name}</Token>
                {isInstalled ? (
                  <RemoveButton name={name} onClick={() => setRemoving(name)} />
                ) : (
                  <InstallButton name={packageOf(version, name)} size="xs" what={name} />
                )}
              </li>
            ))}
          </Group>
        ))
      )}
      <Removal version={version} name={removing} onClose={() => setRemoving(undefined)} />
    </SideSheet>
  );
}

const packageOf = (version: string, name: PhpExtension): PhpExtensionName => `php${version}-${name}`;

function Group(props: { readonly title: string; readonly count: number; readonly children: React.ReactNode }) {
  const format = useFormat();
  return (
    <section>
      <h3 className={classes.heading}>
        {props.title} <span className={classes.count}>{format.number(props.count)}</span>
      </h3>
      <ul className={classes.list}>{props.children}</ul>
    </section>
  );
}

function RemoveButton({ name, onClick }: { readonly name: PhpExtension; readonly onClick: () => void }) {
  const { t } = useTranslation();
  const isAllowed = useCan()('software.install');
  return (
    <WhyNot reason={!isAllowed}>
      <Button
        variant="default"
        size="xs"
        disabled={!isAllowed}
        onClick={onClick}
        aria-label={`${t('php.extensions.remove')} ${name}`}
      >
        {t('php.extensions.remove')}
      </Button>
    </WhyNot>
  );
}

/** The question before, and the job after it. */
function Removal(props: {
  readonly version: string;
  readonly name: PhpExtension | undefined;
  readonly onClose: () => void;
}) {
  const { version, name, onClose } = props;
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: (extension: PhpExtension) =>
      call(softwareApi.remove, {
        params: { name: packageOf(version, extension) },
        idempotencyKey: newIdempotencyKey(),
      }),
    onSuccess: async (job) => {
      await client.invalidateQueries({ queryKey: ['jobs'] });
      openJobs(job.id);
    },
    onError: (error) => sayFailed(t('php.software.removeFailed'), errorText(error)),
  });
  return (
    <ConfirmDialog
      isOpen={name !== undefined}
      title={t('php.extensions.removeTitle', { name: `\u2068${name ?? ''}\u2069` })}
      confirmLabel={t('php.extensions.remove')}
      cancelLabel={t('common.actions.cancel')}
      isDangerous
      onClose={onClose}
      onConfirm={() => {
        onClose();
        if (name !== undefined) remove.mutate(name);
      }}
    >
      {t('php.extensions.removeText', { version })}
    </ConfirmDialog>
  );
}
