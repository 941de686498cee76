import { Button, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { useDeployOnce } from './deployments.queries.ts';

const kinds = ['tag', 'commit', 'branch'] as const;
type Kind = (typeof kinds)[number];

/** Another tag, branch or commit, this once. */
export function DeployOnce({ siteId, onClose }: { readonly siteId: string; readonly onClose: () => void }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const [kind, setKind] = useState<Kind>('tag');
  const [name, setName] = useState('');
  const start = useDeployOnce(siteId);
  const said = start.error === null ? undefined : fieldErrors(start.error)['target.name'];
  return (
    <SideSheet title={t('deployments.once.title')} onClose={onClose}>
      <form
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          start.mutate(
            { kind, name: kind === 'commit' ? name.trim().toLowerCase() : name.trim() },
            { onSuccess: onClose },
          );
        }}
      >
        <Stack gap="md">
          <p>{t('deployments.once.text')}</p>
          {start.error !== null && said === undefined && (
            <Notice tone="bad" role="alert" title={t('deployments.startFailed')}>
              {errorText(start.error)}
            </Notice>
          )}
          <NativeSelect
            label={t('deployments.connect.refKind')}
            value={kind}
            onChange={(event) => setKind(kinds.find((each) => each === event.currentTarget.value) ?? 'tag')}
            data={kinds.map((value) => ({
              value,
              label: t(value === 'commit' ? 'deployments.once.commit' : `deployments.connect.${value}`),
            }))}
          />
          <TextInput
            label={t('deployments.once.name')}
            description={kind === 'commit' ? t('deployments.once.commitHint') : undefined}
            dir="ltr"
            spellCheck={false}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={said}
          />
          <Button type="submit" loading={start.isPending} disabled={name.trim() === ''}>
            {t('deployments.once.start')}
          </Button>
        </Stack>
      </form>
    </SideSheet>
  );
}
