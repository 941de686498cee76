import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconBell, IconBellOff, IconDots, IconPencil, IconSend, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { BackupHook } from '#shared/backup-alerts.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { Status } from '../../ui/Status.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useRemoveHook, useTestHook } from './backups.queries.ts';
import classes from './Overview.module.css';
import { failureError } from './run-texts.ts';

const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

type HookItemProps = { readonly hook: BackupHook; readonly onEdit: () => void };

/** One address that is told: of what, in which language, and whether the last message arrived. */
export function HookItem({ hook, onEdit }: HookItemProps) {
  const { t } = useTranslation();
  const { id, name, origin, isEnabled, hasSecret } = hook;
  const Sign = isEnabled ? IconBell : IconBellOff;
  const signed = t(hasSecret ? 'backups.alerts.signed' : 'backups.alerts.unsigned');
  return (
    <li className={classes.item} data-testid="backup-hook">
      <div className={classes.head}>
        <span className={classes.tile} aria-hidden>
          <Sign size={20} stroke={1.7} />
        </span>
        <div className={classes.names}>
          <h3 className={classes.name}>
            <bdi>{name}</bdi>
          </h3>
          <span className={classes.place}>
            <Token mono>{origin}</Token> · {signed}
            {!isEnabled && ` · ${t('backups.alerts.off')}`}
          </span>
        </div>
        <div className={classes.actions}>
          <TestButton hookId={id} />
          <HookMenu hook={hook} onEdit={onEdit} />
        </div>
      </div>
      <HookFacts hook={hook} />
    </li>
  );
}

/** Says what the other side really answered. */
function TestButton({ hookId }: { readonly hookId: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayManage = useCan()('backups.manage');
  const test = useTestHook();
  const send = (): void =>
    finish(test, hookId, {
      onSuccess: ({ outcome: { isDelivered, status, reason } }) => {
        if (isDelivered) return sayDone(t('backups.alerts.tested', { status: String(status ?? '') }));
        const params: { status?: number } = status === null ? {} : { status };
        sayFailed(t('backups.alerts.testFailed'), errorText(failureError({ code: 'internal', reason, params })));
      },
      onError: (error) => sayFailed(t('backups.alerts.testFailed'), errorText(error)),
    });
  return (
    <WhyNot reason={!mayManage}>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconSend size={16} aria-hidden />}
        disabled={!mayManage}
        loading={test.isPending}
        onClick={send}
      >
        {t('backups.alerts.test')}
      </Button>
    </WhyNot>
  );
}

function HookMenu({ hook: { id, name }, onEdit }: HookItemProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayManage = useCan()('backups.manage');
  const remove = useRemoveHook();
  const [isAsking, setIsAsking] = useState(false);
  const confirm = (): void =>
    finish(remove, id, {
      onSuccess: () => sayDone(t('backups.alerts.removed', { name })),
      onError: (error) => sayFailed(t('backups.alerts.removeFailed'), errorText(error)),
      onSettled: () => setIsAsking(false),
    });
  return (
    <>
      <Menu width={220}>
        <Menu.Target>
          <ActionIcon size="lg" aria-label={t('backups.alerts.menu', { name })}>
            <IconDots size={19} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil {...icon} />} disabled={!mayManage} onClick={onEdit}>
            {t('backups.alerts.edit')}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            color="red"
            leftSection={<IconTrash {...icon} />}
            disabled={!mayManage}
            onClick={() => setIsAsking(true)}
          >
            {t('backups.alerts.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('backups.alerts.removeTitle', { name })}
        confirmLabel={t('backups.alerts.remove')}
        isDangerous
        isBusy={remove.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        {t('backups.alerts.removeText')}
      </ConfirmDialog>
    </>
  );
}

function HookFacts({ hook }: Pick<HookItemProps, 'hook'>) {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const { events, language, lastOutcome, waitingCount } = hook;
  const names = events.map((event) => t(`backups.alerts.events.${event}`));
  return (
    <dl className={classes.facts}>
      <div>
        <dt>{t('backups.alerts.what')}</dt>
        <dd>{new Intl.ListFormat(i18n.language, { type: 'unit' }).format(names)}</dd>
      </div>
      <div>
        <dt>{t('backups.alerts.language')}</dt>
        <dd>{language === 'ar' ? 'العربية' : 'English'}</dd>
      </div>
      <div>
        <dt>{t('backups.alerts.last')}</dt>
        <dd>
          {lastOutcome === null ? (
            <Status tone="idle">{t('backups.alerts.never')}</Status>
          ) : (
            <>
              <Status tone={lastOutcome.isDelivered ? 'good' : 'bad'}>
                {t(lastOutcome.isDelivered ? 'backups.alerts.delivered' : 'backups.alerts.notDelivered')}
              </Status>
              <span className={classes.soft}>
                {lastOutcome.status === null
                  ? format.ago(lastOutcome.at)
                  : t('backups.alerts.status', {
                      status: String(lastOutcome.status),
                      ago: format.ago(lastOutcome.at),
                    })}
              </span>
              {lastOutcome.status === null && lastOutcome.reason !== null && (
                <span className={`${classes.soft} ${classes.bad}`}>
                  {errorText(failureError({ code: 'internal', reason: lastOutcome.reason, params: {} }))}
                </span>
              )}
            </>
          )}
          {waitingCount > 0 && (
            <span className={classes.soft}>
              {t('backups.alerts.waiting', { count: waitingCount, value: format.number(waitingCount) })}
            </span>
          )}
        </dd>
      </div>
    </dl>
  );
}
