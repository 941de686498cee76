import { Checkbox, NativeSelect, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { revocationReasons, type RevocationReason } from '#shared/certificate-revocation.ts';
import { finish } from '../../api/finish.ts';
import { openJobs } from '../../layout/panels.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { SiteTitle } from '../../ui/SiteTitle.tsx';
import { useRevokeCertificate, type Certificate } from './certificates.queries.ts';

type RevokeDialogProps = {
  readonly certificate: Certificate;
  readonly onFailed: (error: unknown) => void;
  readonly onClose: () => void;
};

/** Takes a certificate back at its authority: says who meets it, asks why, and for a fresh factor then. */
export function RevokeDialog({ certificate: { id, name, sites }, onFailed, onClose }: RevokeDialogProps) {
  const { t } = useTranslation();
  const revoke = useRevokeCertificate();
  const [reason, setReason] = useState<RevocationReason>('key_compromise');
  const [isSure, setIsSure] = useState(false);
  return (
    <ConfirmDialog
      isOpen
      title={t('certificates.revoke.title', { name })}
      confirmLabel={t('certificates.revoke.confirm')}
      isDangerous
      isBusy={revoke.isPending}
      canConfirm={isSure}
      onConfirm={() =>
        finish(
          revoke,
          { certificateId: id, reason },
          { onSuccess: (job) => openJobs(job.id), onError: onFailed, onSettled: onClose },
        )
      }
      onClose={onClose}
    >
      <Stack gap="md">
        <span>{t('certificates.revoke.text')}</span>
        {sites.length > 0 && (
          <div>
            {t('certificates.revoke.sites')}
            <ul>
              {sites.map((site) => (
                <li key={site.id}>
                  <SiteTitle name={site.name} />
                </li>
              ))}
            </ul>
          </div>
        )}
        <NativeSelect
          label={t('certificates.revoke.reason')}
          value={reason}
          onChange={(event) => {
            const wanted = event.currentTarget.value;
            setReason(revocationReasons.find((each) => each === wanted) ?? 'unspecified');
          }}
          data={(['key_compromise', 'superseded', 'cessation', 'unspecified'] as const).map((value) => ({
            value,
            label: t(`certificates.revoke.reasons.${value}`),
          }))}
        />
        <Checkbox
          label={t('certificates.revoke.sure')}
          checked={isSure}
          onChange={(event) => setIsSure(event.currentTarget.checked)}
        />
      </Stack>
    </ConfirmDialog>
  );
}
