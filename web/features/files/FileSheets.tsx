import { lazy, Suspense } from 'react';
import type { FileEntry } from '#shared/files.ts';
import { FileBin } from './FileBin.tsx';

const FetchSheet = lazy(async () => ({ default: (await import('./FetchSheet.tsx')).FetchSheet }));
const FileSearch = lazy(async () => ({ default: (await import('./FileSearch.tsx')).FileSearch }));
const FindSheet = lazy(async () => ({ default: (await import('./FindSheet.tsx')).FindSheet }));
const LinksSheet = lazy(async () => ({ default: (await import('./LinksSheet.tsx')).LinksSheet }));
const RightsSheet = lazy(async () => ({ default: (await import('./RightsSheet.tsx')).RightsSheet }));
const ShareSheet = lazy(async () => ({ default: (await import('./ShareSheet.tsx')).ShareSheet }));
const UsageSheet = lazy(async () => ({ default: (await import('./UsageSheet.tsx')).UsageSheet }));

/** What lies beside the list. */
export type Sheet = 'bin' | 'fetch' | 'find' | 'links' | 'rights' | 'search' | 'share' | 'usage';

type FileSheetsProps = {
  readonly sheet: Sheet;
  readonly siteId: string;
  /** The folder that is looked at. */
  readonly folder: string;
  /** Paths that are selected in it. */
  readonly selected: readonly string[];
  readonly canWrite: boolean;
  /** While a file is edited over it. */
  readonly isEditing: boolean;
  readonly onOpen: (path: string, line?: number) => void;
  readonly onGo: (folder: string) => void;
  /** Shows a file of any folder in the list, selected. */
  readonly onSelect: (folder: string, entry: FileEntry) => void;
  readonly onClose: () => void;
};

/** One of the sheets; each is loaded when it is wanted. */
export function FileSheets({ sheet, selected, canWrite, isEditing, ...rest }: FileSheetsProps) {
  const { siteId, folder, onOpen, onGo, onSelect, onClose } = rest;
  if (sheet === 'bin') return <FileBin siteId={siteId} canWrite={canWrite} onClose={onClose} />;
  return (
    <Suspense fallback={null}>
      {sheet === 'fetch' && <FetchSheet {...{ siteId, folder, canWrite, onClose }} />}
      {sheet === 'search' && <FileSearch {...{ siteId, folder, canWrite, onOpen, onClose }} isHidden={isEditing} />}
      {sheet === 'find' && <FindSheet {...{ siteId, folder, onOpen, onGo, onClose }} isHidden={isEditing} />}
      {sheet === 'usage' && <UsageSheet {...{ siteId, folder, onGo, onSelect, onClose }} />}
      {sheet === 'links' && <LinksSheet siteId={siteId} onClose={onClose} />}
      {sheet === 'share' && selected[0] !== undefined && (
        <ShareSheet siteId={siteId} path={selected[0]} onClose={onClose} />
      )}
      {sheet === 'rights' && (
        <RightsSheet
          siteId={siteId}
          paths={selected.length === 0 ? [folder] : selected}
          canWrite={canWrite}
          onClose={onClose}
        />
      )}
    </Suspense>
  );
}
