import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { languageOf, needsPanelLanguage, setPanelLanguage } from './look.ts';

const browserAsksFor = (...languages: string[]): void => void vi.stubGlobal('navigator', { languages });
beforeEach(() => setPanelLanguage('auto'));
afterEach(() => vi.unstubAllGlobals());

describe('the language of the page', () => {
  it('is the chosen one before all others', () => {
    browserAsksFor('en-GB');
    setPanelLanguage('en');
    expect(languageOf({ language: 'ar' })).toBe('ar');
    expect(needsPanelLanguage({ language: 'ar' })).toBe(false);
  });

  it('is what the browser asks for, in its order, before the default of the panel', () => {
    setPanelLanguage('ar');
    browserAsksFor('fr', 'en-US', 'ar');
    expect(languageOf({ language: 'auto' })).toBe('en');
    expect(needsPanelLanguage({ language: 'auto' })).toBe(false);
  });

  it('is the default of the panel when the browser asks for neither', () => {
    browserAsksFor('fr-FR', 'de');
    expect(needsPanelLanguage({ language: 'auto' })).toBe(true);
    expect(languageOf({ language: 'auto' })).toBe('ar');
    setPanelLanguage('en');
    expect(languageOf({ language: 'auto' })).toBe('en');
  });
});
