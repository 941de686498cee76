import { ActionIcon, Menu } from '@mantine/core';
import { IconBan, IconDots, IconDownload, IconKey, IconRefresh, IconReplace, IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { saveText } from '../../ui/save-text.ts';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { openJobs } from '../../layout/panels.ts';
import {
  useExportKey,
  useReadChain,
  useRemoveCertificate,
  useRenewCertificate,
  type Certificate,
} from './certificates.queries.ts';

const RevokeDialog = lazy(async () => ({ default: (await import('./RevokeDialog.tsx')).RevokeDialog }));
const PutCertificate = lazy(async () => ({ default: (await import('./PutCertificate.tsx')).PutCertificate }));
const icon = { size: 17, stroke: 1.7, 'aria-hidden': true } as const;

/** What can be done with one certificate. Its key leaves the server only after a fresh factor. */
export function CertificateMenu({ certificate }: { readonly certificate: Certificate }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const mayWrite = useCan()('certificates.write');
  const [open, setOpen] = useState<'replace' | 'remove' | 'revoke' | null>(null);
  const chain = useReadChain();
  const key = useExportKey();
  const remove = useRemoveCertificate();
  const renew = useRenewCertificate();
  const { id, name, sites, source, renewal, revoked } = certificate;
  const navigate = useNavigate();
  const fileName = (end: string): string => `${name.replace(/[^A-Za-z0-9._-]+/g, '_')}.${end}.pem`;
  const failed = (error: unknown): void => {
    const text = errorText(error);
    // Whoever closes the question for a factor knows that.
    if (text !== '') sayFailed(t('certificates.failed'), text);
  };
  /** What somebody has to put into the DNS stands on the page of the site. */
  const follow = (jobId: string): void => {
    const [site] = sites;
    if (renewal?.stopped !== 'by_hand' || site === undefined) return openJobs(jobId);
    void navigate({ to: '/sites/$siteId/https', params: { siteId: site.id } });
  };
  return (
    <>
      <Menu width={240}>
        <Menu.Target>
          <ActionIcon size="lg" aria-label={t('certificates.actions', { name })}>
            <IconDots size={19} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconDownload {...icon} />}
            onClick={() =>
              finish(chain, id, { onSuccess: (text) => saveText(fileName('chain'), text), onError: failed })
            }
          >
            {t('certificates.download')}
          </Menu.Item>
          <Menu.Item
            disabled={!mayWrite}
            leftSection={<IconKey {...icon} />}
            onClick={() => finish(key, id, { onSuccess: (text) => saveText(fileName('key'), text), onError: failed })}
          >
            {t('certificates.exportKey')}
          </Menu.Item>
          {source === 'acme' && (
            <Menu.Item
              disabled={!mayWrite}
              leftSection={<IconRefresh {...icon} />}
              onClick={() => finish(renew, id, { onSuccess: (job) => follow(job.id), onError: failed })}
            >
              {t('certificates.renewNow')}
            </Menu.Item>
          )}
          {source === 'own' && (
            <Menu.Item disabled={!mayWrite} leftSection={<IconReplace {...icon} />} onClick={() => setOpen('replace')}>
              {t('certificates.replace')}
            </Menu.Item>
          )}
          {source === 'acme' && (
            <Menu.Item
              color="red"
              disabled={!mayWrite || revoked !== null}
              leftSection={<IconBan {...icon} />}
              onClick={() => setOpen('revoke')}
            >
              {t('certificates.revoke.action')}
            </Menu.Item>
          )}
          <Menu.Item
            color="red"
            disabled={!mayWrite || sites.length > 0}
            leftSection={<IconTrash {...icon} />}
            onClick={() => setOpen('remove')}
          >
            {t('certificates.remove')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Suspense>
        {open === 'revoke' && (
          <RevokeDialog certificate={certificate} onFailed={failed} onClose={() => setOpen(null)} />
        )}
        {open === 'replace' && <PutCertificate replaced={certificate} onClose={() => setOpen(null)} />}
      </Suspense>
      <ConfirmDialog
        isOpen={open === 'remove'}
        title={t('certificates.removeTitle')}
        confirmLabel={t('certificates.remove').replace('…', '')}
        isDangerous
        isBusy={remove.isPending}
        onConfirm={() =>
          finish(remove, id, {
            onSuccess: () => sayDone(t('certificates.removed', { name })),
            onError: failed,
            onSettled: () => setOpen(null),
          })
        }
        onClose={() => setOpen(null)}
      >
        {t('certificates.removeText')}
      </ConfirmDialog>
    </>
  );
}
