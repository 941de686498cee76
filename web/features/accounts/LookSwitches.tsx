import { ActionIcon, Group, SegmentedControl, Tooltip, useComputedColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Language } from '../../i18n/i18n.ts';
import { useLook } from '../../ui/LookProvider.tsx';
import { chosenLook } from './chosen-look.ts';
import classes from './LookSwitches.module.css';

/** Language and colours before anybody is known: kept by the browser, and by the account after sign-in. */
export function LookSwitches() {
  const { t } = useTranslation();
  const { language, setLook } = useLook();
  const scheme = useComputedColorScheme('light');
  const choose = (change: Parameters<typeof setLook>[0]): void => {
    chosenLook.set((before) => ({ ...before, ...change }));
    setLook(change);
  };
  const next = scheme === 'dark' ? 'light' : 'dark';
  const themeLabel = `${t('accounts.entry.theme')}: ${t(`shell.top.theme.${next}`)}`;
  return (
    <Group gap={8} wrap="nowrap">
      <SegmentedControl
        size="xs"
        radius="xl"
        className={classes.languages ?? ''}
        aria-label={t('accounts.entry.language')}
        value={language}
        onChange={(value) => choose({ language: value as Language })}
        data={[
          { value: 'ar', label: <span lang="ar">العربية</span> },
          { value: 'en', label: <span lang="en">English</span> },
        ]}
      />
      <Tooltip label={themeLabel}>
        <ActionIcon size="lg" radius="xl" aria-label={themeLabel} onClick={() => choose({ theme: next })}>
          {scheme === 'dark' ? <IconSun size={19} stroke={1.7} /> : <IconMoon size={19} stroke={1.7} />}
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}
