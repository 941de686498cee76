/** Texts of `aapanel migrate`; merged into `texts.ts`. */
export const migrateTexts = {
  migrated: { ar: 'نُفّذت {count} من ترحيلات قاعدة البيانات', en: '{count} database migrations were applied' },
  migratedDown: { ar: 'تُراجِع عن: {names}', en: 'undone: {names}' },
  nothingToUndo: { ar: 'لا يوجد ما يُتراجع عنه', en: 'there is nothing to undo' },
  nothingToMigrate: { ar: 'قاعدة البيانات محدّثة', en: 'the database is up to date' },
  pendingMigrations: { ar: 'ترحيلات لم تُنفّذ بعد: {names}', en: 'migrations not applied yet: {names}' },
  migrationHalfDone: {
    ar: '{name} توقّف في منتصفه: «aapanel migrate up» يكمله',
    en: '{name} stopped half-way: aapanel migrate up goes on with it',
  },
  appliedMigration: { ar: '{name}: نُفّذ في {at} بالإصدار {version}', en: '{name}: executed {at} by version {version}' },
  migrationNewer: {
    ar: '{name} نفّذه إصدار أحدث من اللوحة. ثبّت ذلك الإصدار، أو أعد النسخة المأخوذة قبل الترقية',
    en: '{name} was executed by a newer version of the panel. Install that version, or put back the copy from before the upgrade',
  },
  migrationGone: {
    ar: '{name} منفّذ ولم يعد جزءًا من هذا الإصدار',
    en: '{name} was executed and is no part of this version any more',
  },
  migrationEdited: { ar: '{name} تغيّر بعد تنفيذه', en: '{name} was changed after it was executed' },
  migrationOrder: {
    ar: '{name} لم يُنفّذ مع أن ما بعده نُفّذ',
    en: '{name} was never executed, but later ones were',
  },
  migrationLocked: {
    ar: 'عملية أخرى تحدّث قاعدة البيانات الآن. أعد المحاولة حين تنتهي',
    en: 'another process is migrating the database. Try again when it has ended',
  },
  migrationLockedStart: {
    ar: 'عملية أخرى تحدّث قاعدة البيانات: تعمل اللوحة دون جاهزية حتى تُشغَّل من جديد بعد انتهائها',
    en: 'another process is migrating the database: the panel runs and is not ready; start it again when that has ended',
  },
  migrationFailed: {
    ar: 'فشل الترحيل {name}: {detail}',
    en: 'the migration {name} failed: {detail}',
  },
  migrationRestored: {
    ar: 'أُعيدت قاعدة البيانات كما كانت قبله',
    en: 'the database was put back as it was before',
  },
  migrationStays: {
    ar: 'بقيت قاعدة البيانات عند آخر خطوة كاملة؛ ما قبلها في: {path}',
    en: 'the database stays at the last whole step; what was before is in: {path}',
  },
  migrationUnknown: { ar: 'لا يوجد ترحيل بهذا الاسم: {name}', en: 'there is no such migration here: {name}' },
  migrationIrreversible: { ar: 'لا طريق للرجوع من {name}: {detail}', en: '{name} has no way back: {detail}' },
  databaseCopied: { ar: 'نسخة متحقَّق منها من قاعدة البيانات: {path}', en: 'verified copy of the database: {path}' },
  copyFailed: {
    ar: 'تعذّر نسخ قاعدة البيانات قبل التحديث، فلم يُنفّذ شيء: {detail}',
    en: 'the database could not be copied before the update, so nothing was done: {detail}',
  },
  dumpToolMissing: { ar: 'البرنامج {program} غير مثبت', en: 'the program {program} is not installed' },
  downNeedsYes: {
    ar: 'التراجع يحذف ما أضافته الترحيلات. أكّد بالخيار --yes',
    en: 'going down removes what the migrations added. Confirm with --yes',
  },
  planStep: { ar: '{name} — {effect}', en: '{name} — {effect}' },
  planNothingChanged: { ar: 'لم يتغيّر شيء', en: 'nothing was changed' },
  effectSafe: { ar: 'آمن', en: 'safe' },
  effectNeedsWindow: { ar: 'يحتاج إلى نافذة صيانة', en: 'needs a maintenance window' },
  effectDestructive: { ar: 'يحذف بيانات', en: 'destructive' },
  planRules: { ar: 'قواعد مستثناة بسبب مكتوب: {rules}', en: 'rules left aside for a written reason: {rules}' },
  lockNone: { ar: 'لا يقفل شيئًا قائمًا', en: 'locks nothing that is in use' },
  lockShort: { ar: 'قفل قصير على الجدول', en: 'short lock on the table' },
  lockWrites: { ar: 'يوقف الكتابة في الجدول', en: 'stops writes to the table' },
  lockAll: { ar: 'يوقف القراءة والكتابة في الجدول', en: 'stops reads and writes of the table' },
  lockDatabase: { ar: 'كاتب واحد: تنتظر الكتابات الأخرى', en: 'one writer: other writes wait' },
  lockRows: { ar: 'يقفل الصفوف التي يغيّرها', en: 'locks the rows it changes' },
  migrationMade: { ar: 'أُنشئ {path}', en: 'made {path}' },
  migrationNameEmpty: {
    ar: 'الاسم يحتاج إلى ثلاثة حروف أو أرقام لاتينية على الأقل',
    en: 'the name needs at least three Latin letters or digits',
  },
  validatorMissing: {
    ar: 'المدقق غير متاح هنا: يحتاج إلى حزم التطوير وملفات المصدر (npm install)',
    en: 'the validator is not available here: it needs the development packages and the sources (npm install)',
  },
  validatorSum: {
    ar: 'الملفات: {total}، سليمة: {valid}، فيها أخطاء: {errors}، فيها تحذيرات: {warnings}',
    en: 'files: {total}, valid: {valid}, with errors: {errors}, with warnings: {warnings}',
  },
  validatorRecipe: { ar: 'الطريق الآمن: {recipe}', en: 'the safe way: {recipe}' },
  validatorAllowed: { ar: 'مستثنى: {reason}', en: 'left aside: {reason}' },
} as const;
