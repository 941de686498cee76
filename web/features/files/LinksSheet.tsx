import { Button } from '@mantine/core';
import { IconLinkOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FileLink } from '#shared/file-links.ts';
import { finish } from '../../api/finish.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { fileLinksQuery, useRevokeLink } from './file-links.queries.ts';
import classes from './Files.module.css';

type LinksSheetProps = { readonly siteId: string; readonly onClose: () => void };

/** The links of the site that work now, how often each was used, and their end. */
export function LinksSheet({ siteId, onClose }: LinksSheetProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { data, error, refetch } = useQuery(fileLinksQuery(siteId));
  const revoke = useRevokeLink(siteId);
  const [asked, setAsked] = useState<FileLink | null>(null);
  return (
    <SideSheet title={t('fileLinks.listTitle')} onClose={onClose} closesOnEscape={asked === null}>
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={4} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : data.items.length === 0 ? (
        <EmptyState icon={IconLinkOff} title={t('fileLinks.none')} text={t('fileLinks.noneText')} />
      ) : (
        <ul className={classes.bin} aria-label={t('fileLinks.listTitle')}>
          {data.items.map((link) => (
            <LinkLine key={link.id} link={link} onRevoke={() => setAsked(link)} />
          ))}
        </ul>
      )}
      {asked !== null && (
        <ConfirmDialog
          isOpen
          isDangerous
          title={t('fileLinks.revokeTitle')}
          confirmLabel={t('fileLinks.revoke')}
          isBusy={revoke.isPending}
          onClose={() => setAsked(null)}
          onConfirm={() =>
            finish(revoke, asked.id, {
              onSuccess: () => sayDone(t('fileLinks.revoked')),
              onError: (why) => sayFailed(t('files.notDone'), errorText(why)),
              onSettled: () => setAsked(null),
            })
          }
        >
          {t('fileLinks.revokeText')}
        </ConfirmDialog>
      )}
    </SideSheet>
  );
}

function LinkLine({ link, onRevoke }: { readonly link: FileLink; readonly onRevoke: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { path, madeBy, isMine, hasPassword, mostDownloads, downloads, lastUsedAt, expiresAt } = link;
  const value = format.number(downloads);
  const facts = [
    isMine ? t('fileLinks.mine') : t('fileLinks.by', { name: madeBy }),
    t('fileLinks.ends', { ago: format.ago(expiresAt) }),
    ...(hasPassword ? [t('fileLinks.withPassword')] : []),
  ];
  const uses = [
    mostDownloads === null
      ? downloads === 0
        ? t('fileLinks.unused')
        : t('fileLinks.used', { count: downloads, value })
      : t('fileLinks.usedOf', { value, most: format.number(mostDownloads) }),
    ...(mostDownloads !== null && downloads >= mostDownloads ? [t('fileLinks.usedUp')] : []),
    ...(lastUsedAt === null ? [] : [t('fileLinks.last', { ago: format.ago(lastUsedAt) })]),
  ];
  return (
    <li className={classes.binItem}>
      <div className={classes.binText}>
        <ForeignText max={160}>{path}</ForeignText>
        <span className={classes.sub}>{facts.join(' · ')}</span>
        <span className={`${classes.sub} numbers`}>{uses.join(' · ')}</span>
      </div>
      <Button size="compact-xs" variant="subtle" color="red" onClick={onRevoke}>
        {t('fileLinks.revoke')}
      </Button>
    </li>
  );
}
