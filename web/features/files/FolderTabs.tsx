import { useDirection } from '@mantine/core';
import { IconFolderFilled, IconHome, IconX } from '@tabler/icons-react';
import { useEffect, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { ForeignText } from '../../ui/ForeignText.tsx';
import { nameOf } from './file-paths.ts';
import { besideOf, type FolderTab } from './folder-tabs.ts';
import classes from './FolderTabs.module.css';

type FolderTabsProps = {
  readonly tabs: readonly FolderTab[];
  readonly current: number;
  /** Of what the tabs show. */
  readonly panelId: string;
  readonly onGo: (tab: FolderTab) => void;
  readonly onClose: (id: number) => Promise<void>;
};

export const idOfTab = (id: number): string => `folder-tab-${id}`;

/** The folders that are open. Arrows go along, Enter shows one, Delete closes it. */
export function FolderTabs({ tabs, current, panelId, onGo, onClose }: FolderTabsProps) {
  const { t } = useTranslation();
  const isRtl = useDirection().dir === 'rtl';

  useEffect(() => {
    document.getElementById(idOfTab(current))?.parentElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [current, tabs.length]);

  /** The focus goes where the person looks then. */
  async function close(id: number): Promise<void> {
    const next = besideOf(tabs, id);
    await onClose(id);
    const isStrip = tabs.length > 2 && next !== undefined;
    requestAnimationFrame(() => {
      const panel = document.getElementById(panelId);
      const place = isStrip
        ? document.getElementById(idOfTab(id === current ? next.id : current))
        : panel?.querySelector<HTMLElement>('[role="grid"]');
      // The files of the other folder may still be on their way.
      (place ?? panel)?.focus();
    });
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
    const at = tabs.findIndex(({ id }) => idOfTab(id) === (event.target as HTMLElement).id);
    const tab = tabs[at];
    if (tab === undefined) return;
    const focus = (index: number): void => {
      const to = tabs[(index + tabs.length) % tabs.length];
      if (to !== undefined) document.getElementById(idOfTab(to.id))?.focus();
    };
    const [forward, back] = isRtl ? ['ArrowLeft', 'ArrowRight'] : ['ArrowRight', 'ArrowLeft'];
    const byKey: Record<string, () => unknown> = {
      [forward]: () => focus(at + 1),
      [back]: () => focus(at - 1),
      Home: () => focus(0),
      End: () => focus(tabs.length - 1),
      Delete: () => void close(tab.id),
    };
    const act = byKey[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  }

  return (
    <div className={classes.strip}>
      <div role="tablist" aria-label={t('files.tabs')} className={classes.tabs} onKeyDown={onKeyDown}>
        {tabs.map((tab) => {
          const name = tab.path === '' ? t('files.home') : nameOf(tab.path);
          const isCurrent = tab.id === current;
          const TabIcon = tab.path === '' ? IconHome : IconFolderFilled;
          return (
            <div
              key={tab.id}
              role="presentation"
              className={classes.tab}
              data-current={isCurrent || undefined}
              onMouseDown={(event) => event.button === 1 && event.preventDefault()}
              onAuxClick={(event) => event.button === 1 && void onClose(tab.id)}
            >
              <button
                type="button"
                role="tab"
                id={idOfTab(tab.id)}
                aria-selected={isCurrent}
                aria-controls={isCurrent ? panelId : undefined}
                aria-keyshortcuts="Delete"
                tabIndex={isCurrent ? 0 : -1}
                className={classes.name}
                title={tab.path === '' ? undefined : tab.path.slice(0, 2_000)}
                onClick={() => onGo(tab)}
              >
                <TabIcon size={15} aria-hidden />
                {tab.path === '' ? <span>{name}</span> : <ForeignText max={60}>{name}</ForeignText>}
              </button>
              {/* For the mouse: a tab list holds tabs and nothing else, and the keyboard has its key. */}
              <button
                type="button"
                aria-hidden
                tabIndex={-1}
                className={classes.close}
                title={t('files.closeTab')}
                onClick={() => void onClose(tab.id)}
              >
                <IconX size={14} />
              </button>
            </div>
          );
        })}
      </div>
      <button type="button" className={classes.closeCurrent} onClick={() => void close(current)}>
        {t('files.closeTab')}
      </button>
    </div>
  );
}
