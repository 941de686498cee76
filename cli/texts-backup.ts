/** Texts of `aapanel backup`; merged into `texts.ts`. */
export const backupTexts = {
  backupUsage: {
    ar: `aapanel backup — النسخ الاحتياطية (بصلاحية الجذر، وتعمل واللوحة متوقفة)

  create --plan <خطة> | --source <مصدر> … [--target <وجهة>] [--exclude <نمط>]   نسخة الآن
  list [--target <وجهة>] [--plan <خطة>]      النسخ المكتملة من الأحدث
  show <نسخة>                       أجزاء نسخة (latest للأحدث)
  verify [نسخة] [--target <وجهة>] [--full]   فحص البنية والتواقيع، و--full يقرأ كل بايت
  test-restore [نسخة] [--target <وجهة>] [--rto دقائق] [--rpo دقائق]   اختبار استعادة في مكان مؤقت مع القياس
  restore <نسخة> [--part <جزء>] [--member <مسار>] [--into <مجلد> | --database <اسم>] [--dry-run] [--yes]
  prune [--target <وجهة>] [--plan <خطة>] [--dry-run] [--yes]   حذف ما لا تُبقيه سياسة الاحتفاظ
  remove <نسخة> … [--yes]           حذف نسخ بعينها
  export <نسخة> --to <ملف>          نسخة في ملف واحد مختوم
  import <ملف> [--recovery-key-file <ملف>]   استيراد ملف كهذا
  import-legacy <ملف> --into <مجلد> --allow-v1|--allow-v2 [--old-key-file <ملف>]   أرشيف اللوحة السابقة
  recover --local <مجلد> | --place-file <ملف> [--secret-file <ملف>]   استعادة جهاز كامل بمفتاح الاسترداد

  targets | targets add <اسم> --local <مجلد> | targets add --file <ملف> | targets check|remove <وجهة>
  plans | plans add <اسم> --source <مصدر> … [--every daily --at 03:00 | --cron "…"] | plans remove <خطة>
  hooks | hooks add --file <ملف> | hooks test|remove <اسم>   من يُنبَّه عند الفشل والتأخر
  keys | keys rotate | keys retire <معرّف> | keys recovery   المفاتيح وورقة الاسترداد
  sources                           ما يمكن حفظه هنا
  schedule                          مواعيد الخطط وقياساتها (رمز الخروج 1 عند التأخر أو الفشل)
  runs [معرّف] | runs cancel <معرّف>   العمليات، أو متابعة واحدة، أو إيقافها
  due                               بدء ما حان موعده

المصدر: panel، ‏sites، ‏site:<اسم>، ‏folder:<مسار>، ‏database:mariadb:<اسم>، ‏databases:postgresql، ‏sqlite:<مسار>
الأسرار من ملف أو من الإدخال القياسي (-) فقط. خيار عام: --json`,
    en: `aapanel backup — backups (as root; also while the panel is down)

  create --plan <plan> | --source <source> … [--target <target>] [--exclude <pattern>]   a backup now
  list [--target <target>] [--plan <plan>]   complete backups, newest first
  show <set>                        parts of one backup (latest: the newest)
  verify [set] [--target <target>] [--full]   structure and signatures; --full reads every stored byte
  test-restore [set] [--target <target>] [--rto minutes] [--rpo minutes]   restore into a throw-away place, and measure
  restore <set> [--part <part>] [--member <path>] [--into <folder> | --database <name>] [--dry-run] [--yes]
  prune [--target <target>] [--plan <plan>] [--dry-run] [--yes]   remove what the retention does not keep
  remove <set> … [--yes]            remove these backups
  export <set> --to <file>          one backup in one sealed file
  import <file> [--recovery-key-file <file>]   take such a file in
  import-legacy <file> --into <folder> --allow-v1|--allow-v2 [--old-key-file <file>]   an archive of the earlier panel
  recover --local <folder> | --place-file <file> [--secret-file <file>]   a whole machine, with the recovery key

  targets | targets add <name> --local <folder> | targets add --file <file> | targets check|remove <target>
  plans | plans add <name> --source <source> … [--every daily --at 03:00 | --cron "…"] | plans remove <plan>
  hooks | hooks add --file <file> | hooks test|remove <name>   who is told of failures and delays
  keys | keys rotate | keys retire <id> | keys recovery   the key ring and the recovery sheet
  sources                           what can be saved here
  schedule                          when plans run, and their figures (exit code 1 when one is late or failed)
  runs [id] | runs cancel <id>      runs; follow one; stop one
  due                               start what is due

A source: panel, sites, site:<slug>, folder:<path>, database:mariadb:<name>, databases:postgresql, sqlite:<path>
Secrets come from a file or standard input (-) only. General option: --json`,
  },
  backupFakeAgent: {
    ar: 'الوكيل هنا وهمي (AGENT=fake)، فلا توجد نسخ احتياطية حقيقية. شغّل لوحة بوكيل حقيقي.',
    en: 'the agent here is the fake one (AGENT=fake): there are no real backups. Use a panel with the real agent',
  },
  backupGoesOn: {
    ar: 'العملية مستمرة. لمتابعتها: aapanel backup runs {runId}',
    en: 'the run goes on. Follow it with: aapanel backup runs {runId}',
  },
  backupMade: { ar: 'تم: {ids}', en: 'done: {ids}' },
  backupDone: { ar: 'تم', en: 'done' },
  backupCancelled: { ar: 'أُوقفت العملية قبل أن تكتمل', en: 'the run was stopped before it was complete' },
  backupFailed: { ar: 'فشلت العملية: {detail}', en: 'the run failed: {detail}' },
  backupReportCut: { ar: '  … و{count} سطرًا غيرها (‏--json للكل)', en: '  … and {count} more lines (--json has all)' },
  backupNotAgreed: { ar: 'لم يُنفَّذ شيء', en: 'nothing was done' },
  backupPruneAsk: {
    ar: 'حذف ما لا تُبقيه سياسة الاحتفاظ من «{target}»؟ لا رجعة في ذلك (نعم/لا)',
    en: 'Remove what the retention does not keep from “{target}”? This cannot be undone (yes/no)',
  },
  backupRemoveAsk: {
    ar: 'حذف {count} من النسخ؟ لا رجعة في ذلك (نعم/لا)',
    en: 'Remove {count} backups? This cannot be undone (yes/no)',
  },
  backupRestoreAsk: {
    ar: 'استعادة نسخة {at} فوق ما في مكانها ({parts})؟ تُؤخذ نسخة أمان أولًا (نعم/لا)',
    en: 'Restore the backup of {at} over what is in place ({parts})? A safety backup is made first (yes/no)',
  },
  backupTargetRemoveAsk: {
    ar: 'نسيان الوجهة «{target}»؟ ما هو مخزّن فيها يبقى (نعم/لا)',
    en: 'Forget the target “{target}”? What is stored there stays (yes/no)',
  },
  backupPlanRemoveAsk: {
    ar: 'حذف الخطة «{plan}»؟ نسخها تبقى (نعم/لا)',
    en: 'Remove the plan “{plan}”? Its backups stay (yes/no)',
  },
  backupRetireAsk: {
    ar: 'إيقاف المفتاح {keyId}؟ لن تُقبل بعده النسخ التي وقّعها، وعددها {count} (نعم/لا)',
    en: 'Retire the key {keyId}? The {count} backups that it signed are refused from then on (yes/no)',
  },
  backupRecoveryAsk: {
    ar: 'إنشاء مفتاح استرداد جديد؟ يبطل المفتاح المطبوع سابقًا (نعم/لا)',
    en: 'Make a new recovery key? The one that was printed before is void then (yes/no)',
  },
  backupAskRecoveryKey: { ar: 'مفتاح الاسترداد: ', en: 'Recovery key: ' },
  backupSourceForm: {
    ar: 'مصدر غير مفهوم: {word}. الأشكال في: aapanel backup',
    en: 'this is no source: {word}. The forms are shown by: aapanel backup',
  },
  backupWrongValues: { ar: 'قيم غير صالحة: {fields}', en: 'values that are not valid: {fields}' },
  backupPathWrong: { ar: 'مسار غير صالح: {path}', en: 'this is no path that can be used: {path}' },
  backupFileUnread: { ar: 'تعذّرت قراءة {path}', en: '{path} cannot be read' },
  backupNoJson: { ar: 'ما في {path} ليس JSON صالحًا', en: 'what is in {path} is no JSON' },
  backupNone: { ar: 'لا توجد نسخ بعد', en: 'there are no backups yet' },
  backupNoTarget: {
    ar: 'لا توجد وجهة بعد. أضف واحدة: aapanel backup targets add <اسم> --local <مجلد>',
    en: 'there is no target yet. Add one: aapanel backup targets add <name> --local <folder>',
  },
  backupNoPlans: { ar: 'لا توجد خطط بعد', en: 'there are no plans yet' },
  backupWhichTarget: {
    ar: 'أكثر من وجهة: سمِّ واحدة بالخيار --target',
    en: 'more than one target: name one with --target',
  },
  backupTargetAdded: { ar: 'الوجهة «{name}» ‏({id})', en: 'target “{name}” ({id})' },
  backupPlanAdded: { ar: 'الخطة {id}، موعدها التالي: {next}', en: 'plan {id}, next run: {next}' },
  backupHookAdded: { ar: 'عنوان التنبيه «{name}» ‏({id})', en: 'alert hook “{name}” ({id})' },
  backupHookRemoveAsk: {
    ar: 'حذف عنوان التنبيه «{hook}»؟ لن يصله شيء بعدها (نعم/لا)',
    en: 'Remove the alert hook “{hook}”? Nothing goes there any more (yes/no)',
  },
  backupHookOff: { ar: 'موقوف', en: 'off' },
  backupHookNever: { ar: 'لم يُرسل شيء بعد', en: 'nothing sent yet' },
  backupHookDelivered: { ar: 'وصلت آخر رسالة في {at} ({answer})', en: 'last message delivered at {at} ({answer})' },
  backupHookFailed: { ar: 'لم تصل آخر رسالة في {at} ({answer})', en: 'last message not delivered at {at} ({answer})' },
  backupHookUnknown: { ar: 'لا يوجد عنوان تنبيه كهذا', en: 'there is no such alert hook' },
  backupNoHooks: {
    ar: 'لا يُنبَّه أحد عند فشل النسخ. أضف عنوانًا: aapanel backup hooks add --file <ملف>',
    en: 'nobody is told when a backup fails. Add an address: aapanel backup hooks add --file <file>',
  },
  backupLeftOut: { ar: 'تُرك {count}', en: '{count} left out' },
  backupReachable: { ar: 'متاحة', en: 'reachable' },
  backupAway: { ar: 'غير متاحة', en: 'not reachable' },
  backupNotAsked: { ar: 'لم تُفحص', en: 'not asked yet' },
  backupProof_proven: { ar: 'مُثبتة', en: 'proven' },
  backupProof_failed: { ar: 'فشل إثباتها', en: 'proof failed' },
  backupProof_not_run: { ar: 'لم تُختبر', en: 'not tested' },
  backupKey_active: { ar: 'يوقّع', en: 'signs' },
  backupKey_verify_only: { ar: 'للتحقق فقط', en: 'verifies only' },
  backupKey_retired: { ar: 'موقوف', en: 'retired' },
  backupKeySets: { ar: 'نسخ: {count}', en: 'backups: {count}' },
  backupNoRecovery: {
    ar: 'لا يوجد مفتاح استرداد: إن ضاع هذا الجهاز ضاعت معه النسخ. أنشئه واطبعه: aapanel backup keys recovery',
    en: 'there is no recovery key: if this machine is lost, its backups are too. Make and print one: aapanel backup keys recovery',
  },
  backupRecoveryOf: { ar: 'مفتاح استرداد من {at}', en: 'recovery key of {at}' },
  backupScheduler_systemd: {
    ar: 'المواعيد على مؤقّت systemd ولو توقفت اللوحة',
    en: 'a systemd timer starts them, also while the panel is down',
  },
  backupScheduler_panel: {
    ar: 'المواعيد على اللوحة: لا تبدأ وهي متوقفة',
    en: 'the panel starts them: not while it is down',
  },
  backupScheduler_none: { ar: 'لا شيء يبدأ الخطط هنا', en: 'nothing starts them here' },
  backupByHand: { ar: 'يدويًا', en: 'by hand' },
  backupOverdue: { ar: 'متأخرة', en: 'overdue' },
  backupRpoMet: {
    ar: 'أقصى ما قد يُفقد {minutes} دقيقة، ضمن غاية {goal} دقيقة',
    en: 'at most {minutes} minutes can be lost: within the goal of {goal}',
  },
  backupRpoMissed: {
    ar: 'قد يُفقد ما يصل إلى {minutes} دقيقة، وغاية {goal} دقيقة تحتاج إلى موعد كل ساعة',
    en: 'up to {minutes} minutes can be lost: the goal of {goal} needs an hourly schedule',
  },
  backupRtoMeasured: { ar: 'آخر استعادة مقيسة: {seconds} ثانية', en: 'last restore measured: {seconds} s' },
  backupRtoMet: {
    ar: 'الاستعادة (RTO): ‏{seconds} ثانية، ضمن الحد',
    en: 'restore (RTO): {seconds} s, within the limit',
  },
  backupRtoOver: { ar: 'الاستعادة (RTO): ‏{seconds} ثانية، فوق الحد', en: 'restore (RTO): {seconds} s, over the limit' },
  backupAgeMet: {
    ar: 'عمر أحدث نسخة (RPO): ‏{seconds} ثانية، ضمن الحد',
    en: 'age of the newest (RPO): {seconds} s, within the limit',
  },
  backupAgeOver: {
    ar: 'عمر أحدث نسخة (RPO): ‏{seconds} ثانية، فوق الحد',
    en: 'age of the newest (RPO): {seconds} s, over the limit',
  },
  backupCancelAsked: {
    ar: 'طُلب الإيقاف؛ تتوقف عند نقطة سليمة',
    en: 'asked to stop; it ends at a point where everything is whole',
  },
  backupNotRunning: { ar: 'لا تعمل عملية بهذا المعرّف', en: 'no run of this id is going on' },
  backupNothingDue: { ar: 'لا شيء حان موعده', en: 'nothing is due' },
  backupStarted: { ar: 'بدأ: {ids}', en: 'started: {ids}' },
  backupUnitStarted: { ar: 'بدأت {unit}: تنظر فيما حان موعده', en: '{unit} was started: it looks what is due' },
  backupUnitNotStarted: { ar: 'تعذّر بدء {unit}', en: '{unit} could not be started' },
  backupRecovered: { ar: 'عاد كل شيء في {seconds} ثانية', en: 'everything is back, in {seconds} s' },
  backupLegacyWeak: {
    ar: 'تحذير: الشكل v1 محمي بـ MD5 وحده، فلا يثبت من أين جاء. لا تستعمله إلا من مصدر تثق به.',
    en: 'warning: the form v1 has an MD5 only, which does not prove where it comes from. Take it only from a source you trust.',
  },
  backupSheetTitle: {
    ar: 'ورقة استرداد النسخ الاحتياطية — {host} — {at}',
    en: 'Recovery sheet for backups — {host} — {at}',
  },
  backupSheetText: {
    ar: `اطبع هذه الورقة واحفظها بعيدًا عن الجهاز. المفتاح لا يُحفظ في أي مكان آخر ولا يُعرض ثانية.
من يحمله مع الوصول إلى الوجهة يقرأ كل النسخ، ومن فقده مع الجهاز فقد النسخ.
على جهاز جديد: ثبّت اللوحة ثم شغّل الأمر أدناه واكتب المفتاح عند السؤال.`,
    en: `Print this sheet and keep it away from the machine. The key is kept nowhere else and not shown again.
Who has it and can reach the target reads every backup; without it and without the machine, the backups are lost.
On a new machine: install the panel, run the command below, and type the key when asked.`,
  },
  backupChainBroken: {
    ar: 'نسخة من السلسلة مفقودة أو مستبدلة',
    en: 'a backup of the chain is missing or was replaced',
  },
  backupMemberUnknown: { ar: 'لا تحوي النسخة هذا الملف', en: 'the backup has no such file' },
  backupMismatch: {
    ar: 'المخزَّن لا يطابق البيان الموقَّع ولم يُستعد شيء',
    en: 'what is stored is not what was signed; nothing was restored',
  },
  backupPartUnknown: { ar: 'لا تحوي النسخة هذا الجزء', en: 'the backup has no such part' },
  backupPlanUnknown: { ar: 'لا توجد خطة كهذه', en: 'there is no such plan' },
  backupProofFailed: { ar: 'لم ينجح اختبار الاستعادة', en: 'the restore test did not pass' },
  backupRecoveryKeyInvalid: { ar: 'ليس هذا مفتاح استرداد صحيحًا', en: 'this is no recovery key' },
  backupRunUnknown: { ar: 'لا توجد عملية بهذا المعرّف', en: 'there is no run of this id' },
  backupSetUnknown: { ar: 'لا توجد نسخة كهذه', en: 'there is no such backup' },
  backupTargetBusy: { ar: 'تعمل عملية أخرى على هذه الوجهة', en: 'another run works on this target' },
  backupTargetInUse: { ar: 'خطة تحفظ في هذه الوجهة. غيّرها أولًا', en: 'a plan saves to this target. Change it first' },
  backupTargetUnknown: { ar: 'لا توجد وجهة كهذه', en: 'there is no such target' },
  backupTargetAway: { ar: 'تعذّر الوصول إلى الوجهة', en: 'the target cannot be reached' },
} as const;
