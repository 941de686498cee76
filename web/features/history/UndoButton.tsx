import { Button, Stack } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { toApiError } from '../../api/errors.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { Notice } from '../../ui/Notice.tsx';
import { sayDone } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { useUndo, type SiteChange } from './history.queries.ts';

/** Takes one change back, after saying what that means; a conflict is explained where it was asked. */
export function UndoButton({
  change,
  label,
}: {
  readonly change: Pick<SiteChange, 'id' | 'action' | 'fields'>;
  readonly label?: string;
}) {
  const { t } = useTranslation();
  const can = useCan();
  const errorText = useErrorText();
  const undo = useUndo();
  const [isAsking, setIsAsking] = useState(false);
  const isAllowed =
    can('sites.write') && (!change.fields.includes('customDirectives') || can('sites.custom_directives'));
  const { reason } = undo.error === null ? {} : toApiError(undo.error);
  const isByHand = reason === 'site_drift' || reason === 'site_adopted';
  const isWithoutHttps = reason === 'undo_certificate_missing';
  const isFinal = reason === 'undo_conflict' || reason === 'not_undoable';
  const close = (): void => {
    setIsAsking(false);
    undo.reset();
  };
  return (
    <>
      <WhyNot reason={!isAllowed}>
        <Button
          size="compact-sm"
          variant="subtle"
          color="gray"
          fw={500}
          disabled={!isAllowed}
          leftSection={<IconArrowBackUp size={15} className="mirrored" aria-hidden />}
          onClick={() => setIsAsking(true)}
        >
          {label ?? t('common.actions.undo')}
        </Button>
      </WhyNot>
      <ConfirmDialog
        isOpen={isAsking}
        title={t('history.undo.title')}
        confirmLabel={t(
          isByHand ? 'history.undo.overwrite' : isWithoutHttps ? 'history.undo.withoutHttps' : 'history.undo.action',
        )}
        isDangerous={isByHand}
        isBusy={undo.isPending}
        onClose={close}
        onConfirm={
          isFinal
            ? null
            : () =>
                finish(
                  undo,
                  {
                    changeId: change.id,
                    body: isByHand ? { overwrite: true } : isWithoutHttps ? { withoutHttps: true } : {},
                  },
                  {
                    onSuccess: () => {
                      sayDone(t('history.undo.done'));
                      close();
                    },
                  },
                )
        }
      >
        <Stack gap="md">
          <span>{t(change.action === 'delete' ? 'history.undo.textDelete' : 'history.undo.text')}</span>
          {undo.error !== null && (
            <Notice tone={isByHand || isWithoutHttps ? 'warn' : 'bad'} role="alert" title={t('history.undo.failed')}>
              {errorText(undo.error)}
            </Notice>
          )}
        </Stack>
      </ConfirmDialog>
    </>
  );
}
