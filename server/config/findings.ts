/** One sentence for people, in both languages. */
export type Text = { readonly ar: string; readonly en: string };

export type Level = 'error' | 'warning' | 'info';

/** What the validator says about one variable. Never holds a given value: it could be a secret in the wrong place. */
export type Finding = {
  readonly level: Level;
  readonly code: FindingCode;
  readonly variable: string;
  readonly message: Text;
};

/** `{name}` is replaced by a parameter; `{variable}` by the variable. */
const texts = {
  invalid_value: {
    ar: 'قيمة {variable} غير مقبولة. المسموح: {allowedAr}',
    en: '{variable} has a value that is not allowed. Allowed: {allowedEn}',
  },
  env_file_missing: {
    ar: 'الملف المذكور في {variable} غير موجود',
    en: 'the file named by {variable} does not exist',
  },
  env_file_unreadable: {
    ar: 'تعذرت قراءة ملف البيئة: {path}',
    en: 'the environment file cannot be read: {path}',
  },
  unknown_variable: {
    ar: '{variable} في ملف البيئة ليس من متغيّرات اللوحة',
    en: '{variable} of the environment file is not a variable of the panel',
  },
  misspelt_variable: {
    ar: '{variable} في ملف البيئة غير معروف. هل المقصود {suggestion}؟',
    en: '{variable} of the environment file is not known. Did you mean {suggestion}?',
  },
  secret_key_missing: {
    ar: 'SECRET_KEY مطلوب في الإنتاج. ولّد قيمة بالأمر: openssl rand -hex 32',
    en: 'SECRET_KEY is required in production. Make one with: openssl rand -hex 32',
  },
  secret_key_missing_inferred: {
    ar: 'SECRET_KEY مطلوب لأن البيئة عُدّت production تلقائيًا. ولّد قيمة بالأمر openssl rand -hex 32، أو اضبط ENVIRONMENT=development إن كان هذا جهاز تطوير',
    en: 'SECRET_KEY is required because the environment was taken to be production. Make one with: openssl rand -hex 32, or set ENVIRONMENT=development if this is a developer machine',
  },
  secret_key_short: {
    ar: 'SECRET_KEY قصير: الحد الأدنى 32 محرفًا',
    en: 'SECRET_KEY is too short: at least 32 characters',
  },
  secret_key_placeholder: {
    ar: 'SECRET_KEY منسوخ من مثال. ولّد قيمة عشوائية بالأمر: openssl rand -hex 32',
    en: 'SECRET_KEY was copied from an example. Make a random one with: openssl rand -hex 32',
  },
  secret_key_predictable: {
    ar: 'SECRET_KEY سهل التخمين. ولّد قيمة عشوائية بالأمر: openssl rand -hex 32',
    en: 'SECRET_KEY is easy to guess. Make a random one with: openssl rand -hex 32',
  },
  secret_key_generated: {
    ar: 'لا يوجد SECRET_KEY: يولَّد مفتاح للتطوير ويُحفظ في {path}',
    en: 'no SECRET_KEY: a key for development is generated and kept in {path}',
  },
  secret_key_file_unusable: {
    ar: 'تعذرت قراءة مفتاح التطوير أو حفظه: {path}',
    en: 'the development key cannot be read or kept: {path}',
  },
  debug_in_production: {
    ar: 'لا يُسمح بتفعيل DEBUG في الإنتاج',
    en: 'DEBUG must not be on in production',
  },
  any_origin_in_production: {
    ar: 'لا يُسمح بالقيمة * في ALLOWED_ORIGINS في الإنتاج: اكتب المصادر واحدًا واحدًا',
    en: 'ALLOWED_ORIGINS must not be * in production: name each origin',
  },
  allowed_origins_missing: {
    ar: 'ALLOWED_ORIGINS غير مضبوط: لن يُسمح لأي مصدر آخر باستدعاء الواجهة البرمجية',
    en: 'ALLOWED_ORIGINS is not set: no other origin may call the API',
  },
  https_off_in_production: {
    ar: '{variable} معطّل في الإنتاج: كلمات المرور والجلسات قد تمر دون تشفير',
    en: '{variable} is off in production: passwords and sessions may travel unencrypted',
  },
  fake_agent_in_production: {
    ar: 'AGENT=fake في الإنتاج: لن يتغير شيء في الجهاز',
    en: 'AGENT=fake in production: nothing on the machine will change',
  },
  tls_default_missing: {
    ar: 'ملفا TLS الافتراضيان غير موجودين: {path}',
    en: 'the default TLS files do not exist: {path}',
  },
  tls_pair_incomplete: {
    ar: 'يجب ضبط SSL_CERT_PATH وSSL_KEY_PATH معًا',
    en: 'SSL_CERT_PATH and SSL_KEY_PATH must be set together',
  },
  tls_file_missing: {
    ar: 'الملف المذكور في {variable} غير موجود',
    en: 'the file named by {variable} does not exist',
  },
  database_folder_missing: {
    ar: 'مجلد ملف قاعدة البيانات غير موجود وسيُنشأ عند التشغيل: {path}',
    en: 'the folder of the database file does not exist and is created at start: {path}',
  },
  database_url_invalid: {
    ar: 'DATABASE_URL غير صالح: تأكد من المضيف والمنفذ واسم القاعدة ومن ترميز الرموز الخاصة بالنسبة المئوية',
    en: 'DATABASE_URL is not valid: check host, port and database name, and percent-encode special characters',
  },
  database_url_legacy: {
    ar: 'DATABASE_URL بصيغة قديمة: احذف اللاحقة التي بعد علامة + من أوله',
    en: 'DATABASE_URL has an old spelling: remove the suffix after the + of its scheme',
  },
  database_url_no_credentials: {
    ar: 'DATABASE_URL بلا اسم مستخدم أو كلمة مرور',
    en: 'DATABASE_URL has no user or no password',
  },
  database_type_clash: {
    ar: 'DATABASE_TYPE يخالف DATABASE_URL',
    en: 'DATABASE_TYPE and DATABASE_URL name different engines',
  },
  database_driver_clash: {
    ar: 'DB_DRIVER لا يوافق محرك قاعدة البيانات: المطلوب {driver}',
    en: 'DB_DRIVER does not fit the database engine: {driver} is needed',
  },
  database_password_missing: {
    ar: 'DB_PASSWORD مطلوب في الإنتاج مع PostgreSQL أو MySQL (أو اضبط DATABASE_URL، أو DATABASE_TYPE=sqlite)',
    en: 'DB_PASSWORD is required in production with PostgreSQL or MySQL (or set DATABASE_URL, or DATABASE_TYPE=sqlite)',
  },
  database_pool_too_large: {
    ar: 'لوحتان (عند التحديث تعمل القديمة والجديدة معًا) قد تفتحان {wanted} اتصالًا، والخادم يسمح لهذا المستخدم بـ{granted} منها {reserve} احتياط. قلّل DB_POOL_SIZE أو DB_MAX_OVERFLOW أو ارفع حد الخادم',
    en: 'two panels (the old and the new one during an update) may open {wanted} connections, and the server grants this user {granted}, {reserve} of them kept in reserve. Lower DB_POOL_SIZE or DB_MAX_OVERFLOW, or raise the limit of the server',
  },
  database_move_unfinished: {
    ar: 'في هذه القاعدة نقل لم يكتمل. ارجع إلى القاعدة السابقة، أو أعد النقل: aapanel db move --again',
    en: 'a move into this database was not finished. Go back to the former database, or move again: aapanel db move --again',
  },
  database_value_assumed: {
    ar: '{variable} غير مضبوط: تُستعمل القيمة الافتراضية',
    en: '{variable} is not set: its default is used',
  },
  on_replit: { ar: 'اللوحة تعمل على Replit', en: 'running on Replit' },
} as const satisfies Record<string, Text>;

export type FindingCode = keyof typeof texts;
export const findingCodes = Object.keys(texts) as FindingCode[];

export function finding(
  level: Level,
  code: FindingCode,
  variable: string,
  params: Readonly<Record<string, string>> = {},
): Finding {
  const fill = (template: string) =>
    template.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'variable' ? variable : (params[name] ?? '')));
  return { level, code, variable, message: { ar: fill(texts[code].ar), en: fill(texts[code].en) } };
}

/** Report of the validator; field names are part of the command's JSON output. */
export type Report = {
  readonly environment: string;
  readonly errors: readonly Finding[];
  readonly warnings: readonly Finding[];
  readonly info: readonly Finding[];
  readonly is_valid: boolean;
  readonly has_warnings: boolean;
  readonly summary: Text;
};

export function reportOf(environment: string, findings: readonly Finding[]): Report {
  const errors = findings.filter((entry) => entry.level === 'error');
  const warnings = findings.filter((entry) => entry.level === 'warning');
  return {
    environment,
    errors,
    warnings,
    info: findings.filter((entry) => entry.level === 'info'),
    is_valid: errors.length === 0,
    has_warnings: warnings.length > 0,
    summary: {
      ar: `البيئة: ${environment} — الأخطاء: ${errors.length} — التحذيرات: ${warnings.length}`,
      en: `environment: ${environment} — errors: ${errors.length} — warnings: ${warnings.length}`,
    },
  };
}

/** The configuration was refused; the report says why in both languages. */
export class ConfigError extends Error {
  readonly report: Report;

  constructor(report: Report) {
    super(report.errors.map((entry) => entry.message.en).join('; '));
    this.name = 'ConfigError';
    this.report = report;
  }
}
