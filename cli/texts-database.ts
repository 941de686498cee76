/** What `aapanel db` says. */
export const databaseTexts = {
  dbUsage: {
    ar: `aapanel db — قاعدة بيانات اللوحة

  db --test | --status | --health | --stats [--json]   محاولة الاتصال، أو حالة الاتصالات، أو الصحة، أو الأرقام
  db move --to <عنوان> | --to-env <متغيّر> | --to-stdin   نقل بيانات لوحة متوقفة إلى قاعدة أخرى فارغة
          [--password-file <ملف>] [--write-config] [--again] [--json]`,
    en: `aapanel db — the database of the panel

  db --test | --status | --health | --stats [--json]   try the connection, its state, health or figures
  db move --to <url> | --to-env <variable> | --to-stdin   carry a stopped panel's data into another, empty database
          [--password-file <file>] [--write-config] [--again] [--json]`,
  },
  dbAnswers: { ar: '{type} يجيب بعد {ms} مل.ث', en: '{type} answers after {ms} ms' },
  dbSilent: { ar: '{type} لا يجيب: {detail}', en: '{type} does not answer: {detail}' },
  dbOneOf: { ar: 'واحد فقط من --test و--status و--health و--stats', en: 'one of --test, --status, --health, --stats' },
  dbOwnFigures: {
    ar: 'هذه أرقام اتصال هذا الأمر وحده، لا أرقام اللوحة العاملة',
    en: 'these are figures of this command’s own connections, not of the running panel',
  },
  moveTargetMissing: {
    ar: 'سمِّ القاعدة الجديدة بواحد من --to و--to-env و--to-stdin',
    en: 'name the new database by one of --to, --to-env, --to-stdin',
  },
  moveUrlInvalid: {
    ar: 'عنوان القاعدة الجديدة غير صالح: تأكد من المضيف والمنفذ واسم القاعدة ومن ترميز الرموز الخاصة بالنسبة المئوية',
    en: 'the URL of the new database is not valid: check host, port and name, and percent-encode special characters',
  },
  movePasswordVisible: {
    ar: 'تحذير: كلمة مرور في سطر الأوامر يراها كل من يعمل على الجهاز. الأفضل --to-env أو --to-stdin أو --password-file، ثم غيّرها',
    en: 'warning: everybody on this machine can see a password on the command line. Better: --to-env, --to-stdin or --password-file; change it afterwards',
  },
  movePanelRuns: {
    ar: 'اللوحة تعمل الآن وقد تكتب في أثناء النقل. أوقفها أولًا: systemctl stop aapanel',
    en: 'the panel is running and could write meanwhile. Stop it first: systemctl stop aapanel',
  },
  movePanelStarted: {
    ar: 'بدأت اللوحة في أثناء النقل، وربما كتبت ما لم يُنقل. القاعدة القديمة كما هي. أوقف اللوحة ثم أعد النقل مع --again',
    en: 'the panel was started during the move and may have written what was not carried over. The old database is as it is. Stop the panel and move again with --again',
  },
  moveFrom: { ar: 'من {from} إلى {to}', en: 'from {from} to {to}' },
  moveTable: { ar: '  {table}: {rows} صفًا', en: '  {table}: {rows} rows' },
  moveDone: {
    ar: 'نُقل {rows} صفًا من {tables} جدولًا، وطابق المحتوى في الجهتين. القاعدة القديمة كما هي ويمكن الرجوع إليها',
    en: '{rows} rows of {tables} tables were carried over, and both sides hold the same. The old database is as it is: the way back',
  },
  moveNext: {
    ar: 'بقي أن تضبط العنوان الجديد ثم تشغّل اللوحة. في ملف الإعدادات:',
    en: 'What is left: name the new database, then start the panel. In the file of settings:',
  },
  moveWritten: {
    ar: 'كُتب العنوان الجديد في {path}. النسخة السابقة: {backup}',
    en: 'the new database now stands in {path}. What stood there before: {backup}',
  },
  moveNotWritten: {
    ar: 'لم يُغيَّر ملف الإعدادات {path}: {detail}',
    en: 'the file of settings {path} was not changed: {detail}',
  },
  moveOverridden: {
    ar: 'متغيّرات بيئة أخرى تتقدّم على الملف؛ غيّرها حيث ضُبطت',
    en: 'other variables of the environment win over the file; change them where they are set',
  },
  move_content_differs: {
    ar: 'المحتوى بعد النقل يختلف في الجدول {detail}. القاعدة القديمة كما هي، والجديدة معلّمة غير مكتملة',
    en: 'after the move the table {detail} differs. The old database is as it is; the new one is marked incomplete',
  },
  move_same_database: { ar: 'القاعدتان واحدة: {detail}', en: 'both are the same database: {detail}' },
  move_source_not_migrated: {
    ar: 'القاعدة الحالية تحتاج تحديثًا أولًا: aapanel migrate up',
    en: 'the present database must be brought up to date first: aapanel migrate up',
  },
  move_target_foreign: {
    ar: 'القاعدة الجديدة فيها ما ليس من هذا الإصدار من اللوحة ({detail})، ولم تُمسّ. استعمل قاعدة فارغة',
    en: 'the new database holds what is not of this version of the panel ({detail}) and was not touched. Use an empty one',
  },
  move_target_not_empty: {
    ar: 'القاعدة الجديدة ليست فارغة ({detail})، ولم تُمسّ. استعمل قاعدة فارغة',
    en: 'the new database is not empty ({detail}) and was not touched. Use an empty one',
  },
  move_target_unfinished: {
    ar: 'في القاعدة الجديدة نقل سابق لم يكتمل. أعد الأمر مع --again ليُفرَّغ ويبدأ من جديد',
    en: 'the new database holds an earlier move that was not finished. Use --again to empty it and start anew',
  },
  move_value_unportable: {
    ar: 'قيمة لا تُحفظ على كل المحركات: {detail}. القاعدة القديمة كما هي',
    en: 'a value that not every engine can keep: {detail}. The old database is as it is',
  },
} as const;
