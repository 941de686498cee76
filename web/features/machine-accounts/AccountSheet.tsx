import { Button, Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { AccountFacts, MachineAccounts } from '#shared/machine-accounts.ts';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { ErrorState, LoadingRows } from '../../ui/States.tsx';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import services from '../services/Services.module.css';
import { AccountAccess } from './AccountAccess.tsx';
import { AccountForm } from './AccountForm.tsx';
import { AccountKeys } from './AccountKeys.tsx';
import { AccountState } from './AccountState.tsx';
import { useWhyNot } from './use-why-not.ts';
import classes from './MachineAccounts.module.css';
import { machineAccountQuery } from './machine-accounts.queries.ts';
import { RemoveAccount } from './RemoveAccount.tsx';

type SheetProps = { readonly name: string; readonly accounts: MachineAccounts; readonly onClose: () => void };

/** One user of the machine beside the list. */
export function AccountSheet({ name, accounts, onClose }: SheetProps) {
  const { t } = useTranslation();
  const whyNot = useWhyNot(accounts);
  const [isAsking, setIsAsking] = useState(false);
  const { data, error, refetch } = useQuery(machineAccountQuery(name));
  const canChange = data?.account.canChange === true;
  return (
    <SideSheet
      title={<Token>{name}</Token>}
      onClose={onClose}
      size={640}
      closesOnEscape={!isAsking}
      footer={
        canChange ? (
          <WhyNot reason={whyNot}>
            <Button color="red" variant="light" disabled={whyNot !== false} onClick={() => setIsAsking(true)}>
              {t('machineAccounts.remove.action')}
            </Button>
          </WhyNot>
        ) : undefined
      }
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={8} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : (
        <Stack gap="lg">
          <AccountState account={data.account} />
          <Facts facts={data} />
          {!canChange && <Notice tone="info">{t('machineAccounts.notOurs')}</Notice>}
          {canChange && (
            <>
              <AccountForm
                key={JSON.stringify(data.account)}
                account={data.account}
                accounts={accounts}
                whyNot={whyNot}
              />
              <AccountKeys facts={data} whyNot={whyNot} />
              <AccountAccess account={data.account} whyNot={whyNot} />
            </>
          )}
        </Stack>
      )}
      {isAsking && data !== undefined && (
        <RemoveAccount facts={data} onClose={() => setIsAsking(false)} onRemoved={onClose} />
      )}
    </SideSheet>
  );
}

function Facts({ facts }: { readonly facts: AccountFacts }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { account, home, sessions, processCount } = facts;
  const size = home.sizeBytes === null ? '' : ` (${format.bytes(home.sizeBytes)})`;
  return (
    <dl className={services.facts}>
      <div>
        <dt>{t('machineAccounts.columns.uid')}</dt>
        <dd>
          <Token>{String(account.uid)}</Token>
        </dd>
      </div>
      <div>
        <dt>{t('machineAccounts.sessions')}</dt>
        <dd>{format.number(sessions)}</dd>
      </div>
      <div>
        <dt>{t('machineAccounts.processes')}</dt>
        <dd>{format.number(processCount)}</dd>
      </div>
      <div className={services.wide}>
        <dt>{t('machineAccounts.home')}</dt>
        <dd>
          <Token mono>{account.home}</Token>
          <bdi>{size}</bdi>
          {(home.state === 'missing' || home.state === 'other') && (
            <p className={classes.hint}>{t(`machineAccounts.homeStates.${home.state}`)}</p>
          )}
        </dd>
      </div>
    </dl>
  );
}
