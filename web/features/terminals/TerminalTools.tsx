import { ActionIcon, TextInput, Tooltip } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowUp,
  IconBook2,
  IconClipboardText,
  IconCopy,
  IconMoon,
  IconPlayerStop,
  IconSun,
  IconTextDecrease,
  IconTextIncrease,
  type Icon,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ConfirmDialog } from '../../ui/ConfirmDialog.tsx';
import { sayDone, sayFailed } from '../../ui/toasts.ts';
import { CommandBook } from './CommandBook.tsx';
import type { ConnectionState } from './terminal-connection.ts';
import { fontSizes, type TerminalLook } from './terminal-look.ts';
import { terminalsQuery } from './terminals.queries.ts';
import classes from './Terminals.module.css';
import type { Screen } from './use-screen.ts';

type TerminalToolsProps = {
  readonly screen: Screen | null;
  readonly state: ConnectionState;
  readonly look: TerminalLook;
  readonly theme: 'dark' | 'light';
  readonly isRecorded: boolean;
  readonly onLook: (look: TerminalLook) => void;
  readonly onClose: () => void;
};

export function TerminalTools({ screen, state, look, theme, isRecorded, onLook, onClose }: TerminalToolsProps) {
  const { t } = useTranslation();
  const byRole = useQuery(terminalsQuery).data?.recording.role === 'always';
  const [wanted, setWanted] = useState('');
  const [pasting, setPasting] = useState<string | null>(null);
  const [isBookOpen, setIsBookOpen] = useState(false);
  const find = (text: string, isBack = false): void => {
    if (isBack) screen?.search.findPrevious(text);
    else screen?.search.findNext(text, { incremental: true });
  };
  const copy = async (): Promise<void> => {
    const text = screen?.xterm.getSelection() ?? '';
    if (text === '') return sayFailed(t('terminals.notCopied'), ' ');
    await navigator.clipboard.writeText(text);
    sayDone(t('terminals.copied'));
  };
  const paste = async (): Promise<void> => {
    const text = await navigator.clipboard.readText();
    // Some shells run each line as it comes.
    if (/[\r\n]./.test(text)) setPasting(text);
    else screen?.xterm.paste(text);
  };
  /** As pasted: a shell that knows pasting takes nothing in it for a key. */
  const use = (line: string, runs: boolean): void => {
    setIsBookOpen(false);
    screen?.xterm.paste(line);
    if (runs) screen?.connection.type('\r');
    screen?.xterm.focus();
  };
  const resized = (change: number): TerminalLook => ({
    ...look,
    fontSize: Math.min(fontSizes.most, Math.max(fontSizes.least, look.fontSize + change)),
  });
  return (
    <div className={classes.tools} role="group" aria-label={t('terminals.tools')}>
      <span className={classes.state} data-state={state}>
        <span className={classes.dot} aria-hidden />
        {state === 'open' || state === 'connecting' ? t(`terminals.states.${state}`) : null}
        {isRecorded && (
          <span className={classes.recorded}>
            <span className={classes.recordedDot} aria-hidden />
            {t(byRole ? 'terminals.recordings.badgeByRole' : 'terminals.recordings.badge')}
          </span>
        )}
      </span>
      <TextInput
        size="xs"
        className={classes.find}
        dir="auto"
        placeholder={t('terminals.find')}
        aria-label={t('terminals.find')}
        value={wanted}
        onChange={({ currentTarget: { value } }) => {
          setWanted(value);
          find(value);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') find(wanted, event.shiftKey);
        }}
      />
      <Tool
        icon={IconArrowUp}
        label={t('terminals.previous')}
        isOff={wanted === ''}
        onClick={() => find(wanted, true)}
      />
      <Tool icon={IconArrowDown} label={t('terminals.next')} isOff={wanted === ''} onClick={() => find(wanted)} />
      <Tool icon={IconCopy} label={t('terminals.copy')} onClick={() => void copy().catch(() => undefined)} />
      <Tool
        icon={IconClipboardText}
        label={t('terminals.paste')}
        onClick={() => void paste().catch(() => sayFailed(t('terminals.paste'), t('terminals.notPasted')))}
      />
      <Tool icon={IconBook2} label={t('terminals.book.title')} onClick={() => setIsBookOpen(true)} />
      <Tool
        icon={IconTextDecrease}
        label={t('terminals.smaller')}
        isOff={look.fontSize <= fontSizes.least}
        onClick={() => onLook(resized(-1))}
      />
      <Tool
        icon={IconTextIncrease}
        label={t('terminals.larger')}
        isOff={look.fontSize >= fontSizes.most}
        onClick={() => onLook(resized(1))}
      />
      <Tool
        icon={theme === 'dark' ? IconSun : IconMoon}
        label={t(theme === 'dark' ? 'terminals.light' : 'terminals.dark')}
        onClick={() => onLook({ ...look, theme: theme === 'dark' ? 'light' : 'dark' })}
      />
      <Tool icon={IconPlayerStop} label={t('terminals.close')} onClick={onClose} />
      {isBookOpen && <CommandBook isConnected={state === 'open'} onUse={use} onClose={() => setIsBookOpen(false)} />}
      <ConfirmDialog
        isOpen={pasting !== null}
        title={t('terminals.pasteTitle')}
        confirmLabel={t('terminals.paste')}
        onClose={() => setPasting(null)}
        onConfirm={() => {
          screen?.xterm.paste(pasting ?? '');
          setPasting(null);
        }}
      >
        {t('terminals.pasteText')}
        <pre className={classes.pasted} dir="ltr">
          {pasting?.slice(0, 2_000)}
        </pre>
      </ConfirmDialog>
    </div>
  );
}

type ToolProps = {
  readonly icon: Icon;
  readonly label: string;
  readonly isOff?: boolean;
  readonly onClick: () => void;
};

function Tool({ icon: ToolIcon, label, isOff = false, onClick }: ToolProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon aria-label={label} disabled={isOff} onClick={onClick}>
        <ToolIcon size={18} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}
