import { useMediaQuery } from '@mantine/hooks';
import { lazy, Suspense, useCallback, useId, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { finish } from '../../api/finish.ts';
import { useCan, useMe } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { SideSheet } from '../../ui/SideSheet.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useSite } from '../sites/site-context.ts';
import { downloadFile, downloadFiles } from './download-file.ts';
import type { Dialog, FileCommands, Held } from './file-commands.ts';
import { ConflictDialog, ModeDialog, NameDialog } from './FileDialogs.tsx';
import { FileSheets, type Sheet } from './FileSheets.tsx';
import type { GoTo } from './FileEditor.tsx';
import { FileListing } from './FileListing.tsx';
import { FilesToolbar } from './FilesToolbar.tsx';
import { FolderTabs, idOfTab } from './FolderTabs.tsx';
import { storedFilesLook, storeFilesLook, type FilesLook } from './files-look.ts';
import { filterFor, joinPath, nameOf, nameOfFile, parentOf } from './file-paths.ts';
import { useFileWork, type FileWish, type Listing } from './files.queries.ts';
import { UploadPanel } from './UploadPanel.tsx';
import { addUploads, filesOfDrop, useUploads, type Chosen } from './uploads.ts';
import type { Selected } from './use-file-choice.ts';
import { useFolderTabs } from './use-folder-tabs.ts';
import { useUploadedFiles } from './use-uploaded-files.ts';
import classes from './Files.module.css';
import treeClasses from './FolderTree.module.css';
import uploadClasses from './Uploads.module.css';

const ArchiveSheet = lazy(async () => ({ default: (await import('./ArchiveDialogs.tsx')).ArchiveSheet }));
const PackDialog = lazy(async () => ({ default: (await import('./ArchiveDialogs.tsx')).PackDialog }));
const RemarkDialog = lazy(async () => ({ default: (await import('./RemarkDialog.tsx')).RemarkDialog }));
const FolderTree = lazy(async () => ({ default: (await import('./FolderTree.tsx')).FolderTree }));
const FileEditor = lazy(async () => ({ default: (await import('./FileEditor.tsx')).FileEditor }));

/** Opened as what they hold. */
const archiveName = /\.(?:zip|tar|tar\.gz|tgz|tar\.zst)$/i;

/** Files that are open in the editor; hidden: they stay open behind the list. */
type OpenFiles = {
  readonly paths: readonly string[];
  readonly active: string;
  readonly isHidden: boolean;
  readonly goTo: GoTo | null;
};

/** The files of a site. */
export function SiteFiles() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="files.read" title={t('sites.tabs.files')}>
      <FilesOfSite />
    </NeedsPermission>
  );
}

/** What is open and selected belongs to one site. */
function FilesOfSite() {
  const { id } = useSite();
  return <Files key={id} siteId={id} />;
}

function Files({ siteId }: { readonly siteId: string }) {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { id: userId } = useMe().person;
  const panelId = useId();
  const canWrite = useCan()('files.write');
  const [look, setLook] = useState<Omit<Listing, 'path' | 'filter'>>({
    sort: 'name',
    isDescending: false,
    showsHidden: false,
  });
  const [filter, setFilter] = useState('');
  const [shown, setShown] = useState(() => storedFilesLook(userId));
  const [selected, setSelected] = useState<Selected>(new Map());
  const [held, setHeld] = useState<Held | null>(null);
  const [dialog, setDialog] = useState<Dialog>(null);
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const [editor, setEditor] = useState<OpenFiles | null>(null);
  const work = useFileWork(siteId);
  const uploads = useUploads(siteId);
  const [isOver, setIsOver] = useState(false);
  const isNarrow = useMediaQuery('(max-width: 62em)', false, { getInitialValueInEffect: false });
  const [isTreeOpen, setIsTreeOpen] = useState(false);
  useUploadedFiles(siteId);
  const { path, tabs, current, go, ...folders } = useFolderTabs(
    useCallback(() => {
      setSelected(new Map());
      setFilter('');
    }, []),
  );

  function show(news: Partial<FilesLook>): void {
    setShown({ ...shown, ...news });
    storeFilesLook(userId, { ...shown, ...news });
  }
  const close = (): void => setDialog(null);
  const pathsOf = (): string[] => [...selected.keys()].map((name) => joinPath(path, name));

  function edit(name: string): void {
    const active = joinPath(path, name);
    if (archiveName.test(name)) return setDialog({ kind: 'unpack', path: active });
    openInEditor(active);
  }

  function openInEditor(active: string, line?: number): void {
    const goTo = line === undefined ? null : { path: active, line };
    setEditor((before) => {
      const paths = before?.paths ?? [];
      return { paths: paths.includes(active) ? paths : [...paths, active], active, isHidden: false, goTo };
    });
  }

  function closeFile(closed: string): void {
    setEditor((before) => {
      const paths = before?.paths.filter((each) => each !== closed) ?? [];
      const last = paths.at(-1);
      if (before === null || last === undefined) return null;
      return { ...before, paths, active: before.active === closed ? last : before.active };
    });
  }

  function act(wish: FileWish, done?: string): void {
    finish(work, wish, {
      onSuccess: () => {
        close();
        setSelected(new Map());
        if (done !== undefined) sayDone(done);
      },
      onError: (error) => sayFailed(t('files.notDone'), errorText(error)),
    });
  }

  function paste(onConflict: 'refuse' | 'rename'): void {
    if (held === null) return;
    // A copy beside itself needs another name in any case.
    const isHere = held.paths.some((each) => parentOf(each) === path);
    const body = {
      paths: [...held.paths],
      into: path,
      onConflict: held.verb === 'copy' && isHere ? ('rename' as const) : onConflict,
    };
    finish(
      work,
      { verb: held.verb, body },
      {
        onSuccess: () => {
          close();
          if (held.verb === 'move') setHeld(null);
          sayDone(t(held.verb === 'move' ? 'files.moved' : 'files.copied', { count: held.paths.length }));
        },
        onError: (error) => {
          const isTaken =
            onConflict === 'refuse' &&
            'reason' in Object(error) &&
            (error as { reason?: string }).reason === 'file_exists';
          if (isTaken) setDialog({ kind: 'conflict', held });
          else sayFailed(t('files.notDone'), errorText(error));
        },
      },
    );
  }

  function upload(chosen: readonly Chosen[]): void {
    const named = chosen.map(({ file, path: name }) => ({
      file,
      path: joinPath(path, name.split('/').map(nameOfFile).join('/')),
    }));
    addUploads(siteId, named);
  }

  const mayDrop = (event: DragEvent): boolean => canWrite && event.dataTransfer.types.includes('Files');

  const [one] = selected.size === 1 ? selected.values() : [];
  const commands: FileCommands = {
    canWrite,
    count: selected.size,
    held,
    make: (type: 'file' | 'folder') => setDialog({ kind: 'make', type }),
    rename: () => one !== undefined && setDialog({ kind: 'rename', entry: one }),
    remark: () => one !== undefined && setDialog({ kind: 'remark', entry: one }),
    mode: () => selected.size > 0 && setDialog({ kind: 'mode', entries: [...selected.values()] }),
    hold: (verb: Held['verb']) => selected.size > 0 && setHeld({ verb, paths: pathsOf() }),
    paste: () => paste('refuse'),
    letGo: () => setHeld(null),
    upload,
    isFile: one?.type === 'file',
    download: () => {
      if (one?.type === 'file') downloadFile(siteId, joinPath(path, one.name));
      else if (selected.size > 0)
        downloadFiles(siteId, pathsOf()).then(
          (isBegun) => (isBegun ? undefined : sayFailed(t('files.notDone'), t('files.downloadMany'))),
          (failure: unknown) => sayFailed(t('files.notDone'), errorText(failure)),
        );
    },
    share: () => setSheet('share'),
    edit: () => {
      const [entry] = selected.values();
      if (entry?.type === 'file') edit(entry.name);
    },
    open: edit,
    openTab: folders.open,
    folder: one?.type === 'folder' ? joinPath(path, one.name) : null,
    pack: () => selected.size > 0 && setDialog({ kind: 'pack', paths: pathsOf() }),
    isArchive: selected.size === 1 && archiveName.test([...selected.keys()][0] ?? ''),
    editing: editor?.paths.length ?? 0,
    showEditor: () => setEditor((before) => before && { ...before, isHidden: false }),
    remove: () => {
      if (selected.size > 0)
        act({ verb: 'remove', body: { paths: pathsOf() } }, t('files.removed', { count: selected.size }));
    },
  };

  const hasTabs = tabs.length > 1;
  const isBeside = shown.showsTree && !isNarrow;
  const tree = (
    <Suspense fallback={null}>
      <FolderTree
        siteId={siteId}
        current={path}
        showsHidden={look.showsHidden}
        onGo={(folder) => {
          setIsTreeOpen(false);
          go(folder);
        }}
        onOpenTab={commands.openTab}
      />
    </Suspense>
  );

  return (
    <div
      className={uploadClasses.drop}
      onDragOver={(event) => {
        if (!mayDrop(event)) return;
        event.preventDefault();
        setIsOver(true);
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setIsOver(false);
      }}
      onDrop={(event) => {
        if (!mayDrop(event)) return;
        event.preventDefault();
        setIsOver(false);
        filesOfDrop(event.dataTransfer).then(upload, (error: unknown) =>
          sayFailed(t('files.notDone'), errorText(error)),
        );
      }}
    >
      {isOver && <div className={uploadClasses.over}>{t('files.upload.drop')}</div>}
      <UploadPanel uploads={uploads} />
      {hasTabs && (
        <FolderTabs tabs={tabs} current={current} panelId={panelId} onGo={folders.show} onClose={folders.close} />
      )}
      <FilesToolbar
        path={path}
        showsTree={isNarrow ? isTreeOpen : shown.showsTree}
        onTree={() => (isNarrow ? setIsTreeOpen(true) : show({ showsTree: !shown.showsTree }))}
        onGo={go}
        filter={filter}
        onFilter={setFilter}
        look={look}
        onLook={setLook}
        commands={commands}
        isBusy={work.isPending}
        onSheet={setSheet}
      />
      <div className={classes.split} data-tree={isBeside || undefined}>
        {isBeside && (
          <nav className={treeClasses.beside} aria-label={t('files.tree')}>
            {tree}
          </nav>
        )}
        <div
          id={panelId}
          tabIndex={-1}
          role={hasTabs ? 'tabpanel' : undefined}
          aria-labelledby={hasTabs ? idOfTab(current) : undefined}
          className={classes.panel}
        >
          <FileListing
            key={`${current} ${path}`}
            siteId={siteId}
            listing={{ path, filter: filter.trim(), ...look }}
            onOrder={(order) => setLook({ ...look, ...order })}
            view={shown.view}
            onView={(view) => show({ view })}
            selected={selected}
            onSelect={setSelected}
            onGo={go}
            commands={commands}
          />
        </div>
      </div>
      {isNarrow && isTreeOpen && (
        <SideSheet title={t('files.tree')} onClose={() => setIsTreeOpen(false)}>
          {tree}
        </SideSheet>
      )}
      {dialog?.kind === 'make' && (
        <NameDialog
          title={t(dialog.type === 'folder' ? 'files.newFolder' : 'files.newFile')}
          label={t('files.create')}
          name=""
          isBusy={work.isPending}
          onClose={close}
          onName={(name) => act({ verb: 'make', body: { folder: path, name, type: dialog.type } })}
        />
      )}
      {dialog?.kind === 'rename' && (
        <NameDialog
          title={t('files.rename')}
          label={t('files.rename')}
          name={dialog.entry.name}
          isBusy={work.isPending}
          onClose={close}
          onName={(name) => act({ verb: 'rename', body: { path: joinPath(path, dialog.entry.name), name } })}
        />
      )}
      {dialog?.kind === 'mode' && (
        <ModeDialog
          entries={dialog.entries}
          isBusy={work.isPending}
          canWrite={canWrite}
          onClose={close}
          onMode={(mode) =>
            act({
              verb: 'setMode',
              body: {
                paths: dialog.entries
                  .filter(({ type }) => type === 'file' || type === 'folder')
                  .map(({ name }) => joinPath(path, name)),
                mode,
              },
            })
          }
        />
      )}
      <Suspense fallback={null}>
        {dialog?.kind === 'remark' && (
          <RemarkDialog
            entry={dialog.entry}
            isBusy={work.isPending}
            onClose={close}
            onRemark={(remark) =>
              act(
                { verb: 'setRemark', body: { path: joinPath(path, dialog.entry.name), remark } },
                t(remark === '' ? 'files.remark.removed' : 'files.remark.saved'),
              )
            }
          />
        )}
        {dialog?.kind === 'pack' && <PackDialog siteId={siteId} folder={path} paths={dialog.paths} onClose={close} />}
        {dialog?.kind === 'unpack' && (
          <ArchiveSheet siteId={siteId} path={dialog.path} canWrite={canWrite} onClose={close} />
        )}
      </Suspense>
      {dialog?.kind === 'conflict' && (
        <ConflictDialog
          names={dialog.held.paths.map(nameOf)}
          isBusy={work.isPending}
          onClose={close}
          onRename={() => paste('rename')}
        />
      )}
      {editor !== null && (
        <Suspense fallback={null}>
          <FileEditor
            siteId={siteId}
            canWrite={canWrite}
            paths={editor.paths}
            active={editor.active}
            isHidden={editor.isHidden}
            goTo={editor.goTo}
            onActive={(active) => setEditor({ ...editor, active })}
            onClose={closeFile}
            onHide={() => setEditor({ ...editor, isHidden: true })}
          />
        </Suspense>
      )}
      {sheet !== null && (
        <FileSheets
          sheet={sheet}
          siteId={siteId}
          folder={path}
          selected={pathsOf()}
          canWrite={canWrite}
          isEditing={editor?.isHidden === false}
          onOpen={openInEditor}
          onGo={go}
          onSelect={(folder, entry) => {
            go(folder);
            if (entry.name.startsWith('.')) setLook((before) => ({ ...before, showsHidden: true }));
            setFilter(filterFor(entry.name));
            setSelected(new Map([[entry.name, entry]]));
            setSheet(null);
          }}
          onClose={() => setSheet(null)}
        />
      )}
    </div>
  );
}
