import { DirectionProvider, MantineProvider, useDirection, useMantineColorScheme } from '@mantine/core';
import { createContext, use, useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { showLanguage, type Language } from '../i18n/i18n.ts';
import { languageOf, storedLook, storeLook, type Look } from './look.ts';
import { cssVariables, theme } from './theme.ts';

type LookContext = {
  readonly look: Look;
  readonly language: Language;
  readonly setLook: (change: Partial<Look>) => void;
};

const Context = createContext<LookContext | undefined>(undefined);

/** Language, direction, colours and digits of the page. */
export function useLook(): LookContext {
  const context = use(Context);
  if (context === undefined) throw new Error('useLook outside of LookProvider');
  return context;
}

const nonce = document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '';
// react-remove-scroll, under Mantine's drawers and dialogs, takes the nonce of its style element from here (get-nonce).
Object.assign(globalThis, { __webpack_nonce__: nonce });

export function LookProvider({ children }: { readonly children: ReactNode }) {
  const [look, setLookState] = useState(storedLook);
  const [language, setLanguage] = useState(() => languageOf(look));

  useEffect(() => {
    storeLook(look);
    const follow = (): void => {
      const next = languageOf(look);
      void showLanguage(next).then(() => {
        document.documentElement.lang = next;
        setLanguage(next);
      });
    };
    follow();
    // Another language was chosen in the browser's settings while the page is open.
    addEventListener('languagechange', follow);
    return () => removeEventListener('languagechange', follow);
  }, [look]);

  const setLook = useCallback(
    (change: Partial<Look>) =>
      setLookState((before) => {
        const next = { ...before, ...change };
        return JSON.stringify(next) === JSON.stringify(before) ? before : next;
      }),
    [],
  );
  const context = useMemo<LookContext>(() => ({ look, language, setLook }), [look, language, setLook]);
  return (
    <Context value={context}>
      <DirectionProvider initialDirection={language === 'ar' ? 'rtl' : 'ltr'} detectDirection={false}>
        <MantineProvider
          theme={theme}
          cssVariablesResolver={cssVariables}
          defaultColorScheme={look.theme}
          colorSchemeManager={unsaved}
          getStyleNonce={() => nonce}
        >
          <Follow look={look} language={language} />
          {children}
        </MantineProvider>
      </DirectionProvider>
    </Context>
  );
}

/** The look is stored by LookProvider alone. */
const unsaved = {
  get: (value: 'light' | 'dark' | 'auto') => value,
  set: () => undefined,
  subscribe: () => undefined,
  unsubscribe: () => undefined,
  clear: () => undefined,
};

function Follow({ look, language }: { readonly look: Look; readonly language: Language }) {
  const { setColorScheme } = useMantineColorScheme();
  const { setDirection } = useDirection();
  useEffect(() => setColorScheme(look.theme), [look.theme, setColorScheme]);
  useEffect(() => {
    const direction = language === 'ar' ? 'rtl' : 'ltr';
    setDirection(direction);
    // The mark of a SegmentedControl watches this attribute, and misses what changes while it is drawn anew: said once more.
    const frame = requestAnimationFrame(() => document.documentElement.setAttribute('dir', direction));
    return () => cancelAnimationFrame(frame);
  }, [language, setDirection]);
  return null;
}
