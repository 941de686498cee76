import { ActionIcon, CloseButton, Modal, Tooltip } from '@mantine/core';
import { IconArrowBarToDown } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { dropDraft } from './drafts.ts';
import { EditorTab } from './EditorTab.tsx';
import { nameOf } from './file-paths.ts';
import classes from './Editor.module.css';

/** A line that shall be looked at; another object asks again. */
export type GoTo = { readonly path: string; readonly line: number };

type FileEditorProps = {
  readonly siteId: string;
  readonly canWrite: boolean;
  /** Open files, in the order of their tabs. */
  readonly paths: readonly string[];
  readonly active: string;
  /** Put aside: the files stay open. */
  readonly isHidden: boolean;
  readonly goTo: GoTo | null;
  readonly onActive: (path: string) => void;
  readonly onClose: (path: string) => void;
  readonly onHide: () => void;
};

/** The open files of a site, over the whole page, a tab each. */
export function FileEditor({ siteId, canWrite, paths, active, isHidden, goTo, ...on }: FileEditorProps) {
  const { onActive, onClose, onHide } = on;
  const { t } = useTranslation();
  const { id: userId } = useMe().person;
  const [dirty, setDirty] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<string | null>(null);
  const hasDirty = dirty.size > 0;
  useEffect(() => {
    if (!hasDirty) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [hasDirty]);

  function close(path: string): void {
    setAsked(null);
    setDirty((before) => new Set([...before].filter((each) => each !== path)));
    onClose(path);
  }

  return (
    <>
      <Modal.Root
        opened={!isHidden}
        onClose={onHide}
        keepMounted
        fullScreen
        closeOnEscape={false}
        transitionProps={{ duration: 0 }}
      >
        <Modal.Content aria-label={t('fileEditor.title')}>
          <div className={classes.shell}>
            <div className={classes.bar}>
              <nav className={classes.tabs} aria-label={t('fileEditor.title')}>
                <ul className={classes.tabList}>
                  {paths.map((path) => (
                    <li key={path} className={classes.tab} data-active={path === active || undefined}>
                      <button
                        type="button"
                        aria-current={path === active}
                        className={classes.tabName}
                        onClick={() => onActive(path)}
                        title={path}
                      >
                        <ForeignText max={40}>{nameOf(path)}</ForeignText>
                        {dirty.has(path) && (
                          <span className={classes.dot} role="img" aria-label={t('fileEditor.unsaved')} />
                        )}
                      </button>
                      <CloseButton
                        size="md"
                        aria-label={t('fileEditor.close', { name: nameOf(path) })}
                        onClick={() => (dirty.has(path) ? setAsked(path) : close(path))}
                      />
                    </li>
                  ))}
                </ul>
              </nav>
              <Tooltip label={t('fileEditor.hide')}>
                <ActionIcon size="lg" aria-label={t('fileEditor.hide')} onClick={onHide}>
                  <IconArrowBarToDown size={18} />
                </ActionIcon>
              </Tooltip>
            </div>
            <div className={classes.body}>
              {paths.map((path) => (
                <EditorTab
                  key={path}
                  siteId={siteId}
                  path={path}
                  canWrite={canWrite}
                  isShown={path === active}
                  goTo={goTo?.path === path ? goTo : null}
                  onDirty={(isDirty) =>
                    setDirty((before) => {
                      if (before.has(path) === isDirty) return before;
                      const next = new Set(before);
                      if (isDirty) next.add(path);
                      else next.delete(path);
                      return next;
                    })
                  }
                />
              ))}
            </div>
          </div>
        </Modal.Content>
      </Modal.Root>
      <ConfirmDialog
        isOpen={asked !== null}
        title={t('fileEditor.discard.title')}
        confirmLabel={t('fileEditor.discard.yes')}
        isDangerous
        onConfirm={() => {
          if (asked === null) return;
          void dropDraft({ userId, siteId, path: asked });
          close(asked);
        }}
        onClose={() => setAsked(null)}
      >
        {t('fileEditor.discard.text')}
      </ConfirmDialog>
    </>
  );
}
