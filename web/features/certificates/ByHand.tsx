import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ProofRecord, Sight, WaitingProof } from '#shared/certificate-proofs.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { Status, type Tone } from '../../ui/Status.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { CopyButton, Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './ByHand.module.css';
import { useCancelProof, useLookForProof, waitingProofsQuery } from './certificates.queries.ts';
import { useOpenIssue } from './use-open-issue.ts';

/** Records that somebody has to put into the DNS for orders of a site; nothing while none waits. */
export function ByHand({ siteId }: { readonly siteId: string }) {
  const open = useOpenIssue(siteId);
  const isOpen = useCan()('jobs.read') ? open !== undefined : true;
  const { data } = useQuery(waitingProofsQuery(siteId, isOpen));
  return data?.items.map((proof) => <Waiting key={proof.orderId} siteId={siteId} proof={proof} />);
}

type WaitingProps = { readonly siteId: string; readonly proof: WaitingProof };

function Waiting({ siteId, proof: { orderId, records, checkedAt, endsAt } }: WaitingProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('sites.write');
  const look = useLookForProof(siteId);
  const cancel = useCancelProof(siteId);
  const [isAsking, setIsAsking] = useState(false);
  const failed = (error: unknown): void => sayFailed(t('certificates.failed'), errorText(error));
  return (
    <Section
      title={t('certificates.byHand.title')}
      description={t('certificates.byHand.text')}
      actions={
        <>
          <WhyNot reason={!mayWrite}>
            <Button
              disabled={!mayWrite}
              loading={look.isPending}
              leftSection={<IconRefresh size={16} aria-hidden />}
              onClick={() => finish(look, orderId, { onError: failed })}
            >
              {t('certificates.byHand.look')}
            </Button>
          </WhyNot>
          <WhyNot reason={!mayWrite}>
            <Button variant="default" disabled={!mayWrite} onClick={() => setIsAsking(true)}>
              {t('certificates.byHand.cancel')}
            </Button>
          </WhyNot>
        </>
      }
    >
      <ol className={classes.records}>
        {records.map((record) => (
          <Record key={`${record.name} ${record.value}`} record={record} />
        ))}
      </ol>
      <p className={classes.soft} role="status">
        {checkedAt === null
          ? t('certificates.byHand.notYet')
          : t('certificates.byHand.checkedAt', { at: format.dateTime(checkedAt) })}{' '}
        {t('certificates.byHand.endsAt', { at: format.dateTime(endsAt) })}
      </p>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('certificates.byHand.cancelTitle')}
        confirmLabel={t('certificates.byHand.cancel')}
        cancelLabel={t('certificates.byHand.goOn')}
        isDangerous
        isBusy={cancel.isPending}
        onConfirm={() =>
          finish(cancel, orderId, {
            onSuccess: () => sayDone(t('certificates.byHand.cancelled')),
            onError: failed,
            onSettled: () => setIsAsking(false),
          })
        }
        onClose={() => setIsAsking(false)}
      >
        {t('certificates.byHand.cancelText')}
      </ConfirmDialog>
    </Section>
  );
}

const tones: Readonly<Record<Sight, Tone>> = { shown: 'good', other: 'warn', none: 'busy', silent: 'idle' };

function Record({ record: { name, value, servers } }: { readonly record: ProofRecord }) {
  const { t } = useTranslation();
  return (
    <li className={classes.record}>
      <dl className={classes.facts}>
        <div>
          <dt>{t('certificates.byHand.type')}</dt>
          <dd>
            <Token mono>TXT</Token>
          </dd>
        </div>
        <div>
          <dt>
            {t('certificates.byHand.name')} <CopyButton value={name} label={t('certificates.byHand.copyName')} />
          </dt>
          <dd>
            <Token mono>{name}</Token>
          </dd>
        </div>
        <div className={classes.wide}>
          <dt>
            {t('certificates.byHand.value')} <CopyButton value={value} label={t('certificates.byHand.copyValue')} />
          </dt>
          <dd>
            <Token mono>{value}</Token>
          </dd>
        </div>
      </dl>
      {servers.length > 0 && (
        <ul className={classes.servers}>
          {servers.map(({ server, sight }) => (
            <li key={server}>
              <Token mono>{server}</Token>{' '}
              <Status tone={tones[sight]}>{t(`certificates.byHand.sights.${sight}`)}</Status>
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
