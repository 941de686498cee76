import { legacySchemes } from '#shared/database-url.ts';
import { boolean, choice, host, integer, path, text, urlOf } from './rules.ts';
import type { Variable } from './variables.ts';

/** Schemes of DATABASE_URL; the suffixed ones are the old spelling and are accepted with a warning. */
export const databaseSchemes = ['sqlite', 'postgresql', 'postgres', 'mysql', 'mariadb'] as const;

/** SQLite URLs carry a path, the others a host: parsed in database.ts, the scheme is checked here. */
const databaseUrl = {
  parse(value: string) {
    const isLine = value.length <= 2048 && !/[\u0000-\u001f\u007f]/.test(value);
    const scheme = value.slice(0, Math.max(0, value.indexOf('://'))).toLowerCase();
    const isKnown = [...databaseSchemes, ...legacySchemes].some((known) => known === scheme);
    return isLine && isKnown && (scheme !== 'sqlite' || value.startsWith('sqlite:///')) ? { value } : undefined;
  },
  allowed: {
    ar: 'عنوان يبدأ بـ sqlite:/// أو postgresql:// أو postgres:// أو mysql:// أو mariadb://',
    en: 'a URL starting with sqlite:///, postgresql://, postgres://, mysql:// or mariadb://',
  },
};

/** The panel's own database. */
export const databaseVariables = {
  DATABASE_TYPE: {
    rule: choice({
      sqlite: 'sqlite',
      postgresql: 'postgresql',
      postgres: 'postgresql',
      pgsql: 'postgresql',
      mysql: 'mysql',
      mariadb: 'mysql',
    }),
    development: 'sqlite',
    production: 'postgresql',
    derived: { ar: 'من DATABASE_URL إن وُجد', en: 'from DATABASE_URL when it is set' },
    meaning: { ar: 'محرك قاعدة بيانات اللوحة', en: "Engine of the panel's database" },
    docker: 'postgresql',
  },
  DEV_DATABASE_PATH: {
    rule: path(),
    derived: {
      ar: 'db/dev_database.db داخل مجلد البيانات (في الإنتاج db/panel.db)',
      en: 'db/dev_database.db of the data folder (db/panel.db in production)',
    },
    meaning: { ar: 'ملف قاعدة بيانات SQLite', en: 'File of the SQLite database' },
  },
  DATABASE_URL: {
    rule: databaseUrl,
    isSecret: true,
    meaning: {
      ar: 'عنوان الاتصال كاملًا؛ يتقدّم على متغيّرات DB_*. الرموز الخاصة في كلمة المرور تُكتب مرمّزة بالنسبة المئوية',
      en: 'The whole connection as one URL; wins over DB_*. Special characters of the password are percent-encoded',
    },
  },
  DB_DRIVER: {
    rule: choice({ pg: 'pg', mysql2: 'mysql2', sqlite: 'sqlite' }),
    derived: { ar: 'من DATABASE_TYPE', en: 'from DATABASE_TYPE' },
    meaning: { ar: 'مكتبة الاتصال؛ يجب أن توافق المحرك', en: 'The driver; it must fit the engine' },
  },
  DB_USER: {
    rule: text(128),
    development: 'root',
    production: 'root',
    meaning: { ar: 'اسم مستخدم قاعدة البيانات', en: 'Database user' },
    docker: 'aapanel_user',
  },
  DB_PASSWORD: {
    rule: text(1024),
    isSecret: true,
    isVerbatim: true,
    required: 'production_server_database',
    meaning: { ar: 'كلمة مرور قاعدة البيانات، كما هي بلا ترميز', en: 'Database password, as it is, not encoded' },
  },
  DB_HOST: {
    rule: host(),
    development: 'localhost',
    production: 'localhost',
    meaning: { ar: 'مضيف قاعدة البيانات', en: 'Database host' },
    docker: 'postgres',
  },
  DB_PORT: {
    rule: integer(1, 65_535),
    derived: { ar: '5432 لـ PostgreSQL و3306 لـ MySQL', en: '5432 for PostgreSQL, 3306 for MySQL' },
    meaning: { ar: 'منفذ قاعدة البيانات', en: 'Database port' },
    docker: '5432',
  },
  DB_NAME: {
    rule: text(63, /^[A-Za-z0-9_$.-]+$/, {
      ar: 'حروف لاتينية وأرقام و_ و$ و. و-، حتى 63 محرفًا',
      en: 'letters, digits, _, $, . and -, at most 63 characters',
    }),
    development: 'production_db',
    production: 'production_db',
    meaning: { ar: 'اسم قاعدة البيانات', en: 'Name of the database' },
    docker: 'production_db',
  },
  DB_SSL_MODE: {
    rule: choice({
      off: 'off',
      disable: 'off',
      require: 'require',
      verify: 'verify',
      'verify-full': 'verify',
    }),
    derived: { ar: 'verify إن وُجد DB_SSL_CA، وإلا off', en: 'verify when DB_SSL_CA is set, otherwise off' },
    meaning: {
      ar: 'تشفير الاتصال بخادم القاعدة: require يشفّر فقط، وverify يتحقق أيضًا من الشهادة واسم المضيف. ما في DATABASE_URL يتقدّم عليه',
      en: 'Encryption of the connection: require encrypts only, verify also checks certificate and host name. What DATABASE_URL says wins',
    },
  },
  DB_SSL_CA: {
    rule: path(),
    meaning: {
      ar: 'ملف PEM بالجهات الموثوقة لشهادة خادم القاعدة؛ بدونه تُعتمد جهات النظام',
      en: "PEM file of the authorities believed for the server's certificate; without it those of the system",
    },
  },
  DB_POOL_SIZE: {
    rule: integer(1, 500),
    development: '5',
    production: '5',
    meaning: {
      ar: 'اتصالات الخادم التي تبقى عشر دقائق بلا عمل؛ تُفتح عند أول حاجة إليها. اتصال SQLite الكاتب واحد دائمًا',
      en: 'Connections to a server that stay for ten minutes without work; opened when first needed. SQLite always has one that writes',
    },
  },
  DB_MAX_OVERFLOW: {
    rule: integer(0, 500),
    development: '10',
    production: '10',
    meaning: {
      ar: 'اتصالات إضافية تُفتح عند الازدحام وتُغلق بعد عشر ثوانٍ بلا عمل',
      en: 'Extra connections opened in a rush and closed after ten seconds without work',
    },
  },
  DB_POOL_TIMEOUT: {
    rule: integer(1, 600),
    development: '30',
    production: '30',
    meaning: {
      ar: 'أقصى انتظار لاتصال حر بالثواني، ثم جواب 503',
      en: 'Longest wait for a free connection, in seconds; then the answer is 503',
    },
  },
  DB_POOL_RECYCLE: {
    rule: integer(1, 86_400),
    development: '3600',
    production: '3600',
    meaning: {
      ar: 'عمر الاتصال قبل استبداله بالثواني، ينقص عشوائيًا حتى العُشر',
      en: 'Age at which a connection is replaced, in seconds, shortened at random by up to a tenth',
    },
  },
  DB_POOL_PRE_PING: {
    rule: boolean(),
    development: 'true',
    production: 'true',
    meaning: {
      ar: 'فحص الاتصال قبل استعماله إن بقي نصف ثانية بلا عمل',
      en: 'Check a connection before it is used when it had no work for half a second',
    },
  },
  DB_SHOW_SQL: {
    rule: boolean(),
    development: 'true',
    production: 'false',
    meaning: { ar: 'كتابة كل استعلام SQL في السجل', en: 'Log every SQL statement' },
  },
  REDIS_URL: {
    rule: urlOf(['redis', 'rediss']),
    isSecret: true,
    meaning: {
      ar: 'خادم Redis؛ بدونه تُحفظ الذاكرة المؤقتة في العملية',
      en: 'Redis server; without it caches stay in the process',
    },
    docker: 'redis://redis:6379/0',
    plannedFor: { ar: 'الذاكرة المؤقتة المشتركة', en: 'the shared cache' },
  },
} as const satisfies Record<string, Variable<unknown>>;
