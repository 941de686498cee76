import { variableNames, variables, type Variable, type VariableName } from '#server/config/variables.ts';
import { databaseVariables } from '#server/config/variables-database.ts';
import { laterVariables } from '#server/config/variables-later.ts';
import { serverVariables } from '#server/config/variables-server.ts';
import type { GeneratedFile } from '../generate.ts';

type Language = 'ar' | 'en';

/** Example files and the reference pages, all from the schema of the configuration. */
export function generate(): GeneratedFile[] {
  return [
    { path: '.env.example', content: exampleFile('development') },
    { path: '.env.docker.example', content: exampleFile('docker') },
    { path: 'docs/en/environment.md', content: referencePage('en') },
    { path: 'docs/ar/environment.md', content: referencePage('ar') },
  ];
}

/** Variables read by the neighbour containers or by libraries stand in the Docker example only. */
const dockerOnly: readonly VariableName[] = [
  'NODE_ENV',
  'POSTGRES_DB',
  'POSTGRES_USER',
  'POSTGRES_PASSWORD',
  'POSTGRES_INITDB_ARGS',
  'PGDATA',
];
/** Named in the environment itself: inside the file it would be too late. */
const neverInFile: readonly VariableName[] = ['AAPANEL_ENV_FILE'];

function exampleFile(kind: 'development' | 'docker'): string {
  const names = variableNames.filter(
    (name) => !neverInFile.includes(name) && (kind === 'docker' || !dockerOnly.includes(name)),
  );
  const isDocker = kind === 'docker';
  const lines = [
    isDocker ? '# إعدادات aaPanel داخل الحاويات' : '# إعدادات aaPanel على جهاز التطوير',
    isDocker ? '# Settings of aaPanel in containers' : '# Settings of aaPanel on a developer machine',
    '#',
    '# انسخ هذا الملف إلى .env واملأ القيم السرية. القيمة الفارغة تعني «غير مضبوط».',
    '# Copy this file to .env and fill in the secrets. An empty value means "not set".',
    '# Made from server/config/variables*.ts by: npm run generate',
  ];
  for (const name of names) lines.push('', ...exampleEntry(name, kind));
  return `${lines.join('\n')}\n`;
}

function exampleEntry(name: VariableName, kind: 'development' | 'docker'): string[] {
  const variable = variables[name] as Variable<unknown>;
  const value = kind === 'docker' ? (variable.docker ?? variable.production ?? '') : exampleValue(name, variable);
  return [
    `# ${variable.meaning.ar}`,
    `# ${variable.meaning.en}`,
    `# القيم: ${variable.rule.allowed.ar}`,
    `# Allowed: ${variable.rule.allowed.en}`,
    ...notes(variable, 'ar').map((note) => `# ${note}`),
    ...notes(variable, 'en').map((note) => `# ${note}`),
    // A file named here would have to exist: the places of certificates are left to the person.
    `${name}=${quote(name.startsWith('SSL_') ? '' : value)}`,
  ];
}

function exampleValue(name: VariableName, variable: Variable<unknown>): string {
  return name === 'ENVIRONMENT' ? 'development' : (variable.development ?? '');
}

/** Blanks and `#` would end an unquoted value. */
function quote(value: string): string {
  return /[\s#"']/.test(value) ? `"${value}"` : value;
}

const words = {
  required: {
    production: { ar: 'مطلوب في الإنتاج', en: 'Required in production' },
    production_server_database: {
      ar: 'مطلوب في الإنتاج مع PostgreSQL وMySQL ما لم يُضبط DATABASE_URL',
      en: 'Required in production with PostgreSQL and MySQL unless DATABASE_URL is set',
    },
  },
  secret: { ar: 'سرّي', en: 'Secret' },
  unused: { ar: 'لا تستعمله اللوحة بعد؛ سيقرؤه', en: 'Not yet used by the panel; will be read by' },
  default: { ar: 'الافتراضي', en: 'Default' },
  development: { ar: 'التطوير', en: 'development' },
  production: { ar: 'الإنتاج', en: 'production' },
  none: { ar: 'لا شيء', en: 'none' },
} as const;

function notes(variable: Variable<unknown>, language: Language): string[] {
  const found = [`${words.default[language]}: ${defaultText(variable, language)}`];
  if (variable.required !== undefined) found.push(words.required[variable.required][language]);
  if (variable.isSecret === true) found.push(words.secret[language]);
  if (variable.plannedFor !== undefined) {
    found.push(`${words.unused[language]}: ${variable.plannedFor[language]}`);
  }
  return found;
}

function defaultText(variable: Variable<unknown>, language: Language): string {
  const { development, production, derived } = variable;
  const parts: string[] = [];
  if (development !== undefined && development === production) parts.push(development);
  else {
    if (development !== undefined) parts.push(`${development} (${words.development[language]})`);
    if (production !== undefined) parts.push(`${production} (${words.production[language]})`);
  }
  if (derived !== undefined) parts.push(derived[language]);
  return parts.length === 0 ? words.none[language] : parts.join(language === 'ar' ? '، ' : ', ');
}

const page = {
  title: { ar: 'مرجع متغيّرات البيئة', en: 'Environment variables' },
  intro: {
    ar: [
      'تُقرأ الإعدادات من أربع طبقات، والأخيرة تغلب: القيم الافتراضية، ثم ملف `.env`، ثم متغيّرات البيئة، ثم خيارات سطر الأوامر. القيمة الفارغة تعني «غير مضبوط».',
      'افحص الإعدادات بالأمر `aapanel env validate`، واعرض القيم الفعلية ومصادرها بالأمر `aapanel config show`؛ القيم السرية يظهر طولها فقط.',
      'تُولَّد هذه الصفحة من الشيفرة بالأمر `npm run generate`.',
    ],
    en: [
      'Settings come in four layers, the later winning: defaults, the file `.env`, the environment, command-line options. An empty value means "not set".',
      'Check the settings with `aapanel env validate`; see the effective values and their sources with `aapanel config show`, secrets as their length only.',
      'This page is made from the code by `npm run generate`.',
    ],
  },
  groups: [
    { names: serverVariables, title: { ar: 'اللوحة', en: 'The panel' } },
    { names: databaseVariables, title: { ar: 'قاعدة البيانات والذاكرة المؤقتة', en: 'Database and cache' } },
    { names: laterVariables, title: { ar: 'النسخ الاحتياطي والحاويات', en: 'Backups and containers' } },
  ],
} as const;

function referencePage(language: Language): string {
  const lines = [`# ${page.title[language]}`, '', page.intro[language].join('\n\n')];
  for (const group of page.groups) {
    lines.push('', `## ${group.title[language]}`);
    for (const name of Object.keys(group.names) as VariableName[]) lines.push('', ...referenceEntry(name, language));
  }
  const text = `${lines.join('\n')}\n`;
  return language === 'ar' ? `<div dir="rtl">\n\n${text}\n</div>\n` : text;
}

function referenceEntry(name: VariableName, language: Language): string[] {
  const variable = variables[name] as Variable<unknown>;
  const allowed = { ar: 'القيم', en: 'Allowed' }[language];
  return [
    `### \`${name}\``,
    '',
    variable.meaning[language],
    '',
    `- ${allowed}: ${variable.rule.allowed[language]}`,
    ...notes(variable, language).map((note) => `- ${note}`),
  ];
}
