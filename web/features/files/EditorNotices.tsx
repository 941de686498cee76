import { Button } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { unifiedDiff } from '#shared/diff.ts';
import { DiffView } from '../../ui/DiffView.tsx';
import { useFormat } from '../../ui/format.ts';
import { Notice } from '../../ui/Notice.tsx';
import { flat } from './FileHistory.tsx';
import type { Obstacle, useOpenFile } from './use-open-file.ts';
import classes from './Editor.module.css';

type File = ReturnType<typeof useOpenFile>;
type EditorNoticesProps = {
  readonly file: File;
  readonly path: string;
  readonly onSave: (how: Parameters<File['save']>[0]) => void;
};

/** What waits for a decision: an earlier draft, a file that another changed, a character that cannot be written. */
export function EditorNotices({ file, path, onSave }: EditorNoticesProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { draft, obstacle, form, letObstacleBe } = file;
  return (
    <div className={classes.notices}>
      {draft !== null && (
        <Notice
          tone="info"
          title={t('fileEditor.draft.title')}
          actions={
            <>
              <Button size="xs" onClick={file.takeDraft}>
                {t('fileEditor.draft.take')}
              </Button>
              <Button size="xs" variant="default" onClick={file.forgetDraft}>
                {t('fileEditor.draft.forget')}
              </Button>
            </>
          }
        >
          {t('fileEditor.draft.text', { at: format.dateTime(new Date(draft.at).toISOString()) })}
        </Notice>
      )}
      {form.lineEnd === 'mixed' && <Notice tone="info">{t('fileEditor.mixed')}</Notice>}
      {obstacle?.kind === 'gone' && (
        <Notice
          tone="warn"
          role="alert"
          title={t('fileEditor.gone.title')}
          actions={
            <>
              <Button size="xs" onClick={() => onSave({ over: 'absent' })}>
                {t('fileEditor.gone.again')}
              </Button>
              <Button size="xs" variant="default" onClick={letObstacleBe}>
                {t('common.actions.cancel')}
              </Button>
            </>
          }
        >
          {t('fileEditor.gone.text')}
        </Notice>
      )}
      {obstacle?.kind === 'unwritable' && (
        <Notice
          tone="warn"
          role="alert"
          title={t('fileEditor.unwritable.title', { encoding: t(`fileEditor.encodings.${form.encoding}`) })}
          actions={
            <>
              <Button size="xs" onClick={() => onSave({ form: { ...form, encoding: 'utf-8', hasMark: false } })}>
                {t('fileEditor.unwritable.utf8')}
              </Button>
              <Button size="xs" variant="default" onClick={letObstacleBe}>
                {t('common.actions.cancel')}
              </Button>
            </>
          }
        >
          {t('fileEditor.unwritable.text', {
            character: obstacle.unwritable.character,
            line: format.number(obstacle.unwritable.line),
          })}
        </Notice>
      )}
      {obstacle?.kind === 'changed' && <Changed {...{ file, path, onSave, obstacle }} />}
    </div>
  );
}

type ChangedProps = EditorNoticesProps & { readonly obstacle: Extract<Obstacle, { kind: 'changed' }> };

/** The difference first; then one of the two is chosen. */
function Changed({ file, path, onSave, obstacle: { mine, theirs, etag } }: ChangedProps) {
  const { t } = useTranslation();
  const diff = useMemo(
    () => (theirs === null ? '' : unifiedDiff(`/${path}`, flat(theirs.text), flat(mine))),
    [theirs, path, mine],
  );
  return (
    <Notice
      tone="warn"
      role="alert"
      title={t('fileEditor.changed.title')}
      actions={
        <>
          <Button size="xs" color="orange" onClick={() => onSave({ over: etag })}>
            {t('fileEditor.changed.mine')}
          </Button>
          <Button size="xs" variant="default" onClick={file.takeTheirs}>
            {t('fileEditor.changed.theirs')}
          </Button>
          <Button size="xs" variant="subtle" onClick={file.letObstacleBe}>
            {t('fileEditor.changed.later')}
          </Button>
        </>
      }
      below={
        theirs === null ? undefined : (
          <DiffView diff={diff} label={t('fileEditor.changed.difference')} maxHeight="34vh" />
        )
      }
    >
      {t(theirs === null ? 'fileEditor.changed.noText' : 'fileEditor.changed.text')}
    </Notice>
  );
}
