import { ActionIcon, Button, Checkbox, Loader, Menu, NativeSelect, Tooltip } from '@mantine/core';
import { IconDeviceFloppy, IconDotsVertical, IconDownload, IconFileUnknown, IconHistory } from '@tabler/icons-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { useMe } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import { BigFileView } from './BigFileView.tsx';
import { EditorNotices } from './EditorNotices.tsx';
import { downloadFile } from './download-file.ts';
import type { GoTo } from './FileEditor.tsx';
import { FileHistory } from './FileHistory.tsx';
import { nameOf } from './file-paths.ts';
import { encodings, lineEnds, type Encoding, type LineEnd, type OpenText } from './text-bytes.ts';
import { useOpenFile } from './use-open-file.ts';
import classes from './Editor.module.css';

const CodeEditor = lazy(async () => ({ default: (await import('./CodeEditor.tsx')).CodeEditor }));

type EditorTabProps = {
  readonly siteId: string;
  readonly path: string;
  readonly canWrite: boolean;
  readonly isShown: boolean;
  readonly goTo: GoTo | null;
  readonly onDirty: (isDirty: boolean) => void;
};

/** One open file: as a text to change, by window when it is large, or as what it is when it is no text. */
export function EditorTab({ siteId, path, canWrite, isShown, goTo, onDirty }: EditorTabProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { id: userId } = useMe().person;
  const file = useOpenFile({ siteId, path, userId });
  const { opened, isDirty } = file;
  const told = useRef(onDirty);
  useEffect(() => {
    told.current = onDirty;
  });
  useEffect(() => told.current(isDirty), [isDirty]);
  const place = { siteId, path };
  return (
    <section className={classes.file} hidden={!isShown} aria-label={path}>
      {opened.state === 'loading' && <LoadingRows rows={12} />}
      {opened.state === 'failed' && <ErrorState error={opened.error} onRetry={file.reload} />}
      {opened.state === 'binary' && (
        <EmptyState
          icon={IconFileUnknown}
          title={t('fileEditor.binary.title')}
          text={t('fileEditor.binary.text', { size: format.bytes(opened.sizeBytes) })}
          action={
            <Button leftSection={<IconDownload size={16} />} onClick={() => downloadFile(siteId, path)}>
              {t('files.download')}
            </Button>
          }
        />
      )}
      {opened.state === 'large' && (
        <BigFileView place={place} sizeBytes={opened.sizeBytes} encoding={opened.encoding} />
      )}
      {opened.state === 'text' && <TextFile {...{ siteId, path, canWrite, goTo, file }} first={opened.first} />}
    </section>
  );
}

type TextFileProps = {
  readonly siteId: string;
  readonly path: string;
  readonly canWrite: boolean;
  readonly goTo: GoTo | null;
  readonly file: ReturnType<typeof useOpenFile>;
  readonly first: OpenText;
};

function TextFile({ siteId, path, canWrite, goTo, file, first }: TextFileProps) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const client = useQueryClient();
  const [wraps, setWraps] = useState(false);
  const [history, setHistory] = useState<string | null>(null);
  const { form, isDirty, isSaving } = file;

  async function save(how: Parameters<typeof file.save>[0] = {}): Promise<void> {
    if (!canWrite) return;
    try {
      if (!(await file.save(how))) return;
      sayDone(t('fileEditor.saved'));
      void client.invalidateQueries({ queryKey: ['site', siteId, 'files'] });
      void client.invalidateQueries({ queryKey: ['site', siteId, 'file-versions', path] });
    } catch (error) {
      sayFailed(t('fileEditor.notSaved'), errorText(error));
    }
  }

  function readAs(encoding: Encoding): void {
    if (isDirty) file.change({ ...form, encoding, hasMark: form.hasMark && encoding.startsWith('utf') });
    else if (!file.readAs(encoding)) sayFailed(t('fileEditor.notRead'), t('fileEditor.notReadText'));
  }

  return (
    <>
      <div className={classes.tools}>
        <WhyNot reason={!canWrite}>
          <Button
            size="xs"
            leftSection={<IconDeviceFloppy size={16} />}
            disabled={!canWrite || !isDirty}
            loading={isSaving}
            onClick={() => void save()}
          >
            {t('common.actions.save')}
          </Button>
        </WhyNot>
        <Button
          size="xs"
          variant="default"
          leftSection={<IconHistory size={16} />}
          onClick={() => setHistory(file.textNow())}
        >
          {t('fileEditor.history.title')}
        </Button>
        <span className={classes.path}>
          <ForeignText max={120}>{path}</ForeignText>
        </span>
        <span className={classes.end}>
          <NativeSelect
            size="xs"
            className={classes.select}
            aria-label={t('fileEditor.encoding')}
            value={form.encoding}
            data={encodings.map((value) => ({ value, label: t(`fileEditor.encodings.${value}`) }))}
            onChange={(event) => readAs(event.currentTarget.value as Encoding)}
          />
          <NativeSelect
            size="xs"
            className={classes.select}
            aria-label={t('fileEditor.lineEnd')}
            value={form.lineEnd}
            disabled={!canWrite || form.lineEnd === 'mixed'}
            data={lineEnds
              .filter((each) => each !== 'mixed' || form.lineEnd === 'mixed')
              .map((value) => ({ value, label: t(`fileEditor.lineEnds.${value}`) }))}
            onChange={(event) => file.change({ ...form, lineEnd: event.currentTarget.value as LineEnd })}
          />
          <Menu position="bottom-end" withinPortal>
            <Menu.Target>
              <Tooltip label={t('fileEditor.more')}>
                <ActionIcon size="lg" variant="default" aria-label={t('fileEditor.more')}>
                  <IconDotsVertical size={17} />
                </ActionIcon>
              </Tooltip>
            </Menu.Target>
            <Menu.Dropdown>
              <Menu.Item closeMenuOnClick={false} component="div">
                <Checkbox
                  size="xs"
                  label={t('fileEditor.wrap')}
                  checked={wraps}
                  onChange={(event) => setWraps(event.currentTarget.checked)}
                />
              </Menu.Item>
              {form.encoding.startsWith('utf') && (
                <Menu.Item closeMenuOnClick={false} component="div">
                  <Checkbox
                    size="xs"
                    label={t('fileEditor.mark')}
                    checked={form.hasMark}
                    disabled={!canWrite}
                    onChange={(event) => file.change({ ...form, hasMark: event.currentTarget.checked })}
                  />
                </Menu.Item>
              )}
              <Menu.Item leftSection={<IconDownload size={16} />} onClick={() => downloadFile(siteId, path)}>
                {t('files.download')}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        </span>
      </div>
      <EditorNotices file={file} path={path} onSave={(how) => void save(how)} />
      <div className={classes.main}>
        <Suspense fallback={<Loader size="sm" m="lg" />}>
          <CodeEditor
            name={nameOf(path)}
            text={first.text}
            lineEnd={first.lineEnd}
            isReadOnly={!canWrite}
            wraps={wraps}
            goTo={goTo}
            onView={file.onView}
            onChange={file.changed}
            onSave={() => void save()}
          />
        </Suspense>
      </div>
      {history !== null && (
        <FileHistory
          siteId={siteId}
          path={path}
          text={history}
          canWrite={canWrite}
          onClose={() => setHistory(null)}
          onTake={(text) => {
            file.put(text);
            setHistory(null);
          }}
        />
      )}
    </>
  );
}
