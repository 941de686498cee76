import type { siteFileNotes, SiteFileStay } from '#shared/site-files.ts';

/** Sentences of `aapanel site`. */
export const siteTexts = {
  siteAskToken: { ar: 'رمز API: ', en: 'API token: ' },
  siteTokenMissing: {
    ar: 'يلزم رمز API: في ‎--token-file <ملف> أو ‎- أو في المتغير AAPANEL_TOKEN. أنشئه في اللوحة: حسابي ← رموز API',
    en: 'an API token is needed: --token-file <file> or -, or the variable AAPANEL_TOKEN. Make one in the panel: My account → API tokens',
  },
  siteTokenWrong: { ar: 'رمز API غير صالح أو انتهى', en: 'the API token is not valid, or is over' },
  siteElevation: {
    ar: 'هذا عمل خطر: استعمل رمز API أُنشئ للأعمال الخطرة، أو اترك الشهادة (‎--no-certificate) والأسرار',
    en: 'this is dangerous: use an API token that was made for dangerous actions, or leave the certificate (--no-certificate) and secrets',
  },
  siteNotAllowed: {
    ar: 'صلاحيات الرمز أو صاحبه لا تسمح بهذا',
    en: 'neither token nor person may go beyond their permissions, and this is not among them',
  },
  siteAllSites: {
    ar: 'الشهادات لمن يرى المواقع كلها؛ اتركها بـ ‎--no-certificate',
    en: 'certificates are for people who may see every site; leave it with --no-certificate',
  },
  siteNewPassphrase: { ar: 'عبارة المرور الجديدة: ', en: 'New passphrase: ' },
  siteRepeatPassphrase: { ar: 'عبارة المرور مرة أخرى: ', en: 'The passphrase again: ' },
  siteAskPassphrase: { ar: 'عبارة مرور الملف: ', en: 'Passphrase of the file: ' },
  sitePassphraseShort: {
    ar: 'عبارة المرور {least} محرفًا على الأقل و200 على الأكثر',
    en: 'a passphrase has at least {least} characters, and at most 200',
  },
  siteNoAnswer: { ar: 'لم تُجب اللوحة جوابًا مفهومًا', en: 'the panel gave no answer that can be read' },
  siteUnknown: {
    ar: 'لا يوجد موقع بهذا الاسم أو النطاق: {site}',
    en: 'there is no site of this name or domain: {site}',
  },
  siteDatabaseUnknown: { ar: 'لا توجد قاعدة البيانات هذه هنا', en: 'there is no such database here' },
  siteDatabaseTaken: { ar: 'الاسم لقاعدة بيانات أخرى', en: 'another database has this name' },
  siteDiskFull: { ar: 'لا تكفي المساحة على القرص', en: 'there is not enough room on the disk' },
  siteDomainTaken: { ar: 'نطاق من نطاقاته لموقع آخر', en: 'another site has one of its domains' },
  sitePhpMissing: { ar: 'إصدار PHP غير مثبّت', en: 'this version of PHP is not installed' },
  siteDeployed: {
    ar: 'ملفات الموقع تأتي من مستودع Git، فلا يُصدَّر',
    en: 'the files of this site come from a Git repository, so it is not exported',
  },
  siteUnderWay: { ar: 'يُنشأ الآن ملف لهذا الموقع', en: 'a file of this site is being made already' },
  siteCertificateRefused: { ar: 'الشهادة لا تصلح للاستعمال', en: 'the certificate cannot be used' },
  siteFileThere: { ar: 'الملف موجود ولم يُمسّ: {path}', en: 'the file exists and was not touched: {path}' },
  siteFileUnwritten: { ar: 'تعذّرت كتابة الملف: {path}', en: 'the file cannot be written: {path}' },
  siteFileChanged: { ar: 'تغيّر الملف بعد إنشائه', en: 'the file was changed after it was made' },
  siteFileDamaged: { ar: 'الملف تالف أو مبتور', en: 'the file is damaged or cut off' },
  siteFileLocked: {
    ar: 'الملف مختوم: أعطِ عبارة المرور بـ ‎--passphrase-file أو AAPANEL_PASSPHRASE',
    en: 'the file is sealed: give its passphrase with --passphrase-file or AAPANEL_PASSPHRASE',
  },
  siteFilePassphrase: { ar: 'عبارة المرور لا تفتح الملف', en: 'the passphrase does not open the file' },
  siteFileUnknown: {
    ar: 'هذا ليس ملف موقع، أو هو من لوحة أحدث',
    en: 'this is not the file of a site, or of a newer panel',
  },
  siteMaking: { ar: 'إنشاء الملف', en: 'making the file' },
  siteFetching: { ar: 'تنزيله', en: 'fetching it' },
  siteSending: { ar: 'إرسال الملف', en: 'sending the file' },
  siteMakingSite: { ar: 'إنشاء الموقع', en: 'making the site' },
  siteNotMade: {
    ar: 'تعذّر إنشاء ملف الموقع، ولم يبق منه شيء',
    en: 'the file of the site was not made; nothing was kept',
  },
  siteExported: { ar: 'تم: {path} ({bytes} بايت، {files} ملف)', en: 'done: {path} ({bytes} bytes, {files} files)' },
  siteWithCertificate: {
    ar: 'الملف مختوم وفيه الشهادة ومفتاحها',
    en: 'the file is sealed, and has the certificate with its key',
  },
  siteWithoutCertificate: { ar: 'الملف مختوم وليس فيه شهادة', en: 'the file is sealed, and has no certificate' },
  siteUnsealed: {
    ar: 'الملف غير مختوم: يقرؤه كل من يصل إليه، فبقيت الشهادة والأسرار خارجه',
    en: 'the file is not sealed: whoever gets it can read it, so certificate and secrets stayed behind',
  },
  siteOriginOwn: { ar: 'أنشأته هذه اللوحة ولم يتغيّر', en: 'made by this panel, and unchanged since' },
  siteOriginOther: {
    ar: 'أُنشئ على لوحة أخرى: لا يمكن التحقق من توقيعه هنا',
    en: 'made on another panel: its signature cannot be checked here',
  },
  siteKind: { ar: 'النوع', en: 'kind' },
  siteDomains: { ar: 'النطاقات', en: 'domains' },
  siteRoot: { ar: 'المجلد', en: 'folder' },
  siteContent: { ar: 'المحتوى', en: 'content' },
  siteContentText: { ar: '{files} ملف، {bytes} بايت', en: '{files} files, {bytes} bytes' },
  siteDatabases: { ar: 'قواعد البيانات', en: 'databases' },
  siteCertificate: { ar: 'الشهادة', en: 'certificate' },
  siteStays: { ar: 'ما لا يُنقل', en: 'does not come along' },
  siteBlocked: {
    ar: 'لا يمكن إنشاء الموقع هكذا. لم يُنشأ شيء.',
    en: 'the site cannot be made like this. Nothing was made.',
  },
  siteOnlyDry: { ar: 'تجربة فقط: لم يُنشأ شيء.', en: 'only a dry run: nothing was made.' },
  siteImported: { ar: 'أُنشئ الموقع: {domains}', en: 'the site is made: {domains}' },
  siteNotImported: { ar: 'تعذّر إنشاء الموقع، ولم يبق منه شيء', en: 'the site was not made; nothing was kept' },
} as const satisfies Record<string, Record<'ar' | 'en', string>>;

/** What the dry run says, by its code. */
export const noteTexts: Readonly<Record<(typeof siteFileNotes)[number], Readonly<Record<'ar' | 'en', string>>>> = {
  domain_taken: {
    ar: 'النطاق لموقع آخر: أعطِ غيره بـ ‎--domains',
    en: 'another site has this domain: give others with --domains',
  },
  php_missing: {
    ar: 'إصدار PHP غير مثبّت: أعطِ غيره بـ ‎--php',
    en: 'this version of PHP is not installed: give another with --php',
  },
  directives_left: {
    ar: 'تبقى توجيهات nginx المخصصة (‎--with-directives تنقلها)',
    en: 'custom nginx directives stay (--with-directives brings them)',
  },
  directives_not_allowed: {
    ar: 'تبقى توجيهات nginx المخصصة: الرمز لا يسمح بها',
    en: 'custom nginx directives stay: the token does not allow them',
  },
  redirects_left: {
    ar: 'تُترك تحويلات تدور بالزائر في حلقة مع هذه النطاقات',
    en: 'redirects that would go round in a circle with these domains are left out',
  },
  database_taken: {
    ar: 'على الخادم قاعدة بهذا الاسم: ‎--database الاسم=اسم_آخر',
    en: 'there is a database of this name: --database name=other_name',
  },
  database_user_taken: {
    ar: 'على الخادم مستخدم بهذا الاسم: ‎--database الاسم=اسم_آخر',
    en: 'there is a user of this name: --database name=other_name',
  },
  database_server_missing: {
    ar: 'خادم قاعدة البيانات لا يعمل هنا',
    en: 'the server of the database does not run here',
  },
  databases_left: {
    ar: 'تبقى في الملف القواعد التي لم تُطلب بـ ‎--database',
    en: 'databases that --database does not name stay in the file',
  },
  databases_not_allowed: {
    ar: 'تبقى قواعد البيانات في الملف: الرمز لا يسمح بها',
    en: 'the databases stay in the file: the token does not allow them',
  },
  certificate_unusable: {
    ar: 'يُنشأ الموقع بلا شهادته: لا تصلح للاستعمال',
    en: 'the site comes without its certificate, which cannot be used',
  },
  certificate_names: {
    ar: 'يُنشأ الموقع بلا شهادته: لا تشمل كل نطاقاته',
    en: 'the site comes without its certificate, which is not good for all its domains',
  },
  certificate_no_port: {
    ar: 'يُنشأ الموقع بلا شهادته: لا نطاق له على المنفذ 80 أو 443',
    en: 'the site comes without its certificate: it has no domain at port 80 or 443',
  },
  certificate_left: { ar: 'تبقى شهادته في الملف', en: 'its certificate stays in the file' },
  certificate_not_allowed: {
    ar: 'يُنشأ الموقع بلا شهادته: الرمز لا يسمح بإضافة الشهادات',
    en: 'the site comes without its certificate: the token does not allow to bring certificates in',
  },
  certificate_by_hand: {
    ar: 'لا يجدّد أحد شهادته هنا: استبدلها قبل انتهائها',
    en: 'nobody renews its certificate here: replace it before it ends',
  },
};

/** What does not come along, by its key. */
export const stayTexts: Readonly<Record<SiteFileStay, Readonly<Record<'ar' | 'en', string>>>> = {
  certificate: { ar: 'الشهادة', en: 'certificate' },
  passwords: { ar: 'كلمات مرور المسارات المحمية', en: 'passwords of protected paths' },
  secrets: { ar: 'المتغيرات السرية', en: 'secret variables' },
  keys: { ar: 'مفاتيح SFTP وكونه الموقع الافتراضي', en: 'SFTP keys and being the default site' },
  port: { ar: 'المنفذ الثابت', en: 'the fixed port' },
  default: { ar: 'كونه الموقع الافتراضي', en: 'being the default site' },
  databases: { ar: 'قواعد البيانات', en: 'databases' },
  logs: { ar: 'السجلات والتاريخ', en: 'logs and history' },
};
