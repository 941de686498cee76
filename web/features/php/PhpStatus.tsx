import { Button, Skeleton } from '@mantine/core';
import { IconRefreshAlert } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { phpApi } from '#shared/php.ts';
import { call, newIdempotencyKey } from '../../api/client.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { ErrorState } from '../../ui/States.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { phpPoolQuery } from './php.queries.ts';
import classes from './SitePhp.module.css';

const figures = ['active', 'idle', 'queue', 'accepted', 'maxChildrenReached', 'slow'] as const;

/** What the site's processes do now, and a way out when they hang. */
export function PhpStatus({ siteId }: { readonly siteId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const client = useQueryClient();
  const mayWrite = useCan()('sites.write');
  const [isAsking, setIsAsking] = useState(false);
  const { data, error, refetch } = useQuery(phpPoolQuery(siteId));
  const restart = useMutation({
    mutationFn: () => call(phpApi.restart, { params: { siteId }, idempotencyKey: newIdempotencyKey() }),
    onSuccess: () => {
      sayDone(t('php.status.restarted'));
      return client.invalidateQueries({ queryKey: ['php', 'pool', siteId] });
    },
    onError: (failure) => sayFailed(t('php.status.restartFailed'), errorText(failure)),
  });
  return (
    <Section
      title={t('php.status.title')}
      description={t('php.status.text')}
      actions={
        <WhyNot reason={!mayWrite}>
          <Button
            variant="default"
            size="xs"
            disabled={!mayWrite}
            loading={restart.isPending}
            leftSection={<IconRefreshAlert size={15} aria-hidden />}
            onClick={() => setIsAsking(true)}
          >
            {t('php.status.restart')}
          </Button>
        </WhyNot>
      }
    >
      {data === undefined ? (
        error === null ? (
          <Skeleton height={44} radius="md" />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.pool === null ? (
        <Notice tone="warn" role="status" title={t('php.status.silent')}>
          {t('php.status.silentText')}
        </Notice>
      ) : (
        <dl className={classes.figures}>
          {figures.map((name) => (
            <div key={name}>
              <dt>{t(`php.status.${name}`)}</dt>
              <dd>{format.number(data.pool?.[name] ?? 0)}</dd>
            </div>
          ))}
        </dl>
      )}
      <ConfirmDialog
        isOpen={isAsking}
        title={t('php.status.restartTitle')}
        confirmLabel={t('php.status.restart')}
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          restart.mutate();
        }}
      >
        {t('php.status.restartText')}
      </ConfirmDialog>
    </Section>
  );
}
