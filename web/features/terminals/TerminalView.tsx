import { Button } from '@mantine/core';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ExtraKeys } from './ExtraKeys.tsx';
import type { TerminalLook } from './terminal-look.ts';
import classes from './Terminals.module.css';
import { TerminalTools } from './TerminalTools.tsx';
import { useScreen } from './use-screen.ts';

type TerminalViewProps = {
  readonly terminalId: string;
  readonly name: string;
  readonly isRecorded: boolean;
  readonly isShown: boolean;
  /** Keys go here. */
  readonly isActive: boolean;
  /** Its place where the screen is shared. */
  readonly pane: number;
  readonly look: TerminalLook;
  readonly theme: 'dark' | 'light';
  readonly onLook: (look: TerminalLook) => void;
  /** Somebody works in it now. */
  readonly onEnter: () => void;
  /** `isOver`: nothing runs in it any more. */
  readonly onClose: (isOver: boolean) => void;
};

/** The screen of one terminal with its tools. It stays connected while another one is shown. */
export function TerminalView({
  terminalId,
  name,
  isRecorded,
  isShown,
  isActive,
  pane,
  look,
  theme,
  onLook,
  onEnter,
  onClose,
}: TerminalViewProps) {
  const { t } = useTranslation();
  const place = useRef<HTMLDivElement>(null);
  /** Of the extra keys: the next letter is typed with it. */
  const [isControl, setIsControl] = useState(false);
  const label = t('terminals.screen', { name });
  const lostText = t('terminals.lost');
  const { screen, state } = useScreen(place, {
    terminalId,
    label,
    lostText,
    fontSize: look.fontSize,
    theme,
    isShown,
    isActive,
    control: isControl,
    onControlUsed: () => setIsControl(false),
  });
  const isOver = state === 'ended' || state === 'gone';
  const canConnect = state === 'displaced' || state === 'refused';
  return (
    <section
      className={classes.view}
      hidden={!isShown}
      aria-label={label}
      data-active={isActive || undefined}
      style={{ order: pane }}
      onFocusCapture={onEnter}
    >
      <TerminalTools
        screen={screen}
        state={state}
        look={look}
        theme={theme}
        isRecorded={isRecorded}
        onLook={onLook}
        onClose={() => onClose(isOver)}
      />
      <div className={classes.frame} data-theme={theme}>
        <div ref={place} className={classes.screen} dir="ltr" data-terminal={terminalId} />
        {state !== 'open' && state !== 'connecting' && (
          <div className={classes.notice} role="status">
            <span>{t(`terminals.states.${state}`)}</span>
            {canConnect && (
              <Button size="xs" onClick={() => screen?.connection.connect()}>
                {t(state === 'displaced' ? 'terminals.takeBack' : 'terminals.connect')}
              </Button>
            )}
            {isOver && (
              <Button size="xs" variant="default" onClick={() => onClose(true)}>
                {t('terminals.close')}
              </Button>
            )}
          </div>
        )}
      </div>
      <ExtraKeys screen={screen} isControl={isControl} onControl={setIsControl} />
    </section>
  );
}
