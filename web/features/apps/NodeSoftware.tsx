import { Button } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { NodeLine } from '#shared/apps.ts';
import { nodeSoftwareNames, softwareApi, type NodeSoftwareName } from '#shared/software.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';
import { useCan } from '../../api/session.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from '../php/PhpSoftware.module.css';
import { InstallButton } from '../software/InstallButton.tsx';
import { nodeVersionsQuery } from './apps.queries.ts';

/** The panel's own store of Node for applications. */
export function NodeSoftware() {
  const { t } = useTranslation();
  const { data, error, refetch } = useQuery(nodeVersionsQuery);
  return (
    <Section title={t('apps.node.title')} description={t('apps.node.text')} padding="flush">
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={3} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <ul className={classes.list}>
          {data.items.map((line) => (
            <LineRow key={line.major} line={line} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function LineRow({ line: { major, versions } }: { readonly line: NodeLine }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sites = versions.reduce((sum, each) => sum + each.sites, 0);
  const name = nodeSoftwareNames.find((each) => each === `node${major}`);
  return (
    <li className={classes.row}>
      <div className={classes.name}>
        <Token>{`Node ${versions.length === 0 ? major : versions.map(({ version }) => version).join(', ')}`}</Token>
      </div>
      <div className={classes.use}>
        {versions.length === 0
          ? t('apps.node.available')
          : t('apps.node.sites', { count: sites, value: format.number(sites) })}
      </div>
      {name !== undefined &&
        (versions.length === 0 ? (
          <InstallButton name={name} size="xs" label={t('apps.node.install', { major })} />
        ) : (
          <RemoveButton name={name} major={major} isNeeded={sites > 0} />
        ))}
    </li>
  );
}

function RemoveButton({
  name,
  major,
  isNeeded,
}: {
  readonly name: NodeSoftwareName;
  readonly major: number;
  readonly isNeeded: boolean;
}) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const isAllowed = useCan()('software.install');
  const [isAsking, setIsAsking] = useState(false);
  const remove = useMutation({
    mutationFn: () => call(softwareApi.remove, { params: { name }, idempotencyKey: newIdempotencyKey() }),
    onSuccess: async (job) => {
      await client.invalidateQueries({ queryKey: ['jobs'] });
      openJobs(job.id);
    },
    onError: (error) => sayFailed(t('apps.node.removeFailed'), errorText(error)),
  });
  return (
    <>
      <WhyNot reason={isNeeded ? t('apps.node.needed') : !isAllowed}>
        <Button
          variant="default"
          size="xs"
          disabled={!isAllowed || isNeeded}
          loading={remove.isPending}
          leftSection={<IconTrash size={15} aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {t('apps.node.remove', { major })}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('apps.node.removeTitle', { major })}
        confirmLabel={t('apps.node.removeConfirm')}
        cancelLabel={t('common.actions.cancel')}
        isDangerous
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          remove.mutate();
        }}
      >
        {t('apps.node.removeText')}
      </ConfirmDialog>
    </>
  );
}
