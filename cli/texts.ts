import { backupTexts } from './texts-backup.ts';
import { databaseTexts } from './texts-database.ts';
import { migrateTexts } from './texts-migrate.ts';
import { rescueTexts } from './texts-rescue.ts';
import { importTexts } from './texts-import.ts';
import { siteTexts } from './texts-site.ts';
import { tlsTexts } from './texts-tls.ts';

export type Language = 'ar' | 'en';
export const languages = ['ar', 'en'] as const satisfies readonly Language[];

/** `{name}` is replaced by a parameter. A sentence missing in one language does not compile. */
const texts = {
  ...backupTexts,
  ...databaseTexts,
  ...migrateTexts,
  ...rescueTexts,
  ...importTexts,
  ...siteTexts,
  ...tlsTexts,
  usage: {
    ar: `aapanel — لوحة التحكم بالخادم

الاستعمال: aapanel <أمر> [خيارات]

  start [--port N] [--host H] [--dev] [--migrate] [--check]   تشغيل اللوحة
  status                            هل تعمل اللوحة؟
  health --ready | --live           فحص الجاهزية أو الحياة (رمز الخروج 1 عند الفشل)
  doctor [--json]                   فحص ما تحتاجه اللوحة

  إنقاذ (تعمل واللوحة متوقفة؛ ‏aapanel وحده يفتح قائمة بها):
  entry [--json]                    العنوان ومسار الدخول السري والبصمة
  link                              رابط دخول لمرة واحدة
  people                            الأشخاص وعوامل دخولهم
  reset-password <الاسم>            كلمة مرور جديدة لشخص
  remove-factor <الاسم> [totp|passkeys|all]   إزالة العامل الثاني
  enable <الاسم>                    تفعيل شخص موقوف
  unban [القيمة | --all]            المحظورون، أو رفع الحظر
  doors open [--entry]              السماح بكل عنوان واسم (و--entry يلغي المسار السري)
  port <N>                          تغيير منفذ اللوحة
  sessions [الاسم] | sessions end <الاسم>   الجلسات أو إنهاؤها
  audit verify                      فحص سجل التدقيق

  backup [أمر]                      النسخ الاحتياطية والاستعادة (aapanel backup وحده يعرض أوامرها)

  migrate [up] [--to الاسم]         تحديث قاعدة البيانات بعد نسخة منها
  migrate down [--to الاسم] --yes   التراجع عن آخر ترحيل
  migrate status | dry-run          ما نُفّذ وما بقي، وأوامر SQL دون تنفيذها
  migrate new <الوصف> | validate    ترحيل جديد، أو فحص ملفات الترحيلات
  db [--test|--status|--health|--stats] | db move   قاعدة بيانات اللوحة ونقلها إلى محرك آخر
  import aapanel --dry-run [--from DIR] [--json]  ما يمكن نقله من aaPanel وكيف، دون كتابة شيء
  site export <الموقع | نطاقه> --to <ملف>   موقع في ملف واحد، مع شهادته إن كان الملف مختومًا
  site import <ملف> [--dry-run] [--domains <نطاق>,…]   موقع من ملف كهذا (الخيارات كلها في دليل «الموقع ملفًا واحدًا»)
  tls check <HOST[:PORT]> [--json]  فحص HTTPS لأي عنوان (رمز الخروج 1 عند العيب)
  env info [--json]                 البيئة وسبب اختيارها
  env validate [--dev|--prod] [--quiet] [--json] [--strict]   فحص الإعدادات
  config show [--json]              الإعدادات الفعلية ومصادرها
  version | help

خيار عام: --lang ar|en`,
    en: `aapanel — the server control panel

Usage: aapanel <command> [options]

  start [--port N] [--host H] [--dev] [--migrate] [--check]   run the panel
  status                            is the panel running?
  health --ready | --live           readiness or liveness (exit code 1 when it fails)
  doctor [--json]                   check what the panel needs

  Rescue (also while the panel is down; aapanel alone shows a menu of these):
  entry [--json]                    address, secret entry and fingerprint
  link                              a one-time sign-in link
  people                            people and their factors
  reset-password <name>             a new password for somebody
  remove-factor <name> [totp|passkeys|all]   take second factors away
  enable <name>                     let a disabled person in again
  unban [value | --all]             who is banned, or lift bans
  doors open [--entry]              any address and name (--entry: no secret path either)
  port <N>                          move the panel to another port
  sessions [name] | sessions end <name>   sessions, or end them
  audit verify                      check the audit log

  backup [verb]                     backups and restores (aapanel backup alone shows its verbs)

  migrate [up] [--to NAME]          bring the database up to date, after a copy of it
  migrate down [--to NAME] --yes    undo the newest migration
  migrate status | dry-run          what is applied and pending; its SQL without running it
  migrate new <words> | validate    a new migration, or check the files of migrations
  db [--test|--status|--health|--stats] | db move   the panel's database, and its move to another engine
  import aapanel --dry-run [--from DIR] [--json]  what can be brought over from aaPanel and how; writes nothing
  site export <site | domain> --to <file>   a site as one file, with its certificate when the file is sealed
  site import <file> [--dry-run] [--domains <domain>,…]   a site of such a file (all options: the guide “A site as one file”)
  tls check <HOST[:PORT]> [--json]  check the HTTPS of any address (exit code 1 when something is wrong)
  env info [--json]                 the environment and why
  env validate [--dev|--prod] [--quiet] [--json] [--strict]   check the settings
  config show [--json]              effective settings and their sources
  version | help

General option: --lang ar|en`,
  },
  unknownCommand: { ar: 'أمر غير معروف: {command}', en: 'unknown command: {command}' },
  badUsage: { ar: 'استعمال خاطئ: {detail}', en: 'wrong usage: {detail}' },
  seeHelp: { ar: 'للمساعدة: aapanel help', en: 'for help: aapanel help' },
  failed: { ar: 'فشل الأمر: {detail}', en: 'the command failed: {detail}' },
  configRefused: { ar: 'الإعدادات غير صالحة:', en: 'the settings are not valid:' },
  configAccepted: { ar: 'الإعدادات صالحة', en: 'the settings are valid' },
  levelError: { ar: 'خطأ', en: 'error' },
  levelWarning: { ar: 'تحذير', en: 'warning' },
  levelInfo: { ar: 'معلومة', en: 'info' },
  portInUse: {
    ar: 'المنفذ {port} مستعمل من برنامج آخر. أوقفه أو اختر منفذًا آخر بالخيار --port',
    en: 'port {port} is in use by another program. Stop it, or choose another port with --port',
  },
  stopping: { ar: 'إيقاف اللوحة بعد إنهاء الطلبات الجارية…', en: 'stopping once open requests have ended…' },
  stoppedByForce: { ar: 'أُوقفت اللوحة قسرًا', en: 'stopped by force' },
  running: { ar: 'اللوحة تعمل وجاهزة: {url}', en: 'the panel is running and ready: {url}' },
  notReady: { ar: 'اللوحة تعمل لكنها غير جاهزة: {url}', en: 'the panel is running but not ready: {url}' },
  notRunning: { ar: 'اللوحة لا تجيب: {url}', en: 'the panel does not answer: {url}' },
  alive: { ar: 'اللوحة حيّة', en: 'the panel is alive' },
  ready: { ar: 'جاهزة', en: 'ready' },
  reasons: { ar: 'الأسباب', en: 'reasons' },
  passed: { ar: 'سليم', en: 'passed' },
  failedCheck: { ar: 'فشل', en: 'failed' },
  notRun: { ar: 'لم يُفحص', en: 'not run' },
  checkNode: { ar: 'إصدار Node.js', en: 'Node.js version' },
  checkConfig: { ar: 'الإعدادات', en: 'settings' },
  checkAgent: { ar: 'الوكيل', en: 'root agent' },
  checkDatabase: { ar: 'قاعدة البيانات', en: 'database' },
  checkNginx: { ar: 'nginx', en: 'nginx' },
  checkPort: { ar: 'المنفذ', en: 'port' },
  checkDisk: { ar: 'مساحة القرص', en: 'disk space' },
  nodeTooOld: { ar: '{version}، والمطلوب {wanted} أو أحدث', en: '{version}, but {wanted} or later is needed' },
  agentAway: { ar: 'لا يجيب على {path}', en: 'does not answer at {path}' },
  agentDenied: { ar: 'لا صلاحية للوصول إلى {path}', en: 'no permission to open {path}' },
  agentFake: { ar: 'وكيل وهمي', en: 'fake agent' },
  nginxMissing: { ar: 'غير مثبت', en: 'not installed' },
  portFree: { ar: '{port} حر', en: '{port} is free' },
  portOurs: { ar: 'اللوحة تجيب على {port}', en: 'the panel answers on {port}' },
  portTaken: { ar: '{port} مستعمل من برنامج آخر', en: '{port} is in use by another program' },
  diskFree: { ar: '{free} ميغابايت حرة في {path}', en: '{free} MB free at {path}' },
  diskLow: {
    ar: '{free} ميغابايت فقط حرة في {path}، والمطلوب {wanted}',
    en: 'only {free} MB free at {path}, {wanted} are needed',
  },
  folderMissing: { ar: '{path} غير موجود بعد', en: '{path} does not exist yet' },
  needsConfig: {
    ar: 'الإعدادات غير صالحة: aapanel env validate',
    en: 'the settings are not valid: aapanel env validate',
  },
  databaseOk: { ar: '{type} يجيب', en: '{type} answers' },
  databaseAway: { ar: '{type} لا يجيب', en: '{type} does not answer' },
  linkFirstRun: {
    ar: 'أنشئ حساب المالك من هذا الرابط (يعمل مرة واحدة):',
    en: 'Create the owner account with this link (it works once):',
  },
  linkSignIn: { ar: 'رابط الدخول (يعمل مرة واحدة):', en: 'Sign-in link (it works once):' },
  noDatabaseYet: {
    ar: 'قاعدة البيانات غير جاهزة بعد. شغّل: aapanel migrate',
    en: 'the database is not ready yet. Run: aapanel migrate',
  },
  accountMissing: { ar: 'لا يوجد حساب بهذا الاسم: {name}', en: 'there is no account with this name: {name}' },
  passwordRefused: {
    ar: 'كلمة المرور مرفوضة: من 8 إلى 128 محرفًا، وليست من الكلمات الشائعة ولا تشبه الاسم',
    en: 'the password is refused: 8 to 128 characters, not a common one and not like the name',
  },
  newPassword: { ar: 'كلمة المرور الجديدة: ', en: 'New password: ' },
  repeatPassword: { ar: 'كلمة المرور مرة أخرى: ', en: 'The password again: ' },
  passwordsDiffer: { ar: 'كلمتا المرور مختلفتان', en: 'the two passwords differ' },
  passwordMissing: { ar: 'لم تُعطَ كلمة مرور', en: 'no password was given' },
  passwordChanged: {
    ar: 'تغيّرت كلمة مرور {name} وأُنهيت جلساته',
    en: 'the password of {name} was changed and its sessions were ended',
  },
} as const satisfies Record<string, Record<Language, string>>;

export type TextKey = keyof typeof texts;

/** One sentence in one language. */
export function say(language: Language, key: TextKey, params: Readonly<Record<string, string | number>> = {}): string {
  return texts[key][language].replaceAll(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));
}

/** `--lang` wins, then LC_ALL, LC_MESSAGES, LANG: Arabic where they say so, English otherwise. */
export function chooseLanguage(named: string | undefined, env: Readonly<Record<string, string | undefined>>): Language {
  if (named === 'ar' || named === 'en') return named;
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return /^ar(_|\.|@|$)/i.test(locale) ? 'ar' : 'en';
}
