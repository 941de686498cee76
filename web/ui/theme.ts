import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** Deep teal: the one colour of the product. Everything else is neutral. */
const brand: MantineColorsTuple = [
  '#eefbf8',
  '#d5f3ec',
  '#a9e5d9',
  '#76d2c2',
  '#43b9a8',
  '#229d8d',
  '#128073',
  '#0e685e',
  '#0d544d',
  '#0a3f3a',
];

const gray: MantineColorsTuple = [
  '#f7f8f9',
  '#f0f2f4',
  '#e5e8eb',
  '#d5dade',
  '#b4bcc4',
  '#8a949e',
  '#616c77',
  '#47515b',
  '#2d353d',
  '#171d23',
];

/** 0: text … 9: darkest ground. */
const dark: MantineColorsTuple = [
  '#e6eaed',
  '#bcc5cc',
  '#929fa9',
  '#66737d',
  '#37424b',
  '#263038',
  '#1a2229',
  '#141b21',
  '#0f151a',
  '#0a0f13',
];

/** Dark enough for white words on it in both modes (WCAG 4.5:1). */
const red: MantineColorsTuple = [
  '#fdf0f1',
  '#fbdcdf',
  '#f5b6bc',
  '#f08d96',
  '#ea6873',
  '#e14a57',
  '#cf3341',
  '#b92533',
  '#9a1d2a',
  '#7d1822',
];

export const theme = createTheme({
  primaryColor: 'brand',
  primaryShade: { light: 7, dark: 6 },
  colors: { brand, gray, dark, red },
  autoContrast: true,
  luminanceThreshold: 0.42,
  defaultRadius: 'md',
  cursorType: 'pointer',
  // Who asked for less motion has a dialog in its place at once: while it still comes from above, a quick press misses.
  respectReducedMotion: true,
  fontFamily: "'IBM Plex Sans Arabic', system-ui, 'Segoe UI', 'Noto Sans Arabic', sans-serif",
  fontFamilyMonospace: "'JetBrains Mono', ui-monospace, 'SFMono-Regular', Menlo, Consolas, monospace",
  headings: {
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.35' },
      h2: { fontSize: '1.125rem', lineHeight: '1.4' },
      h3: { fontSize: '1rem', lineHeight: '1.45' },
    },
  },
  radius: { xs: '4px', sm: '6px', md: '9px', lg: '14px', xl: '22px' },
  shadows: {
    xs: '0 1px 2px rgb(15 30 40 / 5%)',
    sm: '0 1px 2px rgb(15 30 40 / 5%), 0 4px 12px -6px rgb(15 30 40 / 10%)',
    md: '0 2px 4px rgb(15 30 40 / 4%), 0 12px 32px -12px rgb(15 30 40 / 22%)',
    lg: '0 24px 64px -24px rgb(15 30 40 / 35%)',
  },
  // Plain objects: a component named here must not become part of the first load.
  components: {
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
    Alert: { defaultProps: { radius: 'md' } },
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 500 } },
    Button: { defaultProps: { size: 'sm', fw: 600 } },
    Card: { defaultProps: { withBorder: true, padding: 'lg', shadow: 'xs' } },
    Drawer: { defaultProps: { position: 'right', overlayProps: { backgroundOpacity: 0.35, blur: 2 } } },
    Menu: {
      defaultProps: {
        withInitialFocusPlaceholder: false,
        shadow: 'md',
        radius: 'md',
        position: 'bottom-end',
        withinPortal: true,
      },
    },
    Modal: {
      defaultProps: {
        centered: true,
        radius: 'lg',
        padding: 'lg',
        overlayProps: { backgroundOpacity: 0.35, blur: 2 },
        // Its `header` would be a second banner of the page.
        attributes: { header: { role: 'presentation' } },
      },
    },
    Paper: { defaultProps: { radius: 'md' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Select: { defaultProps: { size: 'sm', allowDeselect: false } },
    Table: { defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } },
    Tabs: { defaultProps: { keepMounted: false } },
    TextInput: { defaultProps: { size: 'sm' } },
    Textarea: { defaultProps: { size: 'sm', autosize: true, minRows: 2 } },
    Tooltip: { defaultProps: { openDelay: 250, withArrow: true, maw: 320, multiline: true } },
  },
});

/** Grounds and lines by role, so that no component chooses a grey of its own. */
export const cssVariables: CSSVariablesResolver = (mantine) => ({
  variables: { '--app-sidebar-width': '244px', '--app-header-height': '58px' },
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-dimmed': mantine.colors.gray?.[6] ?? '',
    '--mantine-color-default-border': '#e3e7ea',
    '--app-ground': '#f5f7f8',
    '--app-raised': '#ffffff',
    '--app-sunken': '#f0f3f5',
    '--app-sidebar': '#fbfcfc',
    '--app-line': '#e3e7ea',
    '--app-line-soft': '#eef1f3',
    '--app-text': '#1a2229',
    '--app-text-soft': '#5a6670',
    '--app-accent-soft': '#e3f5f1',
    '--app-accent-text': '#0d544d',
    '--app-good': '#14804a',
    '--app-warn': '#8f5206',
    '--app-bad': '#c22f3d',
    '--app-idle': '#6b7680',
    '--app-chart-1': '#128073',
    '--app-chart-2': '#5b6ee1',
    '--app-chart-3': '#c77a0a',
  },
  dark: {
    '--mantine-color-brand-light': '#12312f',
    '--mantine-color-brand-light-hover': '#163b38',
    '--mantine-color-brand-light-color': '#76d2c2',
    '--mantine-color-body': mantine.colors.dark?.[7] ?? '',
    '--mantine-color-dimmed': mantine.colors.dark?.[2] ?? '',
    '--mantine-color-default-border': '#2a343d',
    '--mantine-color-error': '#f2707c',
    '--app-ground': '#0f151a',
    '--app-raised': '#161e25',
    '--app-sunken': '#11181e',
    '--app-sidebar': '#121920',
    '--app-line': '#27313a',
    '--app-line-soft': '#1f2830',
    '--app-text': '#e6eaed',
    '--app-text-soft': '#9aa6b0',
    '--app-accent-soft': '#12312f',
    '--app-accent-text': '#76d2c2',
    '--app-good': '#4cc38a',
    '--app-warn': '#e5a33d',
    '--app-bad': '#f2707c',
    '--app-idle': '#8e9aa4',
    '--app-chart-1': '#43b9a8',
    '--app-chart-2': '#8b9bf4',
    '--app-chart-3': '#e5a33d',
  },
});
