import { useId } from 'react';
import { useTranslation } from 'react-i18next';
import type { Preferences } from '#shared/settings.ts';
import { ChoiceCards } from './ChoiceCards.tsx';
import classes from './ChoiceCards.module.css';

type Theme = Preferences['theme'];
type Colours = { readonly ground: string; readonly side: string; readonly raised: string; readonly line: string };

const colours: Record<'light' | 'dark', Colours> = {
  light: { ground: '#f5f7f8', side: '#fbfcfc', raised: '#ffffff', line: '#d5dade' },
  dark: { ground: '#0f151a', side: '#121920', raised: '#1a242c', line: '#37424b' },
};

/** Light, dark, or as the device: each as a small drawing of the panel. */
export function ThemeChoice({ value, onChange }: { readonly value: Theme; readonly onChange: (value: Theme) => void }) {
  const { t } = useTranslation();
  return (
    <ChoiceCards
      label={t('settings.appearance.theme')}
      value={value}
      onChange={onChange}
      choices={(['light', 'dark', 'auto'] as const).map((theme) => ({
        value: theme,
        name: t(`shell.top.theme.${theme}`),
        picture: <Drawing theme={theme} />,
      }))}
    />
  );
}

function Drawing({ theme }: { readonly theme: Theme }) {
  const id = useId();
  return (
    <svg viewBox="0 0 120 74" className={classes.picture} aria-hidden focusable="false">
      <Window colours={colours[theme === 'dark' ? 'dark' : 'light']} />
      {theme === 'auto' && (
        <>
          <clipPath id={id}>
            <path d="M78 0H120V74H42Z" />
          </clipPath>
          <g clipPath={`url(#${id})`}>
            <Window colours={colours.dark} />
          </g>
        </>
      )}
    </svg>
  );
}

function Window({ colours: { ground, side, raised, line } }: { readonly colours: Colours }) {
  return (
    <>
      <rect width="120" height="74" fill={ground} />
      <rect width="30" height="74" fill={side} />
      <rect x="6" y="8" width="8" height="8" rx="2.5" fill="#229d8d" />
      <rect x="6" y="24" width="18" height="4" rx="2" fill="#229d8d" opacity="0.55" />
      <rect x="6" y="33" width="15" height="3" rx="1.5" fill={line} />
      <rect x="6" y="41" width="17" height="3" rx="1.5" fill={line} />
      <rect x="38" y="10" width="30" height="5" rx="2.5" fill={line} />
      <rect x="38" y="22" width="34" height="18" rx="4" fill={raised} stroke={line} strokeWidth="0.6" />
      <rect x="78" y="22" width="34" height="18" rx="4" fill={raised} stroke={line} strokeWidth="0.6" />
      <rect x="38" y="46" width="74" height="22" rx="4" fill={raised} stroke={line} strokeWidth="0.6" />
      <path d="M42 62l10-7 9 4 12-8 13 6 12-5 10 3" fill="none" stroke="#229d8d" strokeWidth="1.6" />
    </>
  );
}
