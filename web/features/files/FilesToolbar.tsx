import { ActionIcon, Button, Checkbox, Group, Menu, TextInput, Tooltip } from '@mantine/core';
import {
  IconChartBar,
  IconClipboard,
  IconCloudDownload,
  IconCopy,
  IconCut,
  IconDots,
  IconDownload,
  IconEdit,
  IconFilePlus,
  IconFileSearch,
  IconFileZip,
  IconFolderPlus,
  IconHome,
  IconLayoutSidebar,
  IconLink,
  IconListSearch,
  IconLock,
  IconLockCog,
  IconMessage2,
  IconPencil,
  IconRecycle,
  IconShare,
  IconTrash,
  IconUpload,
  IconX,
  type Icon,
} from '@tabler/icons-react';
import { lazy, Suspense, useRef, useState, type ChangeEvent, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { filePathPattern } from '#shared/file-names.ts';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { useFormat } from '../../ui/format.ts';
import { WhyNot } from '../../ui/WhyNot.tsx';
import type { FileCommands } from './file-commands.ts';
import { crumbsOf, typedPath } from './file-paths.ts';
import type { Listing } from './files.queries.ts';
import classes from './Files.module.css';
import type { Sheet } from './FileSheets.tsx';

const FavouriteFolders = lazy(async () => ({ default: (await import('./FavouriteFolders.tsx')).FavouriteFolders }));

type Look = Omit<Listing, 'path' | 'filter'>;
type FilesToolbarProps = {
  readonly path: string;
  readonly onGo: (path: string) => void;
  readonly showsTree: boolean;
  readonly onTree: () => void;
  readonly filter: string;
  readonly onFilter: (text: string) => void;
  readonly look: Look;
  readonly onLook: (look: Look) => void;
  readonly commands: FileCommands;
  readonly isBusy: boolean;
  readonly onSheet: (sheet: Sheet) => void;
};

/** Where one is, and what can be done with what is selected. */
export function FilesToolbar({
  path,
  onGo,
  showsTree,
  onTree,
  filter,
  onFilter,
  look,
  onLook,
  commands,
  isBusy,
  onSheet,
}: FilesToolbarProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const { canWrite, count, held } = commands;
  const tool = (label: string, ToolIcon: Icon, isOn: boolean, act: () => void) => (
    <Tooltip label={label}>
      <ActionIcon size="lg" variant="default" aria-label={label} disabled={!isOn || !canWrite || isBusy} onClick={act}>
        <ToolIcon size={17} stroke={1.8} />
      </ActionIcon>
    </Tooltip>
  );
  return (
    <div className={classes.top}>
      <div className={classes.where}>
        <Tooltip label={t('files.tree')}>
          <ActionIcon
            size="md"
            variant={showsTree ? 'light' : 'subtle'}
            aria-label={t('files.tree')}
            aria-pressed={showsTree}
            onClick={onTree}
          >
            <IconLayoutSidebar size={17} stroke={1.8} className="mirrored" />
          </ActionIcon>
        </Tooltip>
        <Where path={path} onGo={onGo}>
          <Suspense fallback={null}>
            <FavouriteFolders path={path} onGo={onGo} />
          </Suspense>
        </Where>
      </div>
      <div className={classes.tools}>
        <WhyNot reason={!canWrite}>
          <Button
            size="xs"
            leftSection={<IconFolderPlus size={16} />}
            disabled={!canWrite}
            onClick={() => commands.make('folder')}
          >
            {t('files.newFolder')}
          </Button>
        </WhyNot>
        <UploadButtons commands={commands} />
        {tool(t('files.newFile'), IconFilePlus, true, () => commands.make('file'))}
        <span className={classes.gap} />
        <Tooltip label={t('files.edit')}>
          <ActionIcon
            size="lg"
            variant="default"
            aria-label={t('files.edit')}
            disabled={!commands.isFile}
            onClick={commands.edit}
          >
            <IconEdit size={17} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={t(commands.isFile || count === 0 ? 'files.download' : 'files.downloadAll')}>
          <ActionIcon
            size="lg"
            variant="default"
            aria-label={t(commands.isFile || count === 0 ? 'files.download' : 'files.downloadAll')}
            disabled={count === 0}
            onClick={commands.download}
          >
            <IconDownload size={17} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
        {tool(t('files.rename'), IconPencil, count === 1, commands.rename)}
        {tool(t('files.cut'), IconCut, count > 0, () => commands.hold('move'))}
        {tool(t('files.copy'), IconCopy, count > 0, () => commands.hold('copy'))}
        {tool(t('files.archive.pack'), IconFileZip, count > 0, commands.pack)}
        {tool(t('files.mode'), IconLock, count > 0, commands.mode)}
        {tool(t('files.remove'), IconTrash, count > 0, commands.remove)}
        <MoreTools onSheet={onSheet} commands={commands} />
        {commands.editing > 0 && (
          <Button size="xs" variant="light" leftSection={<IconEdit size={16} />} onClick={commands.showEditor}>
            {t('files.editing', { count: commands.editing, value: format.number(commands.editing) })}
          </Button>
        )}
        {held !== null && (
          <Group gap={4} wrap="nowrap">
            <Button
              size="xs"
              variant="light"
              leftSection={<IconClipboard size={16} />}
              loading={isBusy}
              onClick={commands.paste}
            >
              {t(held.verb === 'move' ? 'files.moveHere' : 'files.copyHere', {
                count: held.paths.length,
                value: format.number(held.paths.length),
              })}
            </Button>
            <ActionIcon aria-label={t('files.letGo')} onClick={commands.letGo}>
              <IconX size={16} />
            </ActionIcon>
          </Group>
        )}
        <span className={classes.end}>
          <Checkbox
            size="xs"
            label={t('files.showsHidden')}
            checked={look.showsHidden}
            onChange={(event) => onLook({ ...look, showsHidden: event.currentTarget.checked })}
          />
          <TextInput
            size="xs"
            type="search"
            dir="auto"
            className={classes.filter}
            placeholder={t('files.filter')}
            aria-label={t('files.filter')}
            value={filter}
            maxLength={200}
            onChange={(event) => onFilter(event.currentTarget.value)}
          />
          <Button
            size="xs"
            variant="default"
            leftSection={<IconFileSearch size={16} />}
            onClick={() => onSheet('search')}
          >
            {t('fileSearch.title')}
          </Button>
          <Button size="xs" variant="default" leftSection={<IconRecycle size={16} />} onClick={() => onSheet('bin')}>
            {t('files.bin.title')}
          </Button>
        </span>
      </div>
    </div>
  );
}

/** What is about whole folders, and links for others. */
function MoreTools({ onSheet, commands }: Pick<FilesToolbarProps, 'onSheet' | 'commands'>) {
  const { t } = useTranslation();
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Tooltip label={t('files.more')}>
          <ActionIcon size="lg" variant="default" aria-label={t('files.more')}>
            <IconDots size={17} stroke={1.8} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCloudDownload size={16} />} onClick={() => onSheet('fetch')}>
          {t('fileFetch.open')}
        </Menu.Item>
        <Menu.Item leftSection={<IconListSearch size={16} />} onClick={() => onSheet('find')}>
          {t('files.findByName')}
        </Menu.Item>
        <Menu.Item leftSection={<IconChartBar size={16} />} onClick={() => onSheet('usage')}>
          {t('files.usage')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLockCog size={16} />} onClick={() => onSheet('rights')}>
          {t('files.rightsBelow')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconMessage2 size={16} />}
          disabled={!commands.canWrite || commands.count !== 1}
          onClick={commands.remark}
        >
          {t('files.remark.edit')}
        </Menu.Item>
        <Menu.Item leftSection={<IconShare size={16} />} disabled={!commands.isFile} onClick={commands.share}>
          {t('fileLinks.share')}
        </Menu.Item>
        <Menu.Item leftSection={<IconLink size={16} />} onClick={() => onSheet('links')}>
          {t('fileLinks.list')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Known to every browser, and not to React's types. */
const wholeFolder = { webkitdirectory: '' };

/** Files, or a folder with all that is in it. */
function UploadButtons({ commands: { canWrite, upload } }: Pick<FilesToolbarProps, 'commands'>) {
  const { t } = useTranslation();
  const files = useRef<HTMLInputElement>(null);
  const folder = useRef<HTMLInputElement>(null);
  const take = (event: ChangeEvent<HTMLInputElement>): void => {
    const chosen = [...(event.currentTarget.files ?? [])];
    upload(
      chosen.map((file) => ({ file, path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath })),
    );
    // The same one can be chosen again.
    event.currentTarget.value = '';
  };
  const input = { type: 'file', multiple: true, hidden: true, tabIndex: -1, onChange: take } as const;
  return (
    <WhyNot reason={!canWrite}>
      <Button.Group>
        <input ref={files} {...input} aria-label={t('files.upload.files')} />
        <input ref={folder} {...input} {...wholeFolder} aria-label={t('files.upload.folder')} />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconUpload size={16} />}
          disabled={!canWrite}
          onClick={() => files.current?.click()}
        >
          {t('files.upload.files')}
        </Button>
        <Button size="xs" variant="default" disabled={!canWrite} onClick={() => folder.current?.click()}>
          {t('files.upload.folder')}
        </Button>
      </Button.Group>
    </WhyNot>
  );
}

/** The folders on the way; a double click or the pencil of the keyboard turns them into a field to type a path. */
function Where({ path, onGo, children }: Pick<FilesToolbarProps, 'path' | 'onGo'> & { readonly children: ReactNode }) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState<string | null>(null);
  if (typed !== null) {
    const wanted = typedPath(typed);
    const isGood = filePathPattern.test(wanted);
    return (
      <TextInput
        autoFocus
        size="xs"
        dir="auto"
        aria-label={t('files.path')}
        value={typed}
        error={isGood ? undefined : t('errors.fields.file_path_invalid')}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => setTyped(null)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setTyped(null);
          if (event.key !== 'Enter' || !isGood) return;
          setTyped(null);
          onGo(wanted);
        }}
      />
    );
  }
  return (
    <nav className={classes.crumbs} aria-label={t('files.path')}>
      <button type="button" className={classes.crumb} onClick={() => onGo('')} aria-label={t('files.home')}>
        <IconHome size={16} aria-hidden />
      </button>
      {crumbsOf(path).map((crumb) => (
        <span key={crumb.path} className={classes.step}>
          <span aria-hidden>/</span>
          <button
            type="button"
            className={classes.crumb}
            aria-current={crumb.path === path ? 'page' : undefined}
            onClick={() => onGo(crumb.path)}
          >
            <ForeignText max={60}>{crumb.name}</ForeignText>
          </button>
        </span>
      ))}
      <Tooltip label={t('files.typePath')}>
        <ActionIcon size="sm" aria-label={t('files.typePath')} onClick={() => setTyped(path)}>
          <IconPencil size={14} />
        </ActionIcon>
      </Tooltip>
      {children}
    </nav>
  );
}
