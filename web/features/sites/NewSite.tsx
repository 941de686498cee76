import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newIdempotencyKey } from '../../api/client.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { sayFailed } from '../../ui/toasts.ts';
import { useInstallWordpress } from '../wordpress/wordpress.queries.ts';
import classes from './NewSite.module.css';
import { NewSiteDone } from './NewSiteDone.tsx';
import { NewSiteForm } from './NewSiteForm.tsx';
import {
  bodyOf,
  emptyDraft,
  isTyped,
  repositoryOf,
  storedDraft,
  storeDraft,
  type NewSiteDraft,
} from './new-site-draft.ts';
import { useCreateSite } from './sites.queries.ts';

/** The form for a new site over the list, and what came of it. */
export function NewSite({ onClose }: { readonly onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const can = useCan();
  const errorText = useErrorText();
  const navigate = useNavigate();
  const install = useInstallWordpress();
  const isPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const [draft, setDraft] = useState(storedDraft);
  const [isAsking, setIsAsking] = useState(false);
  const create = useCreateSite();
  const repository = can('deployments.write') ? repositoryOf(draft) : undefined;
  /** Another page follows at once. */
  const leadsOn = draft.isWordpress || repository !== undefined;
  const result = leadsOn ? undefined : create.data;
  const isPending = create.isPending || (leadsOn && create.isSuccess);
  const sent = useRef({ text: '', key: '' });

  useEffect(() => storeDraft(create.data === undefined ? draft : emptyDraft), [draft, create.data]);

  const submit = (): void => {
    const body = bodyOf(draft);
    if (body === undefined) return;
    const text = JSON.stringify(body);
    // The same wish again keeps its key: a try whose answer was lost is not carried out twice.
    if (sent.current.text !== text) sent.current = { text, key: newIdempotencyKey() };
    finish(
      create,
      { body, key: sent.current.key },
      {
        onSuccess({ site }) {
          if (draft.isWordpress) installInto(site.id);
          else if (repository !== undefined)
            void navigate({ to: '/sites/$siteId/deploy', params: { siteId: site.id }, search: { repository } });
        },
      },
    );
  };
  const installInto = (siteId: string): void =>
    finish(
      install,
      {
        siteId,
        body: {
          source: { kind: 'download', language: i18n.language.startsWith('ar') ? 'ar' : 'en' },
          removesSite: can('sites.delete'),
        },
      },
      {
        onSuccess: () => void navigate({ to: '/sites/$siteId/wordpress', params: { siteId } }),
        // The site's page says what is missing, takes an archive by hand, and leads to the way out.
        onError: (error) => {
          sayFailed(t('wordpress.notStarted'), errorText(error));
          void navigate({ to: '/sites/$siteId/wordpress', params: { siteId }, search: { unfinished: true } });
        },
      },
    );
  const close = (): void => {
    if (isPending || isAsking) return;
    // Later: the Escape that asks must not be heard by the question itself.
    if (result === undefined && isTyped(draft)) setTimeout(() => setIsAsking(true));
    else onClose();
  };
  const again = (next: NewSiteDraft): void => {
    create.reset();
    setDraft(next);
  };

  return (
    <>
      <Modal
        opened
        onClose={close}
        closeOnEscape={!isAsking}
        size={result === undefined ? 920 : 560}
        fullScreen={isPhone}
        radius={isPhone ? 0 : 'lg'}
        padding={0}
        title={t(result === undefined ? 'sites.new.title' : 'sites.new.doneTitle')}
        classNames={{ header: classes.header, title: classes.title, body: classes.modalBody, content: classes.content }}
        closeButtonProps={{ 'aria-label': t('common.actions.close'), disabled: isPending }}
      >
        {result === undefined ? (
          <NewSiteForm
            draft={draft}
            onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
            onSubmit={submit}
            onCancel={close}
            isPending={isPending}
            error={create.error}
          />
        ) : (
          <NewSiteDone
            result={result}
            isOrdered={create.variables?.body.certificate !== undefined}
            onAgain={() => again({ ...emptyDraft, kind: draft.kind })}
          />
        )}
      </Modal>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('sites.new.discardTitle')}
        confirmLabel={t('sites.new.discard')}
        cancelLabel={t('sites.new.keep')}
        isDangerous
        onClose={() => setIsAsking(false)}
        onConfirm={() => {
          storeDraft(emptyDraft);
          onClose();
        }}
      >
        {t('sites.new.discardText')}
      </ConfirmDialog>
    </>
  );
}
