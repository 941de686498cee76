import type { Bilingual } from './area.ts';

/** A chapter of ASVS 5.0.0. `levels`: section → level of each of its items, in order. */
export type AsvsChapter = {
  readonly number: number;
  readonly title: Bilingual;
  readonly levels: Readonly<Record<string, readonly (1 | 2 | 3)[]>>;
};

/** All 345 items of the standard as it was released on 2025-05-30, by number and level only. */
export const asvsChapters: readonly AsvsChapter[] = [
  {
    number: 1,
    title: { en: 'Encoding and cleaning', ar: 'الترميز والتنقية' },
    levels: {
      '1.1': [2, 2],
      '1.2': [1, 1, 1, 1, 1, 2, 2, 2, 2, 3],
      '1.3': [1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 2, 3],
      '1.4': [2, 2, 2],
      '1.5': [1, 2, 3],
    },
  },
  {
    number: 2,
    title: { en: 'Validation and business rules', ar: 'التحقق من المدخلات وقواعد العمل' },
    levels: { '2.1': [1, 2, 2], '2.2': [1, 1, 2], '2.3': [1, 2, 2, 2, 3], '2.4': [2, 3] },
  },
  {
    number: 3,
    title: { en: 'Browser side', ar: 'جانب المتصفح' },
    levels: {
      '3.1': [3],
      '3.2': [1, 1, 3],
      '3.3': [1, 2, 2, 2, 3],
      '3.4': [1, 1, 2, 2, 2, 2, 3, 3],
      '3.5': [1, 1, 1, 2, 2, 3, 3, 3],
      '3.6': [3],
      '3.7': [2, 2, 3, 3, 3],
    },
  },
  {
    number: 4,
    title: { en: 'API and web services', ar: 'واجهة البرمجة وخدمات الويب' },
    levels: { '4.1': [1, 2, 2, 3, 3], '4.2': [2, 3, 3, 3, 3], '4.3': [2, 2], '4.4': [1, 2, 2, 2] },
  },
  {
    number: 5,
    title: { en: 'Files', ar: 'الملفات' },
    levels: { '5.1': [2], '5.2': [1, 1, 2, 3, 3, 3], '5.3': [1, 1, 3], '5.4': [2, 2, 2] },
  },
  {
    number: 6,
    title: { en: 'Signing in', ar: 'تسجيل الدخول' },
    levels: {
      '6.1': [1, 2, 2],
      '6.2': [1, 1, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2],
      '6.3': [1, 1, 2, 2, 3, 3, 3, 3],
      '6.4': [1, 1, 2, 2, 3, 3],
      '6.5': [2, 2, 2, 2, 2, 3, 3, 3],
      '6.6': [2, 2, 2, 3],
      '6.7': [3, 3],
      '6.8': [2, 2, 2, 2],
    },
  },
  {
    number: 7,
    title: { en: 'Sessions', ar: 'الجلسات' },
    levels: {
      '7.1': [2, 2, 2],
      '7.2': [1, 1, 1, 1],
      '7.3': [2, 2],
      '7.4': [1, 1, 2, 2, 2],
      '7.5': [2, 2, 3],
      '7.6': [2, 2],
    },
  },
  {
    number: 8,
    title: { en: 'Authorisation', ar: 'الصلاحيات' },
    levels: { '8.1': [1, 2, 3, 3], '8.2': [1, 1, 2, 3], '8.3': [1, 3, 3], '8.4': [2, 3] },
  },
  {
    number: 9,
    title: { en: 'Self-contained tokens', ar: 'الرموز المكتفية بذاتها' },
    levels: { '9.1': [1, 1, 1], '9.2': [1, 2, 2, 2] },
  },
  {
    number: 10,
    title: { en: 'OAuth and OIDC', ar: 'OAuth وOIDC' },
    levels: {
      '10.1': [2, 2],
      '10.2': [2, 2, 3],
      '10.3': [2, 2, 2, 2, 3],
      '10.4': [1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3, 3],
      '10.5': [2, 2, 2, 2, 2],
      '10.6': [2, 2],
      '10.7': [2, 2, 2],
    },
  },
  {
    number: 11,
    title: { en: 'Cryptography', ar: 'التعمية' },
    levels: {
      '11.1': [2, 2, 3, 3],
      '11.2': [2, 2, 2, 3, 3],
      '11.3': [1, 1, 2, 3, 3],
      '11.4': [1, 2, 2, 2],
      '11.5': [2, 3],
      '11.6': [2, 3],
      '11.7': [3, 3],
    },
  },
  {
    number: 12,
    title: { en: 'Secure connections', ar: 'الاتصالات الآمنة' },
    levels: { '12.1': [1, 2, 2, 3, 3], '12.2': [1, 1], '12.3': [2, 2, 2, 2, 3] },
  },
  {
    number: 13,
    title: { en: 'Configuration', ar: 'الإعدادات' },
    levels: {
      '13.1': [2, 3, 3, 3],
      '13.2': [2, 2, 2, 2, 2, 3],
      '13.3': [2, 2, 3, 3],
      '13.4': [1, 2, 2, 2, 2, 3, 3],
    },
  },
  {
    number: 14,
    title: { en: 'Data protection', ar: 'حماية البيانات' },
    levels: { '14.1': [2, 2], '14.2': [1, 2, 2, 2, 3, 3, 3, 3], '14.3': [1, 2, 2] },
  },
  {
    number: 15,
    title: { en: 'Code and architecture', ar: 'الشيفرة والبنية' },
    levels: { '15.1': [1, 2, 2, 3, 3], '15.2': [1, 2, 2, 3, 3], '15.3': [1, 2, 2, 2, 2, 2, 2], '15.4': [3, 3, 3, 3] },
  },
  {
    number: 16,
    title: { en: 'Logs and errors', ar: 'السجلات والأخطاء' },
    levels: { '16.1': [2], '16.2': [2, 2, 2, 2, 2], '16.3': [2, 2, 2, 2], '16.4': [2, 2, 2], '16.5': [2, 2, 2, 3] },
  },
  {
    number: 17,
    title: { en: 'WebRTC', ar: 'WebRTC' },
    levels: { '17.1': [2, 3], '17.2': [2, 2, 2, 2, 3, 3, 3, 3], '17.3': [2, 2] },
  },
];

/** Level of an item; undefined when the standard has no such number. */
export function levelOf(id: string): 1 | 2 | 3 | undefined {
  const [chapter, section, number] = id.split('.');
  const levels = asvsChapters.find((each) => each.number === Number(chapter))?.levels[`${chapter}.${section}`];
  return levels?.[Number(number) - 1];
}

/** Numbers of all items of levels 1 and 2, in order. */
export function itemsOfLevels1And2(): string[] {
  return asvsChapters.flatMap(({ levels }) =>
    Object.entries(levels).flatMap(([section, list]) =>
      list.flatMap((level, index) => (level === 3 ? [] : [`${section}.${index + 1}`])),
    ),
  );
}
