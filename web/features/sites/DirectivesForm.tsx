import { Button, Group, Stack, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { toApiError } from '../../api/errors.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useFormat } from '../../ui/format.ts';
import { Section } from '../../ui/Section.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { Token } from '../../ui/Token.tsx';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { ChangeRefused } from './ChangeRefused.tsx';
import { lineOf } from './directive-line.ts';
import { DirectivesEditor } from './DirectivesEditor.tsx';
import { DirectivesHelp } from './DirectivesHelp.tsx';
import classes from './SiteConfiguration.module.css';
import { seenRevision } from './site-conflict.ts';
import { useSite } from './site-context.ts';
import { useSetDirectives } from './sites.queries.ts';

const maxBytes = 64 * 1024;

/** The person's own nginx directives: written as text, checked by the agent and by nginx before they count. */
export function DirectivesForm() {
  const { t } = useTranslation();
  const format = useFormat();
  const site = useSite();
  const can = useCan();
  const isAllowed = can('sites.custom_directives');
  const save = useSetDirectives();
  const [draft, setDraft] = useState<string | null>(null);
  const [seen, setSeen] = useState(site);
  const text = draft ?? site.customDirectives;
  const isDirty = draft !== null && draft !== site.customDirectives;
  const bytes = new TextEncoder().encode(text).length;
  const blocker = useBlocker({
    shouldBlockFn: () => isDirty,
    enableBeforeUnload: () => isDirty,
    withResolver: true,
  });

  const send = (revision: number, overwrite: boolean): void =>
    finish(
      save,
      { siteId: site.id, revision, body: { text, ...(overwrite ? { overwrite } : {}) } },
      {
        onSuccess: () => {
          setDraft(null);
          sayDone(t('sites.directives.saved'));
        },
      },
    );
  const type = (next: string): void => {
    // What was there when the person began is what they have seen.
    if (draft === null) setSeen(site);
    setDraft(next);
    if (save.isError) save.reset();
  };

  return (
    <Section title={t('sites.directives.title')} description={t('sites.directives.text')}>
      <Stack gap="md">
        <DirectivesEditor
          value={text}
          onChange={type}
          label={t('sites.directives.title')}
          isReadOnly={!isAllowed || save.isPending}
          markedLine={save.error === null ? null : lineOf(toApiError(save.error), site.slug)}
        />
        {save.error !== null && (
          <ChangeRefused
            error={save.error}
            seen={seen}
            present={site}
            touched={['customDirectives']}
            isBusy={save.isPending}
            onRetry={({ overwrite }) => {
              setSeen(site);
              send(site.revision, overwrite);
            }}
            onDiscard={() => {
              save.reset();
              setDraft(null);
            }}
          />
        )}
        <Group justify="space-between" gap="sm">
          <Group gap="xs">
            <WhyNot reason={isAllowed ? false : t('sites.directives.notAllowed')}>
              <Button
                disabled={!isAllowed || !isDirty || bytes > maxBytes}
                loading={save.isPending}
                onClick={() => send(seenRevision(seen, site), false)}
              >
                {t('sites.directives.save')}
              </Button>
            </WhyNot>
            {isDirty && (
              <Button
                variant="default"
                disabled={save.isPending}
                onClick={() => {
                  save.reset();
                  setDraft(null);
                }}
              >
                {t('common.actions.discard')}
              </Button>
            )}
          </Group>
          <Text size="xs" c={bytes > maxBytes ? 'var(--app-bad)' : 'dimmed'} className="numbers">
            {t('sites.directives.size', { value: format.bytes(bytes), max: format.bytes(maxBytes) })}
          </Text>
        </Group>
        <Text size="sm" c="dimmed" className={classes.words}>
          {t('sites.directives.file')} <Token mono>{`/etc/nginx/aapanel/custom/${site.slug}.conf`}</Token>
        </Text>
        <DirectivesHelp />
      </Stack>
      <ConfirmDialog
        isOpen={blocker.status === 'blocked'}
        title={t('sites.directives.leaveTitle')}
        confirmLabel={t('sites.directives.leave')}
        cancelLabel={t('sites.directives.stay')}
        isDangerous
        onConfirm={() => blocker.proceed?.()}
        onClose={() => blocker.reset?.()}
      >
        {t('sites.directives.leaveText')}
      </ConfirmDialog>
    </Section>
  );
}
