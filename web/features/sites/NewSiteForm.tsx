import { Button, Group, Progress, Stack, Switch, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fieldText, useErrorText, useFieldErrors } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { AppStart } from '../apps/AppStart.tsx';
import { NewSiteDatabase } from '../databases/NewSiteDatabase.tsx';
import { PhpVersionSelect } from '../php/PhpVersionSelect.tsx';
import { DomainsInput } from './DomainsInput.tsx';
import { KindCards } from './KindCards.tsx';
import { NewSiteAdvanced } from './NewSiteAdvanced.tsx';
import classes from './NewSite.module.css';
import { NewSitePlan } from './NewSitePlan.tsx';
import { canHaveCertificate, databaseOf, problemsOf, type NewSiteDraft } from './new-site-draft.ts';
import { UpstreamFields } from './UpstreamFields.tsx';

type NewSiteFormProps = {
  readonly draft: NewSiteDraft;
  readonly onChange: (change: Partial<NewSiteDraft>) => void;
  readonly onSubmit: () => void;
  readonly onCancel: () => void;
  readonly isPending: boolean;
  readonly error: unknown;
};

/** Fields of the server's answer that stand in this form. */
const advancedFields = ['name', 'remark', 'category', 'root'] as const;

export function NewSiteForm({ draft, onChange, onSubmit, onCancel, isPending, error }: NewSiteFormProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const fieldErrors = useFieldErrors();
  const form = useRef<HTMLFormElement>(null);
  const [isTried, setIsTried] = useState(false);
  const said = error === null ? {} : fieldErrors(error);
  const isPlaced = Object.keys(said).some(
    (field) =>
      field.startsWith('domains') ||
      field.startsWith('upstream') ||
      field.startsWith('php') ||
      field.startsWith('app') ||
      field.startsWith('database') ||
      field.startsWith('sftp') ||
      field === 'certificate' ||
      field in draft,
  );
  const problems = isTried ? problemsOf(draft) : {};
  const ownText = (code: string | undefined): string | undefined =>
    code === undefined ? undefined : fieldText(t, code);

  const sshKeyError = Object.entries(said).find(([field]) => field.startsWith('sftp'))?.[1] ?? ownText(problems.sshKey);

  // The first field with an error, so that nobody has to look for it.
  useEffect(() => {
    if (error !== null) form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus();
  }, [error]);

  return (
    <form
      ref={form}
      noValidate
      aria-busy={isPending}
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        setIsTried(true);
        if (Object.keys(problemsOf(draft)).length === 0) onSubmit();
        else requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
      }}
    >
      <fieldset disabled={isPending} className={classes.columns}>
        <Stack gap="lg" className={classes.fields}>
          <KindCards value={draft.kind} isWordpress={draft.isWordpress} onChange={onChange} />
          <DomainsInput
            value={draft.domains}
            onChange={(domains) => onChange({ domains })}
            label={t('sites.domains.label')}
            description={t('sites.domains.description')}
            placeholder={'example.com\nwww.example.com'}
            said={said}
            isRequiredMissing={problems.domains === 'required'}
            isAutofocused
          />
          {draft.kind === 'proxy' && (
            <UpstreamFields
              url={draft.upstream}
              isWebsocket={draft.isWebsocket}
              onUrl={(upstream) => onChange({ upstream })}
              onWebsocket={(isWebsocket) => onChange({ isWebsocket })}
              error={said['upstream.url'] ?? said['upstream'] ?? ownText(problems.upstream)}
            />
          )}
          {draft.kind === 'app' && (
            <AppStart
              preset={draft.appPreset}
              given={draft.appGiven}
              onChange={onChange}
              error={Object.entries(said).find(([field]) => field.startsWith('app'))?.[1] ?? ownText(problems.app)}
            />
          )}
          {draft.kind === 'php' && (
            <PhpVersionSelect
              value={draft.phpVersion}
              onChange={(phpVersion) => onChange({ phpVersion })}
              error={said['php.version'] ?? said['php'] ?? ownText(problems.php)}
              description={t('php.version.text')}
            />
          )}
          {!draft.isWordpress && (draft.kind === 'php' || draft.kind === 'app') && (
            <NewSiteDatabase
              isWanted={draft.hasDatabase}
              name={databaseOf(draft)?.name ?? ''}
              user={databaseOf(draft)?.user ?? ''}
              onChange={onChange}
              errors={{
                name: said['database.name'] ?? ownText(problems.databaseName),
                user: said['database.user'] ?? ownText(problems.databaseUser),
              }}
            />
          )}
          <Switch
            label={t('sites.new.certificate')}
            description={t('sites.new.certificateText')}
            checked={draft.hasCertificate && canHaveCertificate(draft)}
            disabled={!canHaveCertificate(draft)}
            onChange={(event) => onChange({ hasCertificate: event.currentTarget.checked })}
            error={said['certificate']}
          />
          <NewSiteAdvanced
            draft={draft}
            onChange={onChange}
            errors={{
              ...said,
              ...(problems.root === undefined ? {} : { root: fieldText(t, problems.root) }),
              ...(sshKeyError === undefined ? {} : { sshKey: sshKeyError }),
              ...(problems.repository === undefined ? {} : { repository: fieldText(t, problems.repository) }),
            }}
            isForcedOpen={
              [problems.root, sshKeyError, problems.repository].some((problem) => problem !== undefined) ||
              advancedFields.some((field) => field in said)
            }
          />
          {error !== null && !isPlaced && (
            <Notice tone="bad" role="alert" title={t('sites.new.failed')}>
              {errorText(error)}
            </Notice>
          )}
        </Stack>
        <NewSitePlan draft={draft} />
      </fieldset>
      <div className={classes.footer}>
        {isPending && <Progress value={100} animated size={3} radius={0} className={classes.progress} aria-hidden />}
        <Text size="sm" c="dimmed" className={classes.progressText} aria-live="polite">
          {isPending ? t('sites.new.applying') : ''}
        </Text>
        <Group gap="xs" wrap="nowrap" className={classes.buttons}>
          <Button variant="default" onClick={onCancel} disabled={isPending}>
            {t('common.actions.cancel')}
          </Button>
          <Button type="submit" loading={isPending}>
            {t('sites.new.submit')}
          </Button>
        </Group>
      </div>
    </form>
  );
}
