import { Button, Radio, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import classes from './Doors.module.css';
import { fittingQuery, useFollowCertificate } from './doors.queries.ts';

type FollowSheetProps = { readonly followedId: string | null; readonly onClose: () => void };

/** A certificate of the shelf for the panel itself. */
export function FollowSheet({ followedId, onClose }: FollowSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const format = useFormat();
  const { data, error, refetch } = useQuery(fittingQuery);
  const follow = useFollowCertificate();
  const [chosen, setChosen] = useState<string | null>(followedId);
  const id = chosen ?? data?.items[0]?.id ?? null;
  return (
    <SideSheet
      title={t('doors.certificate.follow')}
      onClose={follow.isPending ? () => undefined : onClose}
      footer={
        <>
          <Button
            loading={follow.isPending}
            disabled={id === null || data?.items.length === 0}
            onClick={() => id !== null && follow.mutate(id, { onSuccess: onClose })}
          >
            {t('doors.certificate.submit')}
          </Button>
          <Button variant="default" onClick={onClose} disabled={follow.isPending}>
            {t('common.actions.cancel')}
          </Button>
        </>
      }
    >
      <Stack gap="lg">
        <p className={classes.hint}>{t('doors.certificate.followLead')}</p>
        {follow.isError && (
          <Notice tone="bad" role="alert" title={t('doors.certificate.failed')}>
            {errorText(follow.error)}
          </Notice>
        )}
        {data === undefined ? (
          error === null ? (
            <LoadingRows rows={3} />
          ) : (
            <ErrorState error={error} onRetry={() => void refetch()} />
          )
        ) : (
          <>
            <p className={classes.hint}>
              {t('doors.certificate.followNames')}{' '}
              {data.names.map((name) => (
                <span key={name}>
                  <Token mono>{name}</Token>{' '}
                </span>
              ))}
            </p>
            {data.items.length === 0 ? (
              <Notice
                tone="info"
                title={t('doors.certificate.followNone')}
                below={
                  <Button component={Link} to="/sites" variant="default" size="xs">
                    {t('doors.certificate.newSite')}
                  </Button>
                }
              >
                {t('doors.certificate.followNoneText')}
              </Notice>
            ) : (
              <Radio.Group value={id} onChange={setChosen} aria-label={t('doors.certificate.follow')}>
                <Stack gap="md">
                  {data.items.map(({ id: each, name, names, issuer, validUntil, isRenewed }) => (
                    <Radio
                      key={each}
                      value={each}
                      label={<bdi>{name}</bdi>}
                      description={
                        <>
                          <Token mono>{names.join('  ')}</Token>
                          <br />
                          <bdi>{issuer}</bdi> · {format.date(validUntil)} ·{' '}
                          {t(isRenewed ? 'doors.certificate.isRenewed' : 'doors.certificate.byHand')}
                        </>
                      }
                    />
                  ))}
                </Stack>
              </Radio.Group>
            )}
          </>
        )}
      </Stack>
    </SideSheet>
  );
}
