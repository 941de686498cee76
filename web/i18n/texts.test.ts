import i18next from 'i18next';
import { beforeAll, describe, expect, it } from 'vitest';
import { errorReasons } from '#shared/error-reasons.ts';
import { fieldCodes } from '#shared/field-codes.ts';
import { errorCodes } from '#shared/errors.ts';
import { jobKinds } from '#shared/jobs.ts';
import { ApiError } from '../api/errors.ts';
import { errorText } from '../ui/error-sentences.ts';
import { ar } from './ar/ar.ts';
import { en } from './en/en.ts';

type Tree = { readonly [key: string]: string | Tree };

function flat(tree: Tree, path = ''): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]) =>
    typeof value === 'string' ? [[path + key, value] as [string, string]] : flat(value, `${path}${key}.`),
  );
}

const arabic = new Map(flat(ar));
const english = new Map(flat(en));
const suffix = /_(zero|one|two|few|many|other)$/;

/** `a.b_many` is a plural form only when `a.b_other` is there: `fields.too_many` is a name. */
function baseOf(key: string, all: ReadonlyMap<string, string>): string | undefined {
  const base = key.replace(suffix, '');
  return base !== key && all.has(`${base}_other`) ? base : undefined;
}

function keysOf(all: ReadonlyMap<string, string>): string[] {
  return [...new Set([...all.keys()].map((key) => baseOf(key, all) ?? key))].sort();
}

function variablesOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{\{\s*(\w+)/g)].map(([, name]) => name ?? ''))].sort();
}

/** The variables of a sentence, over all its plural forms. */
function variablesOfKey(key: string, all: ReadonlyMap<string, string>): string[] {
  const plain = all.get(key);
  if (plain !== undefined) return variablesOf(plain);
  return variablesOf([...all].flatMap(([each, text]) => (baseOf(each, all) === key ? [text] : [])).join(' '));
}

describe('both languages', () => {
  it('have the same texts', () => {
    expect(keysOf(english)).toEqual(keysOf(arabic));
  });

  it('use the same values in each text', () => {
    const of = (all: ReadonlyMap<string, string>) =>
      keysOf(all).map((key) => `${key}: ${variablesOfKey(key, all).join()}`);
    expect(of(english)).toEqual(of(arabic));
  });

  it('have every plural form that the language asks for, and no other', () => {
    const formsOf = (all: ReadonlyMap<string, string>) => {
      const forms = new Map<string, string[]>();
      for (const key of all.keys()) {
        const base = baseOf(key, all);
        if (base !== undefined) forms.set(base, [...(forms.get(base) ?? []), suffix.exec(key)?.[1] ?? ''].sort());
      }
      return [...forms].map(([base, found]) => `${base}: ${found.join()}`);
    };
    const wanted = (all: ReadonlyMap<string, string>, language: string) => {
      const categories = [...new Intl.PluralRules(language).resolvedOptions().pluralCategories].sort();
      return keysOf(all).flatMap((key) => (all.has(`${key}_other`) ? [`${key}: ${categories.join()}`] : []));
    };
    expect(formsOf(arabic).sort()).toEqual(wanted(arabic, 'ar').sort());
    expect(formsOf(english).sort()).toEqual(wanted(english, 'en').sort());
  });

  it('have no empty text and no stray space', () => {
    for (const all of [arabic, english])
      expect([...all].filter(([, text]) => text === '' || text !== text.trim() || / {2}/.test(text))).toEqual([]);
  });
});

/** Names that are written in Latin letters in every language, and the button that offers the other language. */
const latinOnly = [
  'common.productName',
  'dashboard.sites.kinds.php',
  'shell.palette.switchLanguage',
  'sites.kinds.php',
  'sites.tabs.php',
  'sites.tabs.wordpress',
  'wordpress.card',
  'wordpress.form.languages.en',
  'wordpress.form.sources.download',
  'wordpress.job.title',
];

it('an Arabic text has Arabic letters, except names', () => {
  const found = [...arabic].filter(([key, text]) => {
    const words = text.replaceAll(/\{\{.*?\}\}|\$t\(.*?\)/g, '');
    return /[A-Za-z]/.test(words) && !/\p{Script=Arabic}/u.test(words) && !latinOnly.includes(key);
  });
  expect(found).toEqual([]);
});

describe('every error has a sentence', () => {
  it('for each code', () => {
    expect(Object.keys(ar.errors.codes).sort()).toEqual([...Object.keys(errorCodes), 'offline'].sort());
  });

  it.each([
    ['reasons', errorReasons],
    ['fields', fieldCodes],
  ] as const)('for each of the %s, with no other values than those that are given', (part, list) => {
    const texts = ar.errors[part] as Readonly<Record<string, string>>;
    expect(Object.keys(texts).sort()).toEqual(Object.keys(list).sort());
    for (const [name, given] of Object.entries(list))
      expect(given, `${part}.${name}`).toEqual(expect.arrayContaining(variablesOf(texts[name] ?? '')));
  });

  it('in which a value keeps its own direction', () => {
    for (const { errors } of [ar, en])
      for (const [key, text] of flat(errors)) {
        const rest = text.replaceAll(/\u2068[^\u2068\u2069]*\u2069|\$t\([^)]*\)/g, '');
        expect(rest, key).not.toMatch(/\{\{|\u2068|\u2069/);
      }
  });
});

describe('a sentence with the name of another text', () => {
  beforeAll(async () => {
    await i18next.init({
      lng: 'en',
      fallbackLng: false,
      resources: { ar: { translation: ar }, en: { translation: en } },
      interpolation: { escapeValue: false },
    });
  });

  it('shows that name', async () => {
    const failed = new ApiError({ code: 'internal', reason: 'install_step_failed', params: { step: 'install' } });
    const conflict = new ApiError({ code: 'changed_meanwhile', reason: 'undo_conflict', params: { field: 'root' } });
    expect(errorText(i18next.t, failed)).toContain(`“${en.jobs.steps.install}”`);
    expect(errorText(i18next.t, conflict)).toContain('“folder”');
    await i18next.changeLanguage('ar');
    expect(errorText(i18next.t, conflict)).toContain('«المجلد»');
    await i18next.changeLanguage('en');
  });

  it('a ban without an end is until further notice, and a refused certificate says why', () => {
    const banned = new ApiError({ code: 'not_allowed', reason: 'banned', params: { until: '' } });
    expect(errorText(i18next.t, banned)).toContain(en.errors.furtherNotice);
    const params = { why: 'chain_order' };
    const refused = new ApiError({ code: 'invalid_request', reason: 'certificate_invalid', params });
    expect(errorText(i18next.t, refused)).toContain(en.errors.certificate.chain_order);
  });

  it('never takes a value for the name of a text', () => {
    const error = new ApiError({
      code: 'config_rejected',
      reason: 'nginx_rejected',
      params: { message: '$t(errors.title)' },
    });
    expect(errorText(i18next.t, error)).toContain('$t(errors.title)');
  });

  it('falls back to the code when the reason is not known here', () => {
    const error = new ApiError({ code: 'busy', reason: 'from_a_newer_panel' });
    expect(errorText(i18next.t, error)).toBe(en.errors.codes.busy);
  });
});

it('each kind of job has a title', () => {
  for (const kind of jobKinds) expect(Object.keys(ar.jobs.kinds)).toContain(kind.replaceAll('.', '_'));
});
