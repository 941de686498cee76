import { SegmentedControl } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '../../layout/preferences.ts';
import { useLook } from '../../ui/LookProvider.tsx';
import { Section } from '../../ui/Section.tsx';
import { DigitsChoice } from './DigitsChoice.tsx';
import { LookSample } from './LookSample.tsx';
import { SettingRow } from './SettingRow.tsx';
import { ThemeChoice } from './ThemeChoice.tsx';
import { TimeZoneChoice } from './TimeZoneChoice.tsx';

type LanguageChoice = 'auto' | 'ar' | 'en';

/** How the panel looks to this person. */
export function AppearanceSettings() {
  const { t } = useTranslation();
  const { language } = useLook();
  const { preferences, setPreferences } = usePreferences();
  return (
    <Section>
      <SettingRow label={t('settings.appearance.language')} hint={t('settings.appearance.languageHint')}>
        <SegmentedControl
          aria-label={t('settings.appearance.language')}
          value={preferences.language}
          onChange={(value) => setPreferences({ language: value as LanguageChoice })}
          data={[
            { value: 'auto', label: t('settings.appearance.auto') },
            { value: 'ar', label: <span lang="ar">العربية</span> },
            { value: 'en', label: <span lang="en">English</span> },
          ]}
        />
      </SettingRow>
      <SettingRow label={t('settings.appearance.theme')} hint={t('settings.appearance.themeHint')}>
        <ThemeChoice value={preferences.theme} onChange={(theme) => setPreferences({ theme })} />
      </SettingRow>
      <SettingRow
        label={t('settings.appearance.digits')}
        hint={language === 'ar' ? t('settings.appearance.digitsHint') : t('settings.appearance.digitsEnglish')}
      >
        <DigitsChoice value={preferences.digits} onChange={(digits) => setPreferences({ digits })} />
      </SettingRow>
      <SettingRow id="time-zone" label={t('settings.appearance.timeZone')} hint={t('settings.appearance.timeZoneHint')}>
        <TimeZoneChoice
          labelledBy="time-zone"
          hasAuto
          value={preferences.timeZone}
          onChange={(timeZone) => setPreferences({ timeZone })}
        />
      </SettingRow>
      <SettingRow label={t('settings.appearance.sample')}>
        <LookSample />
      </SettingRow>
    </Section>
  );
}
