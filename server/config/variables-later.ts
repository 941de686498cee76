import { boolean, integer, path, text } from './rules.ts';
import type { Variable } from './variables.ts';

const backups = { ar: 'النسخ الاحتياطي', en: 'backups' };
const databaseContainer = { ar: 'حاوية قاعدة البيانات', en: 'the database container' };

/** Declared and checked now, used by parts still to come or by the neighbour container. */
export const laterVariables = {
  BACKUP_DIR: {
    rule: path(),
    development: 'backups/',
    production: 'backups/',
    meaning: { ar: 'مجلد النسخ الاحتياطية', en: 'Folder of the backups' },
    plannedFor: backups,
  },
  BACKUP_RETENTION: {
    rule: integer(1, 3_650),
    development: '7',
    production: '7',
    meaning: { ar: 'عدد النسخ المحفوظة', en: 'Backups to keep' },
    plannedFor: backups,
  },
  BACKUP_COMPRESSION_LEVEL: {
    rule: integer(0, 9),
    development: '6',
    production: '6',
    meaning: { ar: 'درجة ضغط النسخ', en: 'Compression of the backups' },
    plannedFor: backups,
  },
  BACKUP_AUTO_ENABLED: {
    rule: boolean(),
    development: 'true',
    production: 'true',
    meaning: { ar: 'نسخ احتياطي تلقائي', en: 'Back up automatically' },
    plannedFor: backups,
  },
  BACKUP_S3_ENABLED: {
    rule: boolean(),
    development: 'false',
    production: 'false',
    meaning: { ar: 'إرسال النسخ إلى S3', en: 'Send the backups to S3' },
    plannedFor: backups,
  },
  AWS_ACCESS_KEY_ID: {
    rule: text(128, /^[A-Za-z0-9_.-]+$/, { ar: 'حروف لاتينية وأرقام و_ و. و-', en: 'letters, digits, _, . and -' }),
    isSecret: true,
    meaning: { ar: 'معرّف مفتاح S3', en: 'S3 access key id' },
    plannedFor: backups,
  },
  AWS_SECRET_ACCESS_KEY: {
    rule: text(256),
    isSecret: true,
    meaning: { ar: 'سر مفتاح S3', en: 'S3 secret key' },
    plannedFor: backups,
  },
  AWS_S3_BUCKET: {
    rule: text(63, /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, {
      ar: 'اسم حاوية S3: من 3 إلى 63 من الحروف الصغيرة والأرقام و. و-',
      en: 'an S3 bucket name: 3 to 63 lower-case letters, digits, . and -',
    }),
    meaning: { ar: 'حاوية S3', en: 'S3 bucket' },
    plannedFor: backups,
  },
  AWS_S3_REGION: {
    rule: text(32, /^[a-z0-9-]+$/, { ar: 'حروف صغيرة وأرقام و-', en: 'lower-case letters, digits and -' }),
    development: 'us-east-1',
    production: 'us-east-1',
    meaning: { ar: 'منطقة S3', en: 'S3 region' },
    plannedFor: backups,
  },
  POSTGRES_DB: {
    rule: text(63, /^[A-Za-z0-9_]+$/, { ar: 'حروف لاتينية وأرقام و_', en: 'letters, digits and _' }),
    meaning: {
      ar: 'قاعدة البيانات التي تنشئها الحاوية؛ تطابق DB_NAME',
      en: 'Database the container creates; equals DB_NAME',
    },
    docker: 'production_db',
    plannedFor: databaseContainer,
  },
  POSTGRES_USER: {
    rule: text(63, /^[A-Za-z0-9_]+$/, { ar: 'حروف لاتينية وأرقام و_', en: 'letters, digits and _' }),
    meaning: { ar: 'المستخدم الذي تنشئه الحاوية؛ يطابق DB_USER', en: 'User the container creates; equals DB_USER' },
    docker: 'aapanel_user',
    plannedFor: databaseContainer,
  },
  POSTGRES_PASSWORD: {
    rule: text(1024),
    isSecret: true,
    isVerbatim: true,
    meaning: { ar: 'كلمة مروره؛ تطابق DB_PASSWORD', en: 'Its password; equals DB_PASSWORD' },
    plannedFor: databaseContainer,
  },
  POSTGRES_INITDB_ARGS: {
    rule: text(512, /^[A-Za-z0-9 =_.-]+$/, { ar: 'خيارات initdb', en: 'options of initdb' }),
    meaning: { ar: 'خيارات إنشاء القاعدة: ترميز UTF-8 وترتيب C', en: 'Options of initdb: UTF-8, C collation' },
    docker: '--encoding=UTF-8 --lc-collate=C --lc-ctype=C',
    plannedFor: databaseContainer,
  },
  PGDATA: {
    rule: path(),
    meaning: { ar: 'مجلد البيانات داخل الحاوية', en: 'Data folder inside the container' },
    docker: '/var/lib/postgresql/data/pgdata',
    plannedFor: databaseContainer,
  },
} as const satisfies Record<string, Variable<unknown>>;
