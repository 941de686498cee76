import type { ITheme } from '@xterm/xterm';
import { splits, type Split } from './panes.ts';

/** Contrast of each colour on its ground is at least that of text (WCAG 4.5:1); `minimumContrastRatio` sees to the rest. */
export const terminalThemes: Readonly<Record<'dark' | 'light', ITheme>> = {
  dark: {
    background: '#0f151a',
    foreground: '#e6eaed',
    cursor: '#43b9a8',
    cursorAccent: '#0f151a',
    selectionBackground: '#37424b',
    black: '#37424b',
    red: '#f08d96',
    green: '#76d2c2',
    yellow: '#e5c07b',
    blue: '#7cb7ff',
    magenta: '#d3a4f0',
    cyan: '#6fd0e0',
    white: '#e6eaed',
    brightBlack: '#929fa9',
  },
  light: {
    background: '#ffffff',
    foreground: '#171d23',
    cursor: '#0e685e',
    cursorAccent: '#ffffff',
    selectionBackground: '#d5f3ec',
    black: '#171d23',
    red: '#b92533',
    green: '#0e685e',
    yellow: '#7a5a00',
    blue: '#1f5fbf',
    magenta: '#8a3fb0',
    cyan: '#0b6b7d',
    white: '#47515b',
    brightBlack: '#616c77',
  },
};

export type TerminalLook = {
  readonly fontSize: number;
  readonly theme: 'auto' | 'dark' | 'light';
  readonly split: Split;
};

export const fontSizes = { least: 10, most: 24, usual: 14 } as const;
const name = 'aapanel.terminal-look';

export function storedTerminalLook(): TerminalLook {
  const usual: TerminalLook = { fontSize: fontSizes.usual, theme: 'auto', split: 'none' };
  try {
    const stored = { ...usual, ...(JSON.parse(localStorage.getItem(name) ?? '{}') as Partial<TerminalLook>) };
    return { ...stored, split: splits.find((each) => each === stored.split) ?? 'none' };
  } catch {
    return usual;
  }
}

export function storeTerminalLook(look: TerminalLook): void {
  try {
    localStorage.setItem(name, JSON.stringify(look));
  } catch {
    // Storage is full or forbidden: it is as usual the next time.
  }
}
