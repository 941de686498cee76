import { Button } from '@mantine/core';
import { IconUserMinus } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { Section } from '../../ui/Section.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import classes from './RecycledSites.module.css';
import { useRemoveAccount, type KeptAccount } from './recycled-sites.queries.ts';

/** Users of deleted sites that somebody kept; nothing is shown while there is none. */
export function KeptAccounts({ accounts }: { readonly accounts: readonly KeptAccount[] }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const remove = useRemoveAccount();
  const [asked, setAsked] = useState<KeptAccount | null>(null);
  if (accounts.length === 0) return null;
  return (
    <Section title={t('recycledSites.accounts.title')} description={t('recycledSites.accounts.text')} padding="flush">
      <ul className={classes.list}>
        {accounts.map((account) => (
          <AccountRow key={account.user} account={account} onRemove={() => setAsked(account)} />
        ))}
      </ul>
      {asked !== null && (
        <ConfirmDialog
          isOpen
          isDangerous
          title={t('recycledSites.accounts.removeTitle', { user: asked.user })}
          confirmLabel={t('recycledSites.accounts.remove')}
          isBusy={remove.isPending}
          onClose={() => setAsked(null)}
          onConfirm={() =>
            finish(remove, asked.user, {
              onSuccess: () => sayDone(t('recycledSites.accounts.removed', { user: asked.user })),
              onError: (error) => {
                const text = errorText(error);
                if (text !== '') sayFailed(t('recycledSites.accounts.failed'), text);
              },
              onSettled: () => setAsked(null),
            })
          }
        >
          {t('recycledSites.accounts.removeText')}
        </ConfirmDialog>
      )}
    </Section>
  );
}

function AccountRow({
  account: { user, slug, folder, hasSftp, keptAt, keptBy },
  onRemove,
}: {
  readonly account: KeptAccount;
  readonly onRemove: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <li className={classes.row}>
      <div className={classes.what}>
        <Token mono>{user}</Token>
        <span className={classes.soft}>
          {t('recycledSites.accounts.of', { site: slug })}
          {' · '}
          {t('recycledSites.accounts.kept', { ago: format.ago(keptAt) })}
          {' · '}
          <ForeignText max={60}>{keptBy}</ForeignText>
          {' · '}
          {t(hasSftp ? 'recycledSites.accounts.sftp' : 'recycledSites.accounts.noSftp')}
          {' · '}
          {folder === null ? t('recycledSites.accounts.noFolder') : <Token mono>{folder}</Token>}
        </span>
      </div>
      <div className={classes.actions}>
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          fw={500}
          leftSection={<IconUserMinus size={15} aria-hidden />}
          onClick={onRemove}
        >
          {t('recycledSites.accounts.remove')}
        </Button>
      </div>
    </li>
  );
}
