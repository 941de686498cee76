import { ActionIcon, Box, Collapse, Tooltip, UnstyledButton } from '@mantine/core';
import { IconApi, IconTrash } from '@tabler/icons-react';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ApiToken } from '#shared/tokens.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { useFormat } from '../../ui/format.ts';
import { PermissionList } from '../../ui/PermissionChoice.tsx';
import { Status } from '../../ui/Status.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { useDeleteToken } from './account.queries.ts';
import { OwnRow } from './OwnRow.tsx';
import classes from './Tokens.module.css';

export function TokenRow({ token }: { readonly token: ApiToken }) {
  const { t } = useTranslation();
  const format = useFormat();
  const errorText = useErrorText();
  const remove = useDeleteToken();
  const id = useId();
  const [isAsking, setIsAsking] = useState(false);
  const [isOpen, setIsOpen] = useState(false);
  const [now] = useState(() => Date.now());
  const isExpired = Date.parse(token.expiresAt) <= now;
  const label = t('account.tokens.delete', { name: token.name });
  return (
    <>
      <OwnRow
        icon={IconApi}
        tone={isExpired ? undefined : token.isElevated ? 'warn' : 'good'}
        name={
          <>
            <bdi>{token.name}</bdi>
            {token.isElevated && <Status tone="warn">{t('account.tokens.elevatedBadge')}</Status>}
            {isExpired && <Status tone="idle">{t('account.tokens.expired')}</Status>}
          </>
        }
        facts={[
          <Token key="start" mono>{`aap_${token.id}_…`}</Token>,
          token.lastUsedAt === null
            ? t('account.own.neverUsed')
            : token.lastAddress === null
              ? t('account.own.lastUsed', { time: format.ago(token.lastUsedAt) })
              : t('account.tokens.lastUsedFrom', { time: format.ago(token.lastUsedAt), address: token.lastAddress }),
          isExpired ? null : t('account.tokens.expires', { time: format.date(token.expiresAt) }),
          token.addresses.length === 0 ? null : (
            <span key="from">
              {t('account.tokens.onlyFrom')} <Token>{token.addresses.join(', ')}</Token>
            </span>
          ),
        ]}
        actions={
          <Tooltip label={label}>
            <ActionIcon size="lg" aria-label={label} onClick={() => setIsAsking(true)}>
              <IconTrash size={18} stroke={1.7} />
            </ActionIcon>
          </Tooltip>
        }
      >
        <UnstyledButton
          className={classes.more}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setIsOpen((before) => !before)}
        >
          {t('people.roles.all', { count: token.scopes.length, value: format.number(token.scopes.length) })}
        </UnstyledButton>
        <Collapse expanded={isOpen} id={id}>
          <Box pt="sm">
            <PermissionList permissions={token.scopes} />
          </Box>
        </Collapse>
      </OwnRow>
      <ConfirmDialog
        isOpen={isAsking}
        title={label}
        confirmLabel={t('common.actions.delete')}
        isDangerous
        isBusy={remove.isPending}
        onClose={() => setIsAsking(false)}
        onConfirm={() =>
          finish(remove, token.id, {
            onSuccess: () => sayDone(t('account.tokens.deleted', { name: token.name })),
            onError: (error) => sayFailed(t('account.tokens.deleteFailed'), errorText(error)),
            onSettled: () => setIsAsking(false),
          })
        }
      >
        {t('account.tokens.deleteText')}
      </ConfirmDialog>
    </>
  );
}
