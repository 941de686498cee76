import { Button, Group, NativeSelect, Stack, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { SiteDeploy } from '#shared/site-deploy.ts';
import type { Site } from '#shared/sites.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { Section } from '../../ui/Section.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import classes from './Deploy.module.css';
import { fromMakeDraft, toMakeDraft, type MakeDraft } from './deploy-draft.ts';
import { useConfigureDeploy } from './deployments.queries.ts';
import { MakeFields } from './MakeFields.tsx';

type Draft = MakeDraft & { readonly kind: 'branch' | 'tag'; readonly name: string };

type DeploySettingsProps = {
  readonly site: Site;
  readonly deploy: SiteDeploy;
  readonly source: NonNullable<SiteDeploy['source']>;
};

/** How the next release is made. What is live stays as it is until then. */
export function DeploySettings({ site, deploy, source }: DeploySettingsProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const mayWrite = useCan()('deployments.write');
  const configure = useConfigureDeploy(site.id);
  const stored: Draft = { ...toMakeDraft(deploy), ...source.ref };
  const [draft, setDraft] = useState<Draft | null>(null);
  const [seenRevision, setSeenRevision] = useState(site.revision);
  const [isAsking, setIsAsking] = useState(false);
  const shown = draft ?? stored;
  const isDirty = draft !== null && JSON.stringify(draft) !== JSON.stringify(stored);
  const change = (part: Partial<Draft>): void => {
    if (draft === null) setSeenRevision(site.revision);
    if (configure.isError) configure.reset();
    setDraft({ ...shown, ...part });
  };
  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (!mayWrite || !isDirty || configure.isPending) return;
    const { kind, name, ...make } = shown;
    configure.mutate(
      { deploy: fromMakeDraft(make, { ...source, ref: { kind, name: name.trim() } }), revision: seenRevision },
      {
        onSuccess: () => {
          setDraft(null);
          sayDone(t('common.states.saved'));
        },
      },
    );
  };
  const disconnect = (): void =>
    configure.mutate(
      { deploy: { ...deploy, source: null }, revision: site.revision },
      { onError: (error) => sayFailed(t('deployments.form.disconnectFailed'), errorText(error)) },
    );
  const said = configure.error === null ? {} : fieldErrors(configure.error);
  const errorOf = (field: string): ReactNode =>
    said[`deploy.${field}`] ?? Object.entries(said).find(([each]) => each.startsWith(`deploy.${field}.`))?.[1];
  return (
    <Section title={t('deployments.form.title')} description={t('deployments.form.text')}>
      <form onSubmit={save} noValidate>
        <Stack gap="lg">
          <div className={classes.fields}>
            <NativeSelect
              label={t('deployments.connect.refKind')}
              value={shown.kind}
              onChange={(event) => change({ kind: event.currentTarget.value === 'tag' ? 'tag' : 'branch' })}
              data={(['branch', 'tag'] as const).map((value) => ({ value, label: t(`deployments.connect.${value}`) }))}
              disabled={!mayWrite}
            />
            <TextInput
              label={t('deployments.form.ref')}
              value={shown.name}
              onChange={(event) => change({ name: event.currentTarget.value })}
              error={errorOf('source.ref')}
              disabled={!mayWrite}
              dir="ltr"
              spellCheck={false}
            />
          </div>
          <MakeFields draft={shown} onChange={change} errorOf={errorOf} isDisabled={!mayWrite} />
          {configure.error !== null && Object.keys(said).length === 0 && (
            <Notice tone="bad" role="alert">
              {errorText(configure.error)}
            </Notice>
          )}
          <Group justify="space-between" gap="xs">
            <Group gap="xs">
              <WhyNot reason={!mayWrite}>
                <Button type="submit" loading={configure.isPending} disabled={!mayWrite || !isDirty}>
                  {t('common.actions.save')}
                </Button>
              </WhyNot>
              {isDirty && (
                <Button variant="default" disabled={configure.isPending} onClick={() => setDraft(null)}>
                  {t('common.actions.discard')}
                </Button>
              )}
            </Group>
            {mayWrite && (
              <Button variant="subtle" color="red" onClick={() => setIsAsking(true)}>
                {t('deployments.form.disconnect')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('deployments.form.disconnectTitle')}
        confirmLabel={t('deployments.form.disconnect')}
        cancelLabel={t('common.actions.cancel')}
        isDangerous
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          setIsAsking(false);
          disconnect();
        }}
      >
        {t('deployments.form.disconnectText')}
      </ConfirmDialog>
    </Section>
  );
}
