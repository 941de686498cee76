import { Modal } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { newIdempotencyKey } from '../../api/client.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import classes from './NewSite.module.css';
import { NewSiteDone } from './NewSiteDone.tsx';
import { NewSiteForm } from './NewSiteForm.tsx';
import { bodyOf, emptyDraft, isTyped, storedDraft, storeDraft, type NewSiteDraft } from './new-site-draft.ts';
import { useCreateSite } from './sites.queries.ts';

/** The form for a new site over the list, and what came of it. */
export function NewSite({ onClose }: { readonly onClose: () => void }) {
  const { t } = useTranslation();
  const isPhone = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false });
  const [draft, setDraft] = useState(storedDraft);
  const [isAsking, setIsAsking] = useState(false);
  const create = useCreateSite();
  const result = create.data;
  const sent = useRef({ text: '', key: '' });

  useEffect(() => storeDraft(result === undefined ? draft : emptyDraft), [draft, result]);

  const submit = (): void => {
    const body = bodyOf(draft);
    if (body === undefined) return;
    const text = JSON.stringify(body);
    // The same wish again keeps its key: a try whose answer was lost is not carried out twice.
    if (sent.current.text !== text) sent.current = { text, key: newIdempotencyKey() };
    create.mutate({ body, key: sent.current.key });
  };
  const close = (): void => {
    if (create.isPending || isAsking) return;
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
        closeButtonProps={{ 'aria-label': t('common.actions.close'), disabled: create.isPending }}
      >
        {result === undefined ? (
          <NewSiteForm
            draft={draft}
            onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
            onSubmit={submit}
            onCancel={close}
            isPending={create.isPending}
            error={create.error}
          />
        ) : (
          <NewSiteDone result={result} onAgain={() => again({ ...emptyDraft, kind: draft.kind })} />
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
