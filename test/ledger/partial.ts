import type { Bilingual } from './area.ts';

/** Ids with tests that do not yet do the whole check: what is missing. */
export const partial: Readonly<Record<string, Bilingual>> = {
  'P0-1': {
    en: 'tests of the requirements whose time has not come; none of them is hidden',
    ar: 'اختبارات المتطلبات التي لم يحن وقتها، وليس فيها ما هو مخفي',
  },
  'P0-7': { en: 'running the whole suite from two different folders', ar: 'تشغيل كل الاختبارات من مجلدين مختلفين' },
  'P0-10': {
    en: 'a walk over every changing call that looks for its audit row',
    ar: 'المرور على كل طلب مغيّر والبحث عن سطر تدقيقه',
  },
  'P1.1-4': { en: 'the same on the throw-away machine', ar: 'الاختبار نفسه على الجهاز المؤقت' },
  'P1.2-8': {
    en: 're-wrapping stored secrets: no feature stores one yet',
    ar: 'إعادة تغليف الأسرار المخزنة، ولا ميزة تخزن سرًا بعد',
  },
  'P1.3-5': { en: 'a run in random order as part of bin/test', ar: 'تشغيل بترتيب عشوائي ضمن bin/test' },
  'P2.1-1': { en: 'the container image itself', ar: 'صورة الحاوية نفسها' },
  'P2.1-4': { en: 'the container image itself', ar: 'صورة الحاوية نفسها' },
  'P2.3-4': {
    en: 'limits of parallel and of quick requests through nginx',
    ar: 'حدود الطلبات المتوازية والسريعة عبر nginx',
  },
  'P5.1-1': {
    en: 'promtool and a real Prometheus run only where they are installed; a strict reader runs everywhere',
    ar: 'لا يعمل promtool وPrometheus الحقيقي إلا حيث ثُبّتا، أما القارئ الصارم فيعمل في كل مكان',
  },
  'P5.1-5': {
    en: 'a probe from another machine stands behind secret entry and address list like everybody; on this machine it is exempt',
    ar: 'الفحص من جهاز آخر خلف المسار السري وقائمة العناوين كغيره، وعلى الجهاز نفسه مستثنى',
  },
  'P5.2-2': { en: 'certificates, which come later', ar: 'الشهادات، وتأتي لاحقًا' },
  'P7.1-2': { en: 'running every snippet on the throw-away machine', ar: 'تشغيل كل مقطع على الجهاز المؤقت' },
  'P7.1-4': {
    en: 'runbooks and known issues; building the docs offline',
    ar: 'أدلة الطوارئ والمشكلات المعروفة وبناء الوثائق بلا شبكة',
  },
  'P4.2-1': {
    en: 'a restore after a rotation; that memory stays small with gigabytes is a figure of the bench',
    ar: 'الاستعادة بعد تبديل المفتاح؛ أما ثبات الذاكرة مع الغيغابايتات فرقم في قياس الأداء',
  },
  'P4.2-4': {
    en: 'the tool of each database missing and a wrong password in a whole run',
    ar: 'غياب أداة كل قاعدة وكلمة مرور خاطئة في تشغيل كامل',
  },
  'P4.2-5': {
    en: 'a whole panel on MariaDB and PostgreSQL that is restored',
    ar: 'استعادة لوحة كاملة تعمل على MariaDB وPostgreSQL',
  },
  'P4.2-8': {
    en: 'the same with ten sets in a repository',
    ar: 'الشيء نفسه بعشر نسخ في مستودع حقيقي',
  },
  'P4.2-12': {
    en: 'S3 in every run: it was tried with the S3 of OpenStack Swift, by hand; going on after a broken connection',
    ar: 'S3 في كل تشغيل للاختبارات، فقد جُرّب يدويًا أمام S3 من OpenStack Swift، والمتابعة بعد انقطاع الاتصال',
  },
  'B-1': {
    en: 'the audit row of each refusal',
    ar: 'سطر التدقيق لكل رفض',
  },
  'B-2': {
    en: 'a thousand random flips in one repository',
    ar: 'ألف تغيير عشوائي في مستودع واحد',
  },
  'B-5': {
    en: 'the weekly plan itself on a booted machine',
    ar: 'الخطة الأسبوعية نفسها على جهاز مقلع',
  },
  'B-8': {
    en: 'memory under 300 MB with 200,000 files and the rate are figures of the bench',
    ar: 'الذاكرة دون 300 م.ب مع 200 ألف ملف والسرعة أرقام في قياس الأداء',
  },
  'B-9': {
    en: 'a power cut that loses unsynced writes; an upload that goes on',
    ar: 'انقطاع كهرباء يضيع ما لم يُثبَّت، ومتابعة الرفع',
  },
  'B-10': {
    en: 'S3 and WebDAV against servers, object lock',
    ar: 'S3 وWebDAV أمام خوادم وقفل الكائنات',
  },
  'B-11': {
    en: 'one table of a database',
    ar: 'جدول واحد من قاعدة',
  },
  'M-4': {
    en: 'the 503 over HTTP after a whole minute of waiting',
    ar: 'الجواب 503 عبر HTTP بعد دقيقة انتظار كاملة',
  },
  'M-7': { en: 'pending migrations in the UI', ar: 'عرض الترحيلات المعلّقة في الواجهة' },
  'H-1': {
    en: 'full disk, 200 requests per second, proof that nothing is opened',
    ar: 'القرص الممتلئ و200 طلب في الثانية وإثبات أنه لا يفتح شيئًا',
  },
  'H-2': { en: 'load limits, ?verbose and ?exclude=', ar: 'حدود الحمل و?verbose و?exclude=' },
  'H-3': { en: 'the deployment probe', ar: 'فحص النشر' },
  'H-4': { en: 'a JSON schema of the detailed answer in the repository', ar: 'مخطط JSON للإجابة المفصلة في المستودع' },
  'H-5': { en: 'a check that has not yet run', ar: 'الفحص الذي لم يُنفَّذ بعد' },
  'H-7': {
    en: 'OpenMetrics on request; promtool runs only where it is installed',
    ar: 'صيغة OpenMetrics عند الطلب، ولا يعمل promtool إلا حيث ثُبّت',
  },
  'H-8': { en: 'ten thousand requests: a thousand are made', ar: 'عشرة آلاف طلب، والمُجرَّب ألف' },
  'H-9': {
    en: 'a health group that names an unknown check: there are no groups',
    ar: 'مجموعة فحوص فيها اسم مجهول، ولا مجموعات بعد',
  },
  'H-10': {
    en: 'the cost with 200 sites: sites have no figures yet',
    ar: 'الكلفة مع 200 موقع، ولا مقاييس للمواقع بعد',
  },
  'H-11': {
    en: 'the list is checked against the pages, not generated; notes about renames',
    ar: 'القائمة مفحوصة لا مولّدة، وملاحظات تغيير الأسماء',
  },
  'H-6': { en: 'a second SIGTERM and the drain limit under this id', ar: 'إشارة ثانية وحد التصريف تحت هذا الرقم' },
  'ALL-4': {
    en: 'objects of other people: there is one kind of owner so far',
    ar: 'ممتلكات الآخرين، ولا يوجد حتى الآن إلا نوع واحد من المالكين',
  },
  'USER-4': { en: 'terminals, which come later', ar: 'الطرفيات، وتأتي لاحقًا' },
  'AUTH-3': {
    en: 'an empty and a default value of every kind of secret',
    ar: 'القيمة الفارغة والجاهزة لكل نوع من الأسرار',
  },
  'AUTH-4': { en: 'e-mail addresses, which come later', ar: 'عناوين البريد، وتأتي لاحقًا' },
  'AUTH-5': { en: 'terminals, which come later', ar: 'الطرفيات، وتأتي لاحقًا' },
  'AUTH-7': { en: 'a thousand timed tries', ar: 'ألف محاولة مقيسة' },
  'PERM-3': { en: 'one generated case for every body', ar: 'حالة مولّدة لكل جسم طلب' },
  'PERM-4': { en: 'exports and audit rows of several people', ar: 'التصدير وأسطر التدقيق مع عدة أشخاص' },
  'PERM-5': { en: 'a guard that times out', ar: 'حارس تنتهي مهلته' },
  'PERM-6': { en: 'terminals and queued jobs', ar: 'الطرفيات والمهام المنتظرة' },
  'WEB-1': { en: 'access rules of sites, which come later', ar: 'قواعد وصول المواقع، وتأتي لاحقًا' },
  'WEB-4': { en: 'terminals with their tickets', ar: 'الطرفيات وتذاكرها' },
  'P0-8': { en: 'stubs first in PATH for every script', ar: 'بدائل وهمية في أول PATH لكل نص' },
  'P2.4-1': { en: 'the audit row of an action that the agent refused', ar: 'سطر التدقيق لفعل رفضه الوكيل' },
  'P2.4-2': {
    en: 'notify, watchdog and reload of the web process',
    ar: 'الإشعار والمراقبة وإعادة التحميل لخادم الويب',
  },
  'P2.4-4': { en: 'setup run twice changes no mode', ar: 'تشغيل التثبيت مرتين لا يغيّر الصلاحيات' },
  'S-4': {
    en: 'fifty generated inputs for each action and a fuzz run of a minute',
    ar: 'خمسون مدخلًا مولّدًا لكل فعل ودقيقة من المدخلات العشوائية',
  },
  'ALL-3': { en: 'one kind of job so far: installing software', ar: 'نوع واحد من المهام حتى الآن: تثبيت البرامج' },
  'ALL-6': {
    en: 'sites only; databases and certificates come later',
    ar: 'المواقع فقط، وقواعد البيانات والشهادات لاحقًا',
  },
  'ALL-11': { en: 'time to restore a backup', ar: 'زمن استعادة نسخة احتياطية' },
  'DASH-2': { en: 'a collector that stopped by itself', ar: 'جامع بيانات توقف وحده' },
  'RUN-1': {
    en: 'ten thousand requests to an application, and compose',
    ar: 'عشرة آلاف طلب إلى تطبيق، وcompose',
  },
  'RUN-2': { en: 'compose, which comes later', ar: 'compose، ويأتي لاحقًا' },
  'RUN-4': { en: 'tokens of providers, which come later', ar: 'رموز المزوّدين، وتأتي لاحقًا' },
  'RUN-6': { en: 'control groups of the second version only', ar: 'الإصدار الثاني من مجموعات التحكم وحده' },
  'JOB-1': {
    en: 'further kinds of jobs; 200 random kills in one run',
    ar: 'أنواع المهام الأخرى، ومئتا قتل عشوائي في تشغيل واحد',
  },
  'JOB-3': { en: 'copies, imports and archives', ar: 'النسخ والاستيراد والأرشيفات' },
  'SVC-2': {
    en: 'the report before the panel itself is installed; before each program it stands',
    ar: 'التقرير قبل تثبيت اللوحة نفسها، أما قبل كل برنامج فهو قائم',
  },
  'FTP-1': {
    en: 'FTP accounts of single sites',
    ar: 'حسابات FTP لمواقع مفردة',
  },
  'USER-5': { en: 'each screen with each role', ar: 'كل شاشة مع كل دور' },
  'UX-4': { en: 'every component that must and must not mirror', ar: 'كل عنصر يجب أن ينعكس أو ألا ينعكس' },
  'UX-5': {
    en: 'Hijri dates and search without hamza and vowel marks',
    ar: 'التاريخ الهجري والبحث مع تجاهل الهمزات والتشكيل',
  },
  'UX-6': { en: 'every screen by keyboard alone', ar: 'كل شاشة بلوحة المفاتيح وحدها' },
  'CMD-1': {
    en: 'names of packages, volumes and addresses, which come later',
    ar: 'أسماء الحزم والأقراص والعناوين، وتأتي لاحقًا',
  },
  'CERT-2': { en: 'servers that the panel manages from afar', ar: 'الخوادم التي تديرها اللوحة عن بُعد' },
  'CMD-3': { en: 'every one-line field of the web process', ar: 'كل حقل من سطر واحد في خادم الويب' },
  'CMD-7': { en: 'terminals and programs of sites', ar: 'الطرفيات وبرامج المواقع' },
  'CMD-8': { en: 'choices of features to come', ar: 'اختيارات المزايا القادمة' },
  'CONF-1': { en: 'languages other than that of nginx', ar: 'لغات غير لغة nginx' },
  'CONF-8': { en: 'password files and protected folders', ar: 'ملفات كلمات المرور والمجلدات المحمية' },
  'FILE-1': { en: 'folders outside of sites', ar: 'المجلدات خارج المواقع' },
  'FILE-2': {
    en: 'root after elevation, marked on screen',
    ar: 'العمل بصلاحيات root بعد التأكيد مع تمييزه على الشاشة',
  },
  'FILE-4': {
    en: 'the rate beside nginx as a figure of the bench',
    ar: 'السرعة بجانب nginx كرقم قياس',
  },
  'FILE-5': { en: 'frames per second while scrolling as a figure', ar: 'عدد الإطارات في الثانية أثناء التمرير كرقم' },
  'PATH-5': { en: 'uploads of pictures and of plug-ins, which come later', ar: 'رفع الصور والإضافات، ويأتي لاحقًا' },
  'PATH-4': { en: 'preview and backup', ar: 'المعاينة والنسخ الاحتياطي' },
  'PATH-6': { en: 'backups and releases of applications', ar: 'النسخ الاحتياطية وإصدارات التطبيقات' },
  'PATH-7': { en: 'a mount below the folder; emptying the bin', ar: 'قرص موصول داخل المجلد، وإفراغ السلة' },
  'T-4': {
    en: 'tls-alpn-01, addresses in place of names, 90 % of refused nonces, and a double for ARI',
    ar: 'tls-alpn-01، والعناوين بدل الأسماء، ورفض 90% من الأرقام، وبديل يختبر ARI',
  },
  'T-10': {
    en: 'a certificate for an IP address, which certbot of Debian 12 does not order',
    ar: 'شهادة لعنوان IP، ولا يطلبها certbot في Debian 12',
  },
  'T-13': { en: 'nmap, and testssl.sh 3.2 of Debian 13', ar: 'nmap، وtestssl.sh 3.2 من Debian 13' },
  'TLS-1': {
    en: 'a dry run of its own; what is to be fixed is told when an order begins, before the authority is asked',
    ar: 'تجربة مستقلة بلا طلب؛ أما ما يلزم إصلاحه فيُذكر عند بدء الطلب قبل سؤال السلطة',
  },
  'TLS-4': {
    en: 'the row of the panel in the same run; it is settled by what the agent says afterwards',
    ar: 'سطر اللوحة في التشغيل نفسه، وهو يُسوّى بما يقوله الوكيل بعدها',
  },
  'OUT-2': { en: 'terminals', ar: 'الطرفيات' },
  'OUT-5': { en: 'webhooks and downloads', ar: 'الخطافات والتنزيل' },
  'CERT-4': { en: 'a signature, once releases are published', ar: 'التوقيع عند نشر الإصدارات' },
  'DB-1': { en: 'tools such as phpMyAdmin; every operation to come', ar: 'أدوات مثل phpMyAdmin، وكل عملية قادمة' },
  'DB-3': {
    en: 'an import with a whole gigabyte and a browser that is closed in the middle',
    ar: 'استيراد غيغابايت كامل مع إغلاق المتصفح في منتصفه',
  },
  'FAULT-1': { en: 'every operation to come', ar: 'كل عملية قادمة' },
  'FAULT-2': { en: 'database, backup and upload', ar: 'قاعدة البيانات والنسخ الاحتياطي والرفع' },
  'FAULT-5': { en: 'terminals and tables of a million rows', ar: 'الطرفيات وجداول بمليون صف' },
  'FAULT-7': { en: 'a certificate authority and Docker', ar: 'هيئة الشهادات وDocker' },
  'FAULT-8': { en: 'files and backups', ar: 'الملفات والنسخ الاحتياطية' },
  'AUTH-6': { en: 'streams opened with a token', ar: 'البث المفتوح برمز' },
  'AUTH-9': {
    en: 'e-mail addresses and identity providers, which come later',
    ar: 'عناوين البريد ومزوّدو الهوية، وتأتي لاحقًا',
  },
  'PERM-1': { en: 'ids inside bodies, and terminals', ar: 'الأرقام داخل الطلبات، والطرفيات' },
  'PERM-8': {
    en: 'certificate challenges, which come later',
    ar: 'تحديات الشهادات، وتأتي لاحقًا',
  },
  'WEB-2': { en: 'mails and callbacks, which come later', ar: 'البريد والنداءات الراجعة، وتأتي لاحقًا' },
  'OUT-1': { en: 'mails, job output and remarks in every view', ar: 'البريد ومخرجات المهام والملاحظات في كل عرض' },
  'S-5': {
    en: 'a refused connection leaves no line of its own: the mode of the socket refuses it',
    ar: 'الاتصال المرفوض لا يترك سطرًا، فصلاحية المقبس هي التي ترفضه',
  },
  'S-6': { en: 'two changes of one password at once', ar: 'تغييران متزامنان لكلمة مرور واحدة' },
  'S-7': { en: 'the headers of every single route', ar: 'ترويسات كل مسار على حدة' },
  'S-8': {
    en: 'the flood with the real agent is a figure of the bench, not of every run',
    ar: 'الإغراق مع الوكيل الحقيقي رقم في القياسات لا في كل تشغيل',
  },
  'AUD-1': { en: 'a tampered line that the command itself finds', ar: 'سطر معبوث به يكشفه الأمر نفسه' },
  'AUD-2': {
    en: 'a full disk under the audit log; refused readings',
    ar: 'امتلاء القرص تحت سجل التدقيق، والقراءات المرفوضة',
  },
  'L-9': { en: 'a tampered line that the command itself finds', ar: 'سطر معبوث به يكشفه الأمر نفسه' },
  'AUTH-8': {
    en: 'somebody who keeps guessing at one account keeps its passwords and codes closed for its owner too',
    ar: 'من يواصل التخمين على حساب يبقي كلمات مروره ورموزه مقفلة على صاحبه أيضًا',
  },
  'ARCH-1': {
    en: 'the same rules in the file manager and imports of whole sites, which come later',
    ar: 'القواعد نفسها في مدير الملفات واستيراد المواقع كاملة، وتأتي لاحقًا',
  },
  'CMD-5': { en: 'imports and catalogues from Git, which come later', ar: 'الاستيراد والفهارس من Git، وتأتي لاحقًا' },
  'ARCH-3': {
    en: 'backups of other panels; a file of settings, which comes later',
    ar: 'نسخ اللوحات الأخرى الاحتياطية، وملف الإعدادات الذي يأتي لاحقًا',
  },
  'MIG-2': {
    en: 'locked folders and bound sub-folders, which are named and stay',
    ar: 'المجلدات المقفلة والمربوطة التي تُذكر وتبقى',
  },
  'MIG-4': {
    en: 'what changed since: a site that is here already is left as it is',
    ar: 'ما تغيّر منذ ذلك: الموقع الموجود هنا يُترك كما هو',
  },
  'ARCH-2': { en: 'catalogues from Git, which come later', ar: 'الفهارس من Git، وتأتي لاحقًا' },
  'WEB-6': { en: 'callbacks of providers, which come later', ar: 'استدعاءات المزوّدين، وتأتي لاحقًا' },
  'PERM-7': { en: 'schedules and Docker, which come later', ar: 'الجدولة وDocker، وتأتي لاحقًا' },
  'TERM-3': { en: 'the echo of keys, measured while another one streams', ar: 'صدى المفاتيح مقيسًا وطرفية أخرى تتدفق' },
};
