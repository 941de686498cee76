import { Button, Group, SegmentedControl, useComputedColorScheme, VisuallyHidden } from '@mantine/core';
import {
  IconLayoutColumns,
  IconLayoutRows,
  IconMovie,
  IconServer,
  IconSquare,
  IconTerminal2,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Terminal } from '#shared/terminals.ts';
import { finish } from '../../api/finish.ts';
import { useCan } from '../../api/session.ts';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { useErrorText } from '../../ui/error-text.ts';
import { NeedsPermission } from '../../ui/NeedsPermission.tsx';
import { Page } from '../../ui/Page.tsx';
import { EmptyState, ErrorState, LoadingRows } from '../../ui/States.tsx';
import { sayFailed } from '../../ui/toasts.ts';
import { NewTerminal } from './NewTerminal.tsx';
import { choose, onePane, paneKey, shownIn, splits, withSplit, type Split } from './panes.ts';
import { RecordingsSheet } from './RecordingsSheet.tsx';
import { storedTerminalLook, storeTerminalLook, type TerminalLook } from './terminal-look.ts';
import { terminalsQuery, useCloseTerminal } from './terminals.queries.ts';
import classes from './Terminals.module.css';
import { TerminalView } from './TerminalView.tsx';

/** Most who come here have no host to reach. */
const HostsSheet = lazy(async () => ({ default: (await import('./HostsSheet.tsx')).HostsSheet }));

const splitIcons = { none: IconSquare, beside: IconLayoutColumns, below: IconLayoutRows } as const;

/** Shells on the server: those that run, each with a tab to come back to it. */
export function TerminalsPage() {
  const { t } = useTranslation();
  return (
    <NeedsPermission permission="terminals.use" title={t('terminals.title')}>
      <Terminals />
    </NeedsPermission>
  );
}

function Terminals() {
  const { t } = useTranslation();
  const errorText = useErrorText();
  const panelTheme = useComputedColorScheme('light', { getInitialValueInEffect: false });
  const [look, setLook] = useState(storedTerminalLook);
  const [panes, setPanes] = useState({ ...onePane, split: look.split });
  /** Shown once: they stay connected while another one is looked at. */
  const [visited, setVisited] = useState<ReadonlySet<string>>(new Set());
  const [closing, setClosing] = useState<Terminal | null>(null);
  const [isRecordingsOpen, setIsRecordingsOpen] = useState(false);
  const [isHostsOpen, setIsHostsOpen] = useState(false);
  const can = useCan();
  const theme = look.theme === 'auto' ? panelTheme : look.theme;
  const close = useCloseTerminal();
  const { data, error, refetch } = useQuery(terminalsQuery);
  const terminals = data?.items ?? [];
  const ids = terminals.map(({ id }) => id);
  const shown = shownIn(panes, ids);
  const unseen = shown.filter((id) => id !== undefined && !visited.has(id));
  if (unseen.length > 0) setVisited(new Set([...visited, ...unseen.filter((id) => id !== undefined)]));
  const active = shown[panes.active] === undefined ? 0 : panes.active;
  const isSplit = panes.split !== 'none';
  /** A new one comes into the pane that is empty, if one is. */
  const setChosen = (id: string): void =>
    setPanes((now) =>
      now.split !== 'none' && ids.length === 1 && !ids.includes(id)
        ? { ...now, chosen: [ids[0] ?? null, id], active: 1 }
        : choose(now, id, [...ids, id]),
    );
  const change = (next: TerminalLook): void => {
    setLook(next);
    storeTerminalLook(next);
  };
  const share = (split: Split): void => {
    setPanes((now) => withSplit(now, split, ids));
    change({ ...look, split });
  };
  const end = (terminal: Terminal): void =>
    finish(close, terminal.id, {
      onError: (failure) => sayFailed(t('terminals.notClosed'), errorText(failure)),
      onSettled: () => setClosing(null),
    });
  return (
    <Page
      title={t('terminals.title')}
      description={t('terminals.lead')}
      actions={
        <Group gap="sm">
          {can('terminals.root') && (
            <Button
              variant="default"
              leftSection={<IconServer size={16} aria-hidden />}
              onClick={() => setIsHostsOpen(true)}
            >
              {t('terminals.hosts.title')}
            </Button>
          )}
          <Button
            variant="default"
            leftSection={<IconMovie size={16} aria-hidden />}
            onClick={() => setIsRecordingsOpen(true)}
          >
            {t('terminals.recordings.title')}
          </Button>
          <NewTerminal onOpened={({ id }) => setChosen(id)} />
        </Group>
      }
    >
      {data === undefined ? (
        error === null ? (
          <LoadingRows rows={6} />
        ) : (
          <ErrorState error={error} onRetry={() => void refetch()} />
        )
      ) : terminals.length === 0 ? (
        <EmptyState icon={IconTerminal2} title={t('terminals.none')} text={t('terminals.noneText')} />
      ) : (
        <>
          <div className={classes.bar}>
            <nav className={classes.tabs} aria-label={t('terminals.tabs')}>
              {terminals.map((terminal, index) => (
                <button
                  key={terminal.id}
                  type="button"
                  className={classes.tab}
                  aria-current={terminal.id === shown[active]}
                  data-beside={(terminal.id !== shown[active] && shown.includes(terminal.id)) || undefined}
                  data-root={terminal.kind !== 'site' || undefined}
                  onClick={() => setChosen(terminal.id)}
                >
                  <bdi dir="ltr">
                    {index + 1}: {terminal.user}
                  </bdi>
                </button>
              ))}
            </nav>
            <SegmentedControl
              size="xs"
              aria-label={t('terminals.split.title')}
              title={t('terminals.split.keys')}
              value={panes.split}
              onChange={(value) => share(splits.find((each) => each === value) ?? 'none')}
              data={splits.map((value) => {
                const Icon = splitIcons[value];
                return {
                  value,
                  label: (
                    <span className={classes.splitIcon}>
                      <Icon size={16} aria-hidden />
                      <VisuallyHidden>{t(`terminals.split.${value}`)}</VisuallyHidden>
                    </span>
                  ),
                };
              })}
            />
          </div>
          <div
            className={classes.panes}
            data-split={panes.split}
            onKeyDownCapture={(event) => {
              const key = paneKey(event.nativeEvent);
              if (key === undefined || (key === 'other' && !isSplit)) return;
              event.preventDefault();
              event.stopPropagation();
              if (key === 'split') share(splits[(splits.indexOf(panes.split) + 1) % splits.length] ?? 'none');
              else if (shown[1] !== undefined) setPanes((now) => ({ ...now, active: active === 0 ? 1 : 0 }));
            }}
          >
            {terminals
              .filter(({ id }) => visited.has(id))
              .map((terminal) => (
                <TerminalView
                  key={terminal.id}
                  terminalId={terminal.id}
                  name={terminal.user}
                  isRecorded={terminal.isRecorded}
                  isShown={shown.includes(terminal.id)}
                  isActive={terminal.id === shown[active]}
                  pane={shown.indexOf(terminal.id)}
                  look={look}
                  theme={theme}
                  onLook={change}
                  onEnter={() => {
                    const at = shown.indexOf(terminal.id);
                    if (isSplit && (at === 0 || at === 1) && at !== panes.active)
                      setPanes((now) => ({ ...now, active: at }));
                  }}
                  onClose={(isOver) => (isOver || terminal.hasEnded ? end(terminal) : setClosing(terminal))}
                />
              ))}
            {isSplit && shown[1] === undefined && <p className={classes.emptyPane}>{t('terminals.split.empty')}</p>}
          </div>
        </>
      )}
      {isHostsOpen && (
        <Suspense>
          <HostsSheet
            onOpened={({ id }) => {
              setChosen(id);
              setIsHostsOpen(false);
            }}
            onClose={() => setIsHostsOpen(false)}
          />
        </Suspense>
      )}
      {isRecordingsOpen && <RecordingsSheet theme={theme} onClose={() => setIsRecordingsOpen(false)} />}
      <ConfirmDialog
        isOpen={closing !== null}
        title={t('terminals.closeTitle', { name: closing?.user ?? '' })}
        confirmLabel={t('terminals.close')}
        isDangerous
        isBusy={close.isPending}
        onClose={() => setClosing(null)}
        onConfirm={() => closing !== null && end(closing)}
      >
        {t('terminals.closeText')}
      </ConfirmDialog>
    </Page>
  );
}
