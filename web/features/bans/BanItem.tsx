import { Button } from '@mantine/core';
import { IconNetwork, IconUserX, IconWorldX } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Ban } from '#shared/doors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Bans.module.css';
import { useRemoveBan } from './bans.queries.ts';

const icons = { address: IconWorldX, network: IconNetwork, account: IconUserX } as const;

/** One ban: who, why with the evidence, until when, and the way to lift it. */
export function BanItem({ ban }: { readonly ban: Ban }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const mayWrite = useCan()('bans.write');
  const remove = useRemoveBan();
  const [isAsking, setIsAsking] = useState(false);
  const { kind, value, reason, note, createdAt, until, times } = ban;
  const KindIcon = icons[kind];
  const confirm = (): void =>
    finish(remove, ban.id, {
      onSuccess: () => sayDone(t('bans.unbanned', { value })),
      onError: (error) => sayFailed(t('bans.unbanFailed'), errorText(error)),
      onSettled: () => setIsAsking(false),
    });
  const why =
    reason === 'by_hand'
      ? t('bans.reasons.by_hand', { name: `\u2068${ban.actorName ?? t('bans.somebody')}\u2069` })
      : t(`bans.reasons.${reason}`);
  return (
    <li className={classes.ban}>
      <span className={classes.icon} aria-hidden>
        <KindIcon size={19} stroke={1.7} />
      </span>
      <div className={classes.what}>
        <div className={classes.value}>
          {kind === 'account' ? <ForeignText mono>{value}</ForeignText> : <Token mono>{value}</Token>}
          <span className={classes.kind}>{t(`bans.kinds.${kind}`)}</span>
        </div>
        <div className={classes.why}>
          {why}
          {ban.evidence.count > 0 && (
            <>
              {' · '}
              <span className="numbers">{triesText()}</span>
            </>
          )}
          {' · '}
          {timesText()}
          {' · '}
          <time dateTime={createdAt} title={format.dateTime(createdAt)}>
            {format.ago(createdAt)}
          </time>
        </div>
        {note !== '' && (
          <div className={classes.note}>
            <ForeignText>{note}</ForeignText>
          </div>
        )}
        <Evidence ban={ban} />
      </div>
      <div className={classes.until}>
        {until === null ? (
          t('bans.forever')
        ) : (
          <time dateTime={until}>
            {format.dateTime(until)}
            <span>{t('bans.left', { ago: format.ago(until) })}</span>
          </time>
        )}
      </div>
      <div className={classes.action}>
        <WhyNot reason={!mayWrite}>
          <Button size="xs" variant="default" disabled={!mayWrite} onClick={() => setIsAsking(true)}>
            {t('bans.unban')}
          </Button>
        </WhyNot>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('bans.unbanTitle', { value })}
        confirmLabel={t('bans.unban')}
        isBusy={remove.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        {t('bans.unbanText')}
      </ConfirmDialog>
    </li>
  );

  function triesText(): string {
    const { count } = ban.evidence;
    return t('bans.tries', { count, value: format.number(count) });
  }
  function timesText(): string {
    return t('bans.times', { count: times, value: format.number(times) });
  }
}

/** Names and addresses that were tried: what strangers typed. */
function Evidence({ ban: { evidence } }: { readonly ban: Ban }) {
  const { t } = useTranslation();
  const { lastAccounts, lastAddresses } = evidence;
  if (lastAccounts.length === 0 && lastAddresses.length === 0) return null;
  return (
    <dl className={classes.evidence}>
      {lastAccounts.length > 0 && (
        <div>
          <dt title={t('bans.stranger')}>{t('bans.accounts')}</dt>
          {lastAccounts.map((name, index) => (
            <dd key={index}>
              <ForeignText mono max={64}>
                {name}
              </ForeignText>
            </dd>
          ))}
        </div>
      )}
      {lastAddresses.length > 0 && (
        <div>
          <dt>{t('bans.addresses')}</dt>
          {lastAddresses.map((address, index) => (
            <dd key={index}>
              <Token mono>{address}</Token>
            </dd>
          ))}
        </div>
      )}
    </dl>
  );
}
