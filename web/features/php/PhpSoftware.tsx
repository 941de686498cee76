import { Button } from '@mantine/core';
import { IconPuzzle, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { phpSoftwareNames, softwareApi, type PhpSoftwareName } from '#shared/software.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Status } from '../../ui/Status.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { InstallButton } from '../software/InstallButton.tsx';
import { UpdateButton } from '../software/UpdateButton.tsx';
import { PhpExtensions } from './PhpExtensions.tsx';
import { phpVersionsQuery, type PhpVersion } from './php.queries.ts';
import classes from './PhpSoftware.module.css';

/** The versions of PHP of this machine, and those that its distribution has. */
export function PhpSoftware() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(phpVersionsQuery);
  return (
    <Section title={t('php.software.title')} description={t('php.software.text')} padding="flush">
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={2} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <p className={classes.none}>{t('php.software.none')}</p>
      ) : (
        <ul className={classes.list}>
          {data.items.map((item) => (
            <VersionRow key={item.version} item={item} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function VersionRow({ item }: { readonly item: PhpVersion }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { version, isInstalled, isRunning, sites } = item;
  const name = softwareOf(version);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <li className={classes.row}>
      <div className={classes.name}>
        <Token>{`PHP ${version}`}</Token>
        {isInstalled && (
          <Status tone={isRunning ? 'good' : sites > 0 ? 'bad' : 'idle'}>
            {t(isRunning ? 'php.software.running' : 'php.software.stopped')}
          </Status>
        )}
      </div>
      <div className={classes.use}>
        {isInstalled
          ? t('php.software.sites', { count: sites, value: format.number(sites) })
          : t('php.software.available')}
      </div>
      {name !== undefined &&
        (isInstalled ? (
          <>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPuzzle size={15} aria-hidden />}
              aria-label={`${t('php.extensions.button')} PHP ${version}`}
              onClick={() => setIsOpen(true)}
            >
              {t('php.extensions.button')}
            </Button>
            <UpdateButton name={name} what={`PHP ${version}`} />
            <RemoveButton name={name} isNeeded={sites > 0} />
          </>
        ) : (
          <InstallButton name={name} size="xs" label={t('php.software.install', { version })} />
        ))}
      {isOpen && <PhpExtensions version={version} onClose={() => setIsOpen(false)} />}
    </li>
  );
}

function softwareOf(version: string): PhpSoftwareName | undefined {
  return phpSoftwareNames.find((name) => name === `php${version}`);
}

function RemoveButton({ name, isNeeded }: { readonly name: PhpSoftwareName; readonly isNeeded: boolean }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const isAllowed = useCan()('software.install');
  const [isAsking, setIsAsking] = useState(false);
  const version = name.slice('php'.length);
  const remove = useMutation({
    mutationFn: () => call(softwareApi.remove, { params: { name }, idempotencyKey: newIdempotencyKey() }),
    onSuccess: async (job) => {
      await client.invalidateQueries({ queryKey: ['jobs'] });
      openJobs(job.id);
    },
    onError: (error) => sayFailed(t('php.software.removeFailed'), errorText(error)),
  });
  return (
    <>
      <WhyNot reason={isNeeded ? t('php.software.needed') : !isAllowed}>
        <Button
          variant="default"
          size="xs"
          disabled={!isAllowed || isNeeded}
          loading={remove.isPending}
          leftSection={<IconTrash size={15} aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {t('php.software.remove', { version })}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('php.software.removeTitle', { version })}
        confirmLabel={t('php.software.removeConfirm')}
        cancelLabel={t('common.actions.cancel')}
        isDangerous
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          remove.mutate();
        }}
      >
        {t('php.software.removeText')}
      </ConfirmDialog>
    </>
  );
}
