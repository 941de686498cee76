import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { getRouteApi } from '@tanstack/react-router';
import { filesApi, type FileEntry } from '#shared/files.ts';
import { urlOf } from '../../api/client.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { useErrorText } from '../../ui/error-text.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { useSite } from '../sites/site-context.ts';
import { FileBin } from './FileBin.tsx';
import { ConflictDialog, ModeDialog, NameDialog } from './FileDialogs.tsx';
import { FilesTable } from './FilesTable.tsx';
import { FilesToolbar } from './FilesToolbar.tsx';
import { joinPath, nameOf, nameOfFile, parentOf } from './file-paths.ts';
import { useFileWork, type FileWish, type Listing } from './files.queries.ts';
import { UploadPanel } from './UploadPanel.tsx';
import { addUploads, filesOfDrop, useUploads, whenUploaded, type Chosen } from './uploads.ts';
import uploadClasses from './Uploads.module.css';

const route = getRouteApi('/signed-in/sites/$siteId/files');

/** What was cut or copied and waits to be put somewhere. */
export type Held = { readonly verb: 'move' | 'copy'; readonly paths: readonly string[] };
export type Dialog =
  | { readonly kind: 'make'; readonly type: 'file' | 'folder' }
  | { readonly kind: 'rename'; readonly entry: FileEntry }
  | { readonly kind: 'mode'; readonly entries: readonly FileEntry[] }
  | { readonly kind: 'conflict'; readonly held: Held }
  | null;

/** The files of a site. */
export function SiteFiles() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="files.read" title={t('sites.tabs.files')}>
      <Files />
    </NeedsPermission>
  );
}

function Files() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const { id: siteId } = useSite();
  const { path = '' } = route.useSearch();
  const navigate = route.useNavigate();
  const canWrite = useCan()('files.write');
  const [look, setLook] = useState<Omit<Listing, 'path' | 'filter'>>({
    sort: 'name',
    isDescending: false,
    showsHidden: false,
  });
  const [filter, setFilter] = useState('');
  const [selected, setSelected] = useState<ReadonlyMap<string, FileEntry>>(new Map());
  const [held, setHeld] = useState<Held | null>(null);
  const [dialog, setDialog] = useState<Dialog>(null);
  const [showsBin, setShowsBin] = useState(false);
  const work = useFileWork(siteId);
  const uploads = useUploads(siteId);
  const [isOver, setIsOver] = useState(false);
  useUploadedFiles(siteId);

  const go = useCallback(
    (to: string) => {
      setSelected(new Map());
      setFilter('');
      void navigate({ search: to === '' ? {} : { path: to }, resetScroll: false });
    },
    [navigate],
  );
  const close = (): void => setDialog(null);
  const pathsOf = (): string[] => [...selected.keys()].map((name) => joinPath(path, name));

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

  const commands = {
    canWrite,
    count: selected.size,
    held,
    make: (type: 'file' | 'folder') => setDialog({ kind: 'make', type }),
    rename: () => {
      const [entry] = selected.values();
      if (entry !== undefined && selected.size === 1) setDialog({ kind: 'rename', entry });
    },
    mode: () => selected.size > 0 && setDialog({ kind: 'mode', entries: [...selected.values()] }),
    hold: (verb: Held['verb']) => selected.size > 0 && setHeld({ verb, paths: pathsOf() }),
    paste: () => paste('refuse'),
    letGo: () => setHeld(null),
    upload,
    isFile: selected.size === 1 && [...selected.values()][0]?.type === 'file',
    download: () => {
      const [entry] = selected.values();
      if (entry?.type === 'file') download(siteId, joinPath(path, entry.name));
    },
    remove: () => {
      if (selected.size > 0)
        act({ verb: 'remove', body: { paths: pathsOf() } }, t('files.removed', { count: selected.size }));
    },
  };

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
      <FilesToolbar
        path={path}
        onGo={go}
        filter={filter}
        onFilter={setFilter}
        look={look}
        onLook={setLook}
        commands={commands}
        isBusy={work.isPending}
        onBin={() => setShowsBin(true)}
      />
      <FilesTable
        key={path}
        siteId={siteId}
        listing={{ path, filter: filter.trim(), ...look }}
        onSort={(sort) =>
          setLook((before) => ({ ...before, sort, isDescending: before.sort === sort && !before.isDescending }))
        }
        selected={selected}
        onSelect={setSelected}
        onGo={go}
        commands={commands}
      />
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
      {dialog?.kind === 'conflict' && (
        <ConflictDialog
          names={dialog.held.paths.map(nameOf)}
          isBusy={work.isPending}
          onClose={close}
          onRename={() => paste('rename')}
        />
      )}
      {showsBin && <FileBin siteId={siteId} canWrite={canWrite} onClose={() => setShowsBin(false)} />}
    </div>
  );
}

/** Folders are read anew when something came into them; thousands of small files do so once in a while. */
function useUploadedFiles(siteId: string): void {
  const client = useQueryClient();
  useEffect(() => {
    let timer: number | undefined;
    const end = whenUploaded((uploadedTo) => {
      if (uploadedTo !== siteId) return;
      timer ??= window.setTimeout(() => {
        timer = undefined;
        void client.invalidateQueries({ queryKey: ['site', siteId, 'files'] });
        void client.invalidateQueries({ queryKey: ['site', siteId, 'file-bin'] });
      }, 400);
    });
    return () => {
      window.clearTimeout(timer);
      end();
    };
  }, [client, siteId]);
}

/** The browser itself fetches it: bytes of any size never pass the page. */
function download(siteId: string, path: string): void {
  const link = document.createElement('a');
  link.href = urlOf(filesApi.download, { params: { siteId }, query: { path } });
  link.download = '';
  link.click();
}

export type FileCommands = {
  readonly canWrite: boolean;
  /** Of what is selected. */
  readonly count: number;
  readonly held: Held | null;
  readonly make: (type: 'file' | 'folder') => void;
  readonly rename: () => void;
  readonly mode: () => void;
  readonly hold: (verb: Held['verb']) => void;
  readonly paste: () => void;
  readonly letGo: () => void;
  readonly upload: (chosen: readonly Chosen[]) => void;
  /** One file is selected. */
  readonly isFile: boolean;
  readonly download: () => void;
  readonly remove: () => void;
};
