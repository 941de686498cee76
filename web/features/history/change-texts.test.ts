import i18next, { type TFunction } from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorReasons } from '#shared/error-reasons.ts';
import { ar } from '../../i18n/ar/ar.ts';
import { en } from '../../i18n/en/en.ts';
import { changeTitle, failureText } from './change-texts.ts';

let t: TFunction;
beforeAll(async () => {
  t = await i18next.createInstance().init({
    lng: 'en',
    fallbackLng: false,
    resources: { ar: { translation: ar }, en: { translation: en } },
    interpolation: { escapeValue: false },
  });
});

describe('a line of the history', () => {
  it('names what was changed', () => {
    expect(changeTitle(t, 'en', { action: 'update', fields: ['domains', 'root'] })).toBe('Changed: domains and folder');
    expect(changeTitle(t, 'en', { action: 'disable', fields: ['isEnabled'] })).toBe(en.history.actions.disable);
  });

  it('says why it failed, never with a hole where a value would be', () => {
    for (const failure of [...Object.keys(errorReasons), 'interrupted', 'timeout', 'something_new', null]) {
      const text = failureText(t, failure);
      expect(text, String(failure)).not.toMatch(/\{\{|\u2068\u2069|^history\.|^errors\./);
      expect(text.length).toBeGreaterThan(8);
    }
    expect(failureText(t, 'nginx_rejected')).toBe(en.history.failures.nginx_rejected);
    expect(failureText(t, 'disk_full')).toBe(en.errors.reasons.disk_full);
  });
});
