import { Loader, useDirection } from '@mantine/core';
import {
  IconChevronRight,
  IconDots,
  IconFolderFilled,
  IconFolderOpen,
  IconHome,
  IconReload,
} from '@tabler/icons-react';
import { useEffect, useId, useRef, useState, type KeyboardEvent, type MouseEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { nameOf, parentOf } from './file-paths.ts';
import type { TreeLine } from './folder-tree.ts';
import classes from './FolderTree.module.css';
import { useFolderTree } from './use-folder-tree.ts';

type FolderTreeProps = {
  readonly siteId: string;
  /** The folder that is looked at. */
  readonly current: string;
  readonly showsHidden: boolean;
  readonly onGo: (path: string) => void;
  readonly onOpenTab: (path: string) => void;
};

const keyOf = ({ kind, path }: TreeLine): string => `${kind} ${path}`;

/** The folders of the site, each asked for when it is opened; it follows where one goes. */
export function FolderTree({ siteId, current, showsHidden, onGo, onOpenTab }: FolderTreeProps) {
  const { t } = useTranslation();
  const isRtl = useDirection().dir === 'rtl';
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const tree = useFolderTree(siteId, current, showsHidden);
  const { lines } = tree;
  const currentKey = `folder ${current}`;
  const [at, setAt] = useState(currentKey);
  const [followed, setFollowed] = useState(current);
  if (followed !== current) {
    setFollowed(current);
    setAt(currentKey);
  }
  const found = lines.findIndex((line) => keyOf(line) === at);
  const active =
    found < 0
      ? Math.max(
          0,
          lines.findIndex((line) => keyOf(line) === currentKey),
        )
      : found;
  const isSeen = found >= 0;
  useEffect(() => {
    root.current?.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }, [at, isSeen]);

  function act(line: TreeLine, inTab = false): void {
    setAt(keyOf(line));
    if (line.kind === 'more') tree.askMore(line.path);
    else if (line.kind === 'failed') tree.askAgain(line.path);
    else if (inTab) onOpenTab(line.path);
    else onGo(line.path);
  }

  const moveTo = (index: number): void => {
    const line = lines[Math.max(0, Math.min(lines.length - 1, index))];
    if (line !== undefined) setAt(keyOf(line));
  };

  /** The next folder whose name begins so. */
  function find(letter: string): void {
    const wanted = letter.toLocaleLowerCase();
    const from = [...lines.slice(active + 1), ...lines.slice(0, active + 1)];
    const line = from.find(
      ({ kind, path }) => kind === 'folder' && nameOf(path).toLocaleLowerCase().startsWith(wanted),
    );
    if (line !== undefined) setAt(keyOf(line));
  }

  function onKeyDown(event: KeyboardEvent): void {
    const line = lines[active];
    if (line === undefined || event.altKey) return;
    const [deeper, back] = isRtl ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft'];
    const byKey: Record<string, () => void> = {
      ArrowDown: () => moveTo(active + 1),
      ArrowUp: () => moveTo(active - 1),
      Home: () => moveTo(0),
      End: () => moveTo(lines.length - 1),
      Enter: () => act(line, event.ctrlKey || event.metaKey),
      ' ': () => act(line),
      [deeper]: () => {
        if (line.kind !== 'folder') return;
        if (!line.isOpen) tree.setIsOpen(line.path, true);
        else if (lines[active + 1]?.level === line.level + 1) moveTo(active + 1);
      },
      [back]: () => {
        if (line.kind === 'folder' && line.isOpen && !line.isLeaf) return tree.setIsOpen(line.path, false);
        const above = line.kind === 'folder' ? parentOf(line.path) : line.path;
        if (line.path !== '' || line.kind !== 'folder') setAt(`folder ${above}`);
      },
    };
    const obey = byKey[event.key];
    if (obey === undefined) {
      if (event.key.length === 1 && !event.ctrlKey && !event.metaKey) find(event.key);
      return;
    }
    event.preventDefault();
    obey();
  }

  return (
    <div
      ref={root}
      className={classes.tree}
      role="tree"
      aria-label={t('files.tree')}
      tabIndex={0}
      aria-activedescendant={`${id}-${active}`}
      onKeyDown={onKeyDown}
    >
      {lines.map((line, index) => (
        <Line
          key={keyOf(line)}
          id={`${id}-${index}`}
          line={line}
          isCurrent={line.kind === 'folder' && line.path === current}
          isActive={index === active}
          onAct={(inTab) => act(line, inTab)}
          onToggle={() => {
            setAt(keyOf(line));
            tree.setIsOpen(line.path, !line.isOpen);
          }}
        />
      ))}
    </div>
  );
}

type LineProps = {
  readonly id: string;
  readonly line: TreeLine;
  readonly isCurrent: boolean;
  readonly isActive: boolean;
  readonly onAct: (inTab: boolean) => void;
  readonly onToggle: () => void;
};

function Line({ id, line, isCurrent, isActive, onAct, onToggle }: LineProps) {
  const { t } = useTranslation();
  const { kind, path, level, isOpen, isLeaf, isLoading, position, setSize } = line;
  const isFolder = kind === 'folder';
  const FolderIcon = path === '' ? IconHome : isOpen && !isLeaf ? IconFolderOpen : IconFolderFilled;
  return (
    <div
      id={id}
      role="treeitem"
      aria-level={level}
      aria-posinset={position}
      aria-setsize={setSize}
      aria-selected={isCurrent}
      aria-expanded={isFolder && !isLeaf ? isOpen : undefined}
      aria-busy={isLoading || undefined}
      data-active={isActive || undefined}
      className={classes.line}
      style={{ paddingInlineStart: 4 + (level - 1) * 14 }}
      title={isFolder && path !== '' ? nameOf(path).slice(0, 2_000) : undefined}
      onClick={(event) => onAct(event.ctrlKey || event.metaKey)}
      onMouseDown={(event) => event.button === 1 && event.preventDefault()}
      onAuxClick={(event) => event.button === 1 && onAct(true)}
    >
      {isFolder && !isLeaf ? (
        <span
          className={classes.toggle}
          aria-hidden
          onClick={(event: MouseEvent) => {
            event.stopPropagation();
            onToggle();
          }}
        >
          {isLoading ? (
            <Loader size={12} />
          ) : isOpen ? (
            <IconChevronRight size={14} className={classes.down} />
          ) : (
            <IconChevronRight size={14} className="mirrored" />
          )}
        </span>
      ) : (
        <span className={classes.toggle} aria-hidden />
      )}
      {isFolder ? (
        <FolderIcon size={16} className={classes.icon} data-home={path === '' || undefined} aria-hidden />
      ) : kind === 'more' ? (
        <IconDots size={16} className={classes.soft} aria-hidden />
      ) : (
        <IconReload size={16} className={classes.soft} aria-hidden />
      )}
      <span className={classes.name}>
        {!isFolder ? (
          <span className={classes.soft}>{t(kind === 'more' ? 'files.moreFolders' : 'files.treeFailed')}</span>
        ) : path === '' ? (
          <span>{t('files.home')}</span>
        ) : (
          <ForeignText max={80}>{nameOf(path)}</ForeignText>
        )}
      </span>
    </div>
  );
}
