import { FitAddon } from '@xterm/addon-fit';
import { SearchAddon } from '@xterm/addon-search';
import { Terminal as Xterm } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef, useState, type RefObject } from 'react';
import { openConnection, type ConnectionState, type TerminalConnection } from './terminal-connection.ts';
import { joinedRuns } from './joined-runs.ts';
import { terminalThemes } from './terminal-look.ts';

export type Screen = {
  readonly xterm: Xterm;
  readonly search: SearchAddon;
  readonly connection: TerminalConnection;
  readonly look: (fontSize: number, theme: 'dark' | 'light') => void;
};

type ScreenOptions = {
  readonly terminalId: string;
  readonly label: string;
  readonly lostText: string;
  readonly fontSize: number;
  readonly theme: 'dark' | 'light';
  readonly isShown: boolean;
  /** Keys go here. */
  readonly isActive: boolean;
  /** The next letter is typed with Ctrl. */
  readonly control: boolean;
  readonly onControlUsed: () => void;
};

const fonts = "'JetBrains Mono', ui-monospace, SFMono-Regular, Menlo, Consolas, 'IBM Plex Sans Arabic', monospace";

/** Puts the screen of one terminal into `place` and connects it; both last as long as the component. */
export function useScreen(
  place: RefObject<HTMLDivElement | null>,
  { terminalId, label, lostText, fontSize, theme, isShown, isActive, control, onControlUsed }: ScreenOptions,
): { readonly screen: Screen | null; readonly state: ConnectionState } {
  const [screen, setScreen] = useState<Screen | null>(null);
  const [state, setState] = useState<ConnectionState>('connecting');
  const fit = useRef<FitAddon>(null);
  const first = useRef({ fontSize, theme, label, lostText });
  const now = useRef({ control, onControlUsed });
  useEffect(() => {
    now.current = { control, onControlUsed };
  }, [control, onControlUsed]);

  // Cells are as wide as the letters of the font that is there when they are measured.
  const [hasFont, setHasFont] = useState(false);
  useEffect(() => {
    void document.fonts.load("14px 'JetBrains Mono'").finally(() => setHasFont(true));
  }, []);

  useEffect(() => {
    const element = place.current;
    if (element === null || !hasFont) return;
    const { fontSize: size, theme: name, label: title, lostText: lost } = first.current;
    const xterm = new Xterm({
      fontFamily: fonts,
      fontSize: size,
      theme: terminalThemes[name],
      scrollback: 10_000,
      cursorBlink: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      minimumContrastRatio: 4.5,
      macOptionIsMeta: true,
      // Joined cells are called experimental: the version is pinned, and a test looks at what is drawn.
      allowProposedApi: true,
    });
    const fitting = new FitAddon();
    const search = new SearchAddon();
    xterm.loadAddon(fitting);
    xterm.loadAddon(search);
    xterm.open(element);
    xterm.registerCharacterJoiner(joinedRuns);
    xterm.textarea?.setAttribute('aria-label', title);
    fitting.fit();
    fit.current = fitting;
    /** Bytes being drawn that a terminal has answered already, when they were new. */
    let oldPieces = 0;
    const connection = openConnection(terminalId, {
      size: () => ({ cols: xterm.cols, rows: xterm.rows }),
      write(bytes, isOld, shown) {
        if (isOld) oldPieces += 1;
        xterm.write(bytes, () => {
          if (isOld) oldPieces -= 1;
          shown();
        });
      },
      restart(count) {
        xterm.reset();
        if (count > 0) xterm.write(`\x1b[2m… ${lost}\x1b[0m\r\n`);
      },
      onState: setState,
    });
    xterm.onData((text) => {
      if (oldPieces > 0) return;
      const isLetter = now.current.control && /^[a-z@[\\\]^_ ]$/i.test(text);
      connection.type(isLetter ? String.fromCharCode(text.toUpperCase().charCodeAt(0) & 31) : text);
      if (now.current.control) now.current.onControlUsed();
    });
    xterm.onBinary((text) => connection.type(Uint8Array.from(text, (each) => each.charCodeAt(0))));
    xterm.onResize((next) => connection.resize({ cols: next.cols, rows: next.rows }));
    const watch = new ResizeObserver(() => {
      if (element.offsetParent !== null) fitting.fit();
    });
    watch.observe(element);
    setScreen({
      xterm,
      search,
      connection,
      look(nextSize, nextTheme) {
        xterm.options.fontSize = nextSize;
        xterm.options.theme = terminalThemes[nextTheme];
      },
    });
    return () => {
      watch.disconnect();
      connection.close();
      xterm.dispose();
      fit.current = null;
      setScreen(null);
    };
  }, [place, terminalId, hasFont]);

  useEffect(() => {
    screen?.look(fontSize, theme);
    if (isShown) fit.current?.fit();
  }, [screen, fontSize, theme, isShown]);

  useEffect(() => {
    if (isActive) screen?.xterm.focus();
  }, [screen, isActive]);

  return { screen, state };
}
