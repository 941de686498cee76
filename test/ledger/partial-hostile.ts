import type { Bilingual } from './area.ts';

/** Of the classes of hostile input: what is missing. Sorted by document order. */
export const partialHostile: Readonly<Record<string, Bilingual>> = {
  'CMD-1': {
    en: 'names of files when they are packed; volumes, containers and registries, which do not exist yet',
    ar: 'أسماء الملفات عند حزمها، والأقراص والحاويات والسجلات غير موجودة بعد',
  },
  'CMD-2': {
    en: 'names of tables in exports; accounts and units, whose grammar takes no dash in front, under this id',
    ar: 'أسماء الجداول عند التصدير؛ والحسابات والوحدات التي لا تقبل قواعدها شرطة في أولها، تحت هذا الرقم',
  },
  'CMD-3': {
    en: 'every one-line field: some, such as domains and addresses, are checked only behind their schema',
    ar: 'كل حقل من سطر واحد: بعضها كالنطاقات والعناوين لا يُفحص إلا بعد مخططه',
  },
  'CMD-4': {
    en: 'the restore of a panel whose database has such a password, and passphrases of site files; mailboxes, which do not exist yet',
    ar: 'استعادة لوحة لقاعدتها كلمة كهذه، وكلمات ملفات المواقع؛ وصناديق البريد غير موجودة بعد',
  },
  'CMD-5': {
    en: 'branches and commits that a push names, under this id; catalogues from Git, which do not exist yet',
    ar: 'الفروع والإيداعات التي يسميها الدفع، تحت هذا الرقم؛ والفهارس من Git غير موجودة بعد',
  },
  'CMD-7': {
    en: 'working folder and umask, and the environment of terminals',
    ar: 'مجلد العمل وumask، وبيئة الطرفيات',
  },
  'CMD-8': {
    en: 'a try of every choice: those of sites and some of the agent are tried',
    ar: 'تجربة كل اختيار: المجرَّب اختيارات المواقع وبعض اختيارات الوكيل',
  },
  'CONF-5': {
    en: 'files like that of passwords, templates and JSON; zone files and mail headers, which do not exist yet',
    ar: 'ملفات كلمات المرور والقوالب وJSON؛ وملفات المناطق وترويسات البريد غير موجودة بعد',
  },
  'CONF-8': {
    en: 'paths of logs through a link, pages and password files, under this id',
    ar: 'مسارات السجلات عبر رابط والصفحات وملفات كلمات المرور، تحت هذا الرقم',
  },
  'SQL-4': {
    en: 'an account for each person: the console works as the user of the database, whoever opens it',
    ar: 'حساب لكل شخص: تعمل وحدة الأوامر بمستخدم القاعدة أيًا كان من يفتحها',
  },
  'PATH-1': {
    en: 'a path that climbs by its spelling is refused by its field, not like something that is not there',
    ar: 'المسار الصاعد بكتابته يُرفض باسم حقله، لا كأنه غير موجود',
  },
  'PATH-2': {
    en: '10,000 rounds while something is written: saving and uploading are tried in 3,000',
    ar: 'عشرة آلاف جولة أثناء الكتابة: الحفظ والرفع مجرَّبان في ثلاثة آلاف',
  },
  'PATH-3': {
    en: 'a name that is no UTF-8 does not go into an archive: it is left out and counted',
    ar: 'الاسم الذي ليس UTF-8 لا يدخل الأرشيف، بل يُترك ويُعدّ',
  },
  'PATH-4': { en: 'preview, sums and sizes', ar: 'المعاينة والبصمات والأحجام' },
  'PATH-5': {
    en: 'that an upload of one site is no code of another, under this id; pictures of people, themes and plug-ins, which do not exist yet',
    ar: 'ألا يصير رفع موقع شيفرة لآخر، تحت هذا الرقم؛ وصور الأشخاص والسمات والإضافات غير موجودة بعد',
  },
  'PATH-7': { en: 'a mount below the folder; emptying the bin', ar: 'قرص موصول داخل المجلد، وإفراغ السلة' },
  'ARCH-1': {
    en: 'the archive of Node.js, whose sum is compared and which tar unpacks; catalogues and plug-ins, which do not exist yet',
    ar: 'أرشيف Node.js الذي تُقارن بصمته ويفكه tar؛ والفهارس والإضافات غير موجودة بعد',
  },
  'ARCH-2': { en: 'catalogues from Git, which do not exist yet', ar: 'الفهارس من Git، وهي غير موجودة بعد' },
  'ARCH-3': {
    en: 'other panels than aaPanel, and a file of settings: neither is taken',
    ar: 'لوحات غير aaPanel، وملف الإعدادات: لا يُستورد منهما شيء',
  },
  'AUTH-3': {
    en: 'an empty and a default value of every kind of secret',
    ar: 'القيمة الفارغة والجاهزة لكل نوع من الأسرار',
  },
  'AUTH-4': { en: 'accounts have no e-mail address that could be tried', ar: 'ليس للحسابات عنوان بريد يُجرَّب' },
  'AUTH-6': {
    en: 'the command line with a token; signed requests, which do not exist yet',
    ar: 'سطر الأوامر برمز، والطلبات الموقّعة غير موجودة بعد',
  },
  'AUTH-7': { en: 'a thousand timed tries', ar: 'ألف محاولة مقيسة' },
  'AUTH-8': {
    en: 'somebody who keeps guessing at one account keeps its passwords and codes closed for its owner too',
    ar: 'من يواصل التخمين على حساب يبقي كلمات مروره ورموزه مقفلة على صاحبه أيضًا',
  },
  'AUTH-9': {
    en: 'a factor of somebody else that is changed by its id; accounts have neither an e-mail address nor an identity provider',
    ar: 'تغيير عامل شخص آخر برقمه؛ وليس للحسابات عنوان بريد ولا مزوّد هوية',
  },
  'PERM-1': { en: 'ids inside bodies', ar: 'الأرقام داخل أجسام الطلبات' },
  'PERM-4': { en: 'exports and audit rows of several people', ar: 'التصدير وأسطر التدقيق مع عدة أشخاص' },
  'PERM-5': { en: 'a guard that times out', ar: 'حارس تنتهي مهلته' },
  'PERM-6': { en: 'queued jobs of somebody who is disabled', ar: 'المهام المنتظرة لشخص عُطّل حسابه' },
  'PERM-7': {
    en: 'backups under this id; containers, which do not exist yet',
    ar: 'النسخ الاحتياطية تحت هذا الرقم، والحاويات غير موجودة بعد',
  },
  'WEB-2': {
    en: 'the address of a webhook under this id; mails, which do not exist yet',
    ar: 'عنوان الخطاف تحت هذا الرقم، والبريد غير موجود بعد',
  },
  'WEB-4': {
    en: 'streams of events are opened by the session alone, without a ticket for one use',
    ar: 'بث الأحداث يُفتح بالجلسة وحدها بلا تذكرة لمرة واحدة',
  },
  'WEB-6': {
    en: 'a time and a delivery: signatures of Git servers hold neither, and the same push once more deploys the same commit',
    ar: 'الوقت ورقم التسليم: لا تحملهما تواقيع خوادم Git، وتكرار الدفع نفسه ينشر الإيداع نفسه',
  },
  'WEB-7': {
    en: 'the port of the panel, which programs of sites reach on this machine like anybody; containers, which do not exist yet',
    ar: 'منفذ اللوحة الذي تصل إليه برامج المواقع على الجهاز كغيرها، والحاويات غير موجودة بعد',
  },
  'OUT-1': {
    en: 'output of jobs and remarks in every view; mails, which do not exist yet',
    ar: 'مخرجات المهام والملاحظات في كل عرض، والبريد غير موجود بعد',
  },
  'OUT-2': {
    en: 'what a shell says to the title and the clipboard of the page',
    ar: 'ما ترسله الصدفة إلى عنوان الصفحة وحافظتها',
  },
  'OUT-5': {
    en: 'hooks of alerts may reach private networks: only link-local and metadata addresses are refused there',
    ar: 'خطافات التنبيه قد تصل إلى الشبكات الخاصة، ولا يُرفض لها إلا عناوين الوصلة المحلية والبيانات الوصفية',
  },
  'CERT-2': { en: 'servers that the panel manages from afar', ar: 'الخوادم التي تديرها اللوحة عن بُعد' },
  'CERT-3': {
    en: 'two installations that are compared secret by secret; an image of a container, which does not exist yet',
    ar: 'مقارنة تثبيتين سرًا بسر، وصورة الحاوية غير موجودة بعد',
  },
  'CERT-4': { en: 'a signature, once releases are published', ar: 'التوقيع عند نشر الإصدارات' },
  'HOST-2': {
    en: 'PostgreSQL after its installation; containers, which do not exist yet',
    ar: 'PostgreSQL بعد تثبيته، والحاويات غير موجودة بعد',
  },
  'FAULT-1': {
    en: 'a kill in each operation of several steps: not all of them are tried',
    ar: 'القتل في كل عملية متعددة الخطوات، فليست كلها مجرَّبة',
  },
  'FAULT-2': { en: 'logs and the database of the panel on a full disk', ar: 'السجلات وقاعدة اللوحة مع قرص ممتلئ' },
  'FAULT-3': {
    en: 'leases of jobs and tickets under a clock that is set back',
    ar: 'مهل المهام والتذاكر مع رجوع الساعة',
  },
  'FAULT-4': {
    en: 'updates and installations whose tool ends well without an effect; mails, which do not exist yet',
    ar: 'تحديث أو تثبيت تنتهي أداته بنجاح بلا أثر، والبريد غير موجود بعد',
  },
  'FAULT-5': { en: 'that the load of one person does not stop others', ar: 'ألا يوقف حمل شخص غيره' },
  'FAULT-7': {
    en: 'a target of backups under this id; Docker, which does not exist yet',
    ar: 'وجهة النسخ الاحتياطي تحت هذا الرقم، وDocker غير موجود بعد',
  },
  'FAULT-8': { en: 'a backup while a restore runs', ar: 'نسخة احتياطية أثناء استعادة' },
};
