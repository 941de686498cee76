import { environmentNames } from '../environment.ts';
import { logLevels, type LogLevel } from './config-type.ts';
import {
  absolutePath,
  addressRange,
  boolean,
  choice,
  host,
  integer,
  list,
  origin,
  path,
  text,
  type Rule,
  urlOf,
} from './rules.ts';
import type { Variable } from './variables.ts';

const levels = Object.fromEntries(logLevels.map((level) => [level.toLowerCase(), level])) as Record<string, LogLevel>;

const originList = list(origin());
/** `*` or exact origins. */
const allowedOrigins: Rule<'*' | readonly string[]> = {
  parse: (value) => (value === '*' ? { value } : originList.parse(value)),
  allowed: {
    ar: `* (في التطوير فقط) أو ${originList.allowed.ar}`,
    en: `* (development only) or ${originList.allowed.en}`,
  },
};

/** Environment, listening, sign-in, logs: read by the web process. */
export const serverVariables = {
  ENVIRONMENT: {
    rule: choice(environmentNames),
    derived: {
      ar: 'تُكتشف: Replit يعني development، وما سواه production',
      en: 'detected: development on Replit, production everywhere else',
    },
    meaning: { ar: 'البيئة التي تعمل فيها اللوحة', en: 'The environment the panel runs in' },
    docker: 'production',
  },
  REPL_ID: {
    rule: text(256),
    meaning: {
      ar: 'يضبطه Replit بنفسه؛ وجوده يعني بيئة التطوير',
      en: 'Set by Replit itself; its presence means development',
    },
  },
  REPL_OWNER: {
    rule: text(256),
    meaning: {
      ar: 'يضبطه Replit بنفسه؛ وجوده يعني بيئة التطوير',
      en: 'Set by Replit itself; its presence means development',
    },
  },
  NODE_ENV: {
    rule: choice({ production: 'production', development: 'development', test: 'test' }),
    meaning: {
      ar: 'تقرؤه مكتبات Node.js لا اللوحة؛ بيئة اللوحة يحددها ENVIRONMENT',
      en: 'Read by Node.js libraries, not by the panel: its environment is ENVIRONMENT',
    },
    docker: 'production',
    plannedFor: { ar: 'مكتبات Node.js', en: 'Node.js libraries' },
  },
  SECRET_KEY: {
    rule: text(1024),
    isSecret: true,
    required: 'production',
    derived: {
      ar: 'في التطوير يولَّد مرة واحدة ويُحفظ في secret.key داخل مجلد البيانات',
      en: 'in development generated once and kept in secret.key of the data folder',
    },
    meaning: {
      ar: 'السر الذي تُشتق منه مفاتيح الجلسات؛ ولّده بالأمر: openssl rand -hex 32',
      en: 'The secret that session keys are derived from; make one with: openssl rand -hex 32',
    },
  },
  PREVIOUS_SECRET_KEYS: {
    rule: list(text(1024)),
    isSecret: true,
    meaning: {
      ar: 'قيم SECRET_KEY السابقة بعد تبديله، الأحدث أولًا: تبقى الجلسات القديمة صالحة بها',
      en: 'Earlier values of SECRET_KEY after a rotation, newest first: older sessions stay valid with them',
    },
  },
  HOST: {
    rule: host(),
    development: '0.0.0.0',
    production: '127.0.0.1',
    derived: { ar: '0.0.0.0 داخل حاوية', en: '0.0.0.0 in a container' },
    meaning: { ar: 'العنوان الذي تستمع عليه اللوحة', en: 'The address the panel listens on' },
    docker: '0.0.0.0',
  },
  PORT: {
    rule: integer(1024, 65_535),
    development: '5000',
    production: '5000',
    derived: { ar: 'أو ما في الملف port.pl داخل مجلد البيانات', en: 'or the content of port.pl in the data folder' },
    meaning: { ar: 'المنفذ الذي تستمع عليه اللوحة', en: 'The port the panel listens on' },
  },
  PUBLIC_URL: {
    rule: origin(),
    derived: { ar: 'من المضيف والمنفذ', en: 'from host and port' },
    meaning: {
      ar: 'العنوان الذي يفتح به الناس اللوحة؛ تُبنى منه الروابط التي تُطبع في الطرفية',
      en: 'The address people open the panel at; links printed on the console are built from it',
    },
  },
  DATA_DIR: {
    rule: path(),
    development: 'data',
    production: '/var/lib/aapanel',
    derived: { ar: 'مجلد مؤقت في بيئة الاختبار', en: 'a temporary folder in the test environment' },
    meaning: { ar: 'المجلد الذي تكتب فيه اللوحة', en: 'The folder the panel writes to' },
  },
  WEB_DIST_DIR: {
    rule: path(),
    derived: { ar: 'dist/web بجانب الشيفرة', en: 'dist/web beside the code' },
    meaning: { ar: 'مجلد واجهة المتصفح المبنية', en: 'Folder of the built browser application' },
  },
  AGENT: {
    rule: choice({ real: 'real', fake: 'fake' }),
    development: 'real',
    production: 'real',
    meaning: {
      ar: 'fake: وكيل وهمي لا يغيّر شيئًا في الجهاز (للتجربة والاختبار)',
      en: 'fake: a stand-in that changes nothing on the machine (for trying out and tests)',
    },
  },
  AAPANEL_AGENT_SOCKET: {
    rule: absolutePath(),
    production: '/run/aapanel/agent.sock',
    derived: {
      ar: 'في التطوير run/agent.sock داخل مجلد البيانات',
      en: 'in development run/agent.sock of the data folder',
    },
    meaning: { ar: 'مقبس الوكيل ذي صلاحيات الجذر', en: 'Socket of the root agent' },
  },
  DEBUG: {
    rule: boolean(),
    development: 'true',
    production: 'false',
    meaning: {
      ar: 'تفاصيل للمطوّرين؛ تُرفض في الإنتاج',
      en: 'Details for developers; refused in production',
    },
    docker: 'false',
  },
  ALLOWED_ORIGINS: {
    rule: allowedOrigins,
    development: '*',
    meaning: {
      ar: 'مصادر الويب الأخرى المسموح لها باستدعاء الواجهة البرمجية',
      en: 'Other web origins that may call the API',
    },
    docker: 'https://panel.example.com',
  },
  TRUSTED_PROXIES: {
    rule: list(addressRange()),
    production: '127.0.0.1,::1',
    meaning: {
      ar: 'الوسطاء الذين تُصدَّق ترويسات X-Forwarded-* القادمة منهم',
      en: 'Proxies whose X-Forwarded-* headers are believed',
    },
  },
  ENTRY_PATH: {
    rule: text(64, /^[A-Za-z0-9_-]{8,64}$/, {
      ar: 'من 8 إلى 64 من الحروف اللاتينية والأرقام و- و_',
      en: '8 to 64 letters, digits, hyphens and underscores',
    }),
    isSecret: true,
    meaning: {
      ar: 'المسار السري للدخول: ما عداه يجيب 404 لمن لم يسجّل الدخول. قيمة أولى، ثم تُعدَّل من صفحة الأبواب',
      en: 'Secret way in: everything else is 404 for whoever is not signed in. A first value; the page Doors changes it',
    },
  },
  ALLOWED_ADDRESSES: {
    rule: list(addressRange()),
    meaning: {
      ar: 'العناوين والشبكات المسموح لها وحدها بفتح اللوحة. قيمة أولى، ثم تُعدَّل من صفحة الأبواب',
      en: 'The only addresses and networks that may open the panel. A first value; the page Doors changes it',
    },
  },
  PANEL_DOMAINS: {
    rule: list(host()),
    meaning: {
      ar: 'الأسماء التي تجيب اللوحة عليها وحدها. قيمة أولى، ثم تُعدَّل من صفحة الأبواب',
      en: 'The only host names the panel answers under. A first value; the page Doors changes it',
    },
  },
  REQUIRE_HTTPS: {
    rule: boolean(),
    development: 'false',
    production: 'true',
    meaning: { ar: 'تحويل كل طلب HTTP إلى HTTPS', en: 'Redirect every HTTP request to HTTPS' },
    docker: 'true',
  },
  SESSION_COOKIE_SECURE: {
    rule: boolean(),
    development: 'false',
    production: 'true',
    meaning: {
      ar: 'إرسال ملف تعريف الجلسة عبر HTTPS فقط',
      en: 'Send the session cookie over HTTPS only',
    },
    docker: 'true',
  },
  SESSION_LIFETIME_SECONDS: {
    rule: integer(60, 2_592_000),
    development: '3600',
    production: '3600',
    meaning: { ar: 'عمر الجلسة بالثواني', en: 'Lifetime of a session in seconds' },
  },
  BODY_LIMIT_BYTES: {
    rule: integer(1_024, 1_073_741_824),
    development: '16777216',
    production: '16777216',
    meaning: { ar: 'أكبر حجم لجسم الطلب بالبايت', en: 'Largest request body in bytes' },
  },
  WORDPRESS_MIRROR: {
    rule: urlOf(['http', 'https']),
    meaning: {
      ar: 'عنوان يحمل أرشيفات WordPress ومجاميعها بدل wordpress.org، ويجوز أن يكون داخل الشبكة',
      en: 'Address that holds the archives of WordPress and their sums in place of wordpress.org; it may lie in the own network',
    },
  },
  AAPANEL_PHP_APART_PERCENT: {
    rule: integer(0, 100),
    development: '25',
    production: '25',
    meaning: {
      ar: 'نسبة من ذاكرة الجهاز لـPHP المواقع في عمليات مستقلة: الموقع الجديد الذي لا تتسع له يشارك غيره، و0 يعني المشاركة دائمًا',
      en: 'Share of the machine’s memory for PHP of sites in processes of their own: a new site that does not fit in shares one; 0: always shared',
    },
  },
  LOG_LEVEL: {
    rule: choice(levels),
    development: 'DEBUG',
    production: 'WARNING',
    meaning: { ar: 'أدنى مستوى يُكتب في السجل', en: 'Lowest level written to the log' },
    docker: 'INFO',
  },
  LOG_FILE_PATH: {
    rule: path(),
    production: '/var/log/app/production.log',
    derived: {
      ar: 'على Replit: logs/app.log؛ وإن تعذرت الكتابة فداخل مجلد البيانات',
      en: 'on Replit logs/app.log; inside the data folder when not writable',
    },
    meaning: {
      ar: 'ملف السجل، بالإضافة إلى المخرج القياسي',
      en: 'Log file, in addition to standard output',
    },
  },
  SSL_CERT_PATH: {
    rule: path(),
    production: '/etc/ssl/certs/cert.pem',
    meaning: {
      ar: 'شهادة TLS للوحة؛ إن ضُبطت مع SSL_KEY_PATH خدمت اللوحة HTTPS بنفسها',
      en: 'TLS certificate of the panel; set together with SSL_KEY_PATH, the panel itself serves HTTPS',
    },
  },
  SSL_KEY_PATH: {
    rule: path(),
    isSecret: true,
    production: '/etc/ssl/private/key.pem',
    meaning: { ar: 'المفتاح الخاص للشهادة', en: 'Private key of the certificate' },
  },
  AAPANEL_ENV_FILE: {
    rule: absolutePath(),
    derived: { ar: '.env في مجلد العمل', en: '.env of the working directory' },
    meaning: {
      ar: 'ملف البيئة الذي يُقرأ؛ يُضبط في البيئة نفسها فقط',
      en: 'The environment file to read; only set in the environment itself',
    },
  },
} as const satisfies Record<string, Variable<unknown>>;
