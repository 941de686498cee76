import { ActionIcon, Button, Menu } from '@mantine/core';
import { IconDots, IconPencil, IconPlus, IconTrash, IconWorldCog } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { DnsAccount } from '#shared/dns-accounts.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Section } from '../../ui/Section.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { dnsAccountsQuery, useRemoveDnsAccount } from './certificates.queries.ts';
import classes from './Certificates.module.css';

const DnsAccountSheet = lazy(async () => ({ default: (await import('./DnsAccountSheet.tsx')).DnsAccountSheet }));
const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

/** Accounts that write records into the DNS to prove names; without their secrets. */
export function DnsAccounts() {
  const { t } = useTranslation();
  const mayWrite = useCan()('certificates.write');
  const { data, error, refetch } = useQuery(dnsAccountsQuery);
  const [open, setOpen] = useState<DnsAccount | 'new' | null>(null);
  const add = (
    <WhyNot reason={!mayWrite}>
      <Button
        variant="default"
        disabled={!mayWrite}
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={() => setOpen('new')}
      >
        {t('certificates.dns.add')}
      </Button>
    </WhyNot>
  );
  const isEmpty = data?.items.length === 0;
  return (
    <Section
      title={t('certificates.dns.title')}
      description={t('certificates.dns.text')}
      padding="flush"
      {...(isEmpty ? {} : { actions: add })}
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={2} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : isEmpty ? (
        <EmptyState
          icon={IconWorldCog}
          title={t('certificates.dns.none')}
          text={t('certificates.dns.noneText')}
          action={add}
        />
      ) : (
        <ul className={classes.accounts}>
          {data.items.map((account) => (
            <li key={account.id} className={classes.account}>
              <div>
                <span className={classes.name}>
                  <bdi>{account.name}</bdi>
                </span>
                <span className={classes.soft}>
                  {t(`certificates.dns.kinds.${account.kind}`)}
                  {account.kind === 'rfc2136' && (
                    <>
                      {' · '}
                      <Token mono>
                        {`${account.server.includes(':') ? `[${account.server}]` : account.server}:${account.port}`}
                      </Token>
                      {' · '}
                      <Token mono>{account.keyName}</Token>
                    </>
                  )}
                </span>
              </div>
              <AccountMenu account={account} onEdit={() => setOpen(account)} />
            </li>
          ))}
        </ul>
      )}
      <Suspense>
        {open !== null && <DnsAccountSheet known={open === 'new' ? null : open} onClose={() => setOpen(null)} />}
      </Suspense>
    </Section>
  );
}

function AccountMenu({ account: { id, name }, onEdit }: { readonly account: DnsAccount; readonly onEdit: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayWrite = useCan()('certificates.write');
  const remove = useRemoveDnsAccount();
  const [isAsking, setIsAsking] = useState(false);
  const confirm = (): void =>
    finish(remove, id, {
      onSuccess: () => sayDone(t('certificates.dns.removed', { name })),
      onError: (error) => sayFailed(t('certificates.dns.removeFailed'), errorText(error)),
      onSettled: () => setIsAsking(false),
    });
  return (
    <>
      <Menu width={200}>
        <Menu.Target>
          <ActionIcon size="lg" aria-label={t('certificates.dns.menu', { name })}>
            <IconDots size={19} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil {...icon} />} disabled={!mayWrite} onClick={onEdit}>
            {t('certificates.dns.edit')}
          </Menu.Item>
          <Menu.Item
            color="red"
            leftSection={<IconTrash {...icon} />}
            disabled={!mayWrite}
            onClick={() => setIsAsking(true)}
          >
            {t('certificates.dns.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('certificates.dns.removeTitle', { name })}
        confirmLabel={t('certificates.dns.remove').replace('…', '')}
        isDangerous
        isBusy={remove.isPending}
        onConfirm={confirm}
        onClose={() => setIsAsking(false)}
      >
        {t('certificates.dns.removeText')}
      </ConfirmDialog>
    </>
  );
}
