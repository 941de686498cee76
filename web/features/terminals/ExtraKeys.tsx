import { IconArrowDown, IconArrowLeft, IconArrowRight, IconArrowUp } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import classes from './Terminals.module.css';
import type { Screen } from './use-screen.ts';

/** What the keyboard of a phone lacks. Arrows as programs expect them, which differs while one fills the screen. */
const keys = [
  { name: 'Esc', sends: '\x1b' },
  { name: 'Tab', sends: '\t' },
  { name: '↑', icon: IconArrowUp, sends: '\x1b[A', application: '\x1bOA' },
  { name: '↓', icon: IconArrowDown, sends: '\x1b[B', application: '\x1bOB' },
  { name: '←', icon: IconArrowLeft, sends: '\x1b[D', application: '\x1bOD' },
  { name: '→', icon: IconArrowRight, sends: '\x1b[C', application: '\x1bOC' },
  { name: 'Ctrl+C', sends: '\x03' },
  { name: '|', sends: '|' },
  { name: '/', sends: '/' },
  { name: '-', sends: '-' },
] as const;

type ExtraKeysProps = {
  readonly screen: Screen | null;
  readonly isControl: boolean;
  readonly onControl: (isControl: boolean) => void;
};

export function ExtraKeys({ screen, isControl, onControl }: ExtraKeysProps) {
  const { t } = useTranslation();
  return (
    <div className={classes.keys} dir="ltr" role="group" aria-label={t('terminals.keys')}>
      <button
        type="button"
        className={classes.key}
        aria-pressed={isControl}
        // The keyboard of the phone stays open.
        onPointerDown={(event) => event.preventDefault()}
        onClick={() => onControl(!isControl)}
      >
        Ctrl
      </button>
      {keys.map((key) => (
        <button
          key={key.name}
          type="button"
          className={classes.key}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => {
            const isApplication = screen?.xterm.modes.applicationCursorKeysMode === true && 'application' in key;
            screen?.connection.type(isApplication ? key.application : key.sends);
          }}
        >
          {'icon' in key ? <key.icon size={16} role="img" aria-label={key.name} /> : key.name}
        </button>
      ))}
    </div>
  );
}
