import type { Bilingual } from './area.ts';
import { partialHostile } from './partial-hostile.ts';

/** Ids with tests that do not yet do the whole check: what is missing. Sorted by document order. */
export const partial: Readonly<Record<string, Bilingual>> = {
  'P0-1': {
    en: 'tests of the requirements whose time has not come; none of them is hidden',
    ar: 'اختبارات المتطلبات التي لم يحن وقتها، وليس فيها ما هو مخفي',
  },
  'P0-7': { en: 'running the whole suite from two different folders', ar: 'تشغيل كل الاختبارات من مجلدين مختلفين' },
  'P0-8': { en: 'stubs first in PATH for every script', ar: 'بدائل وهمية في أول PATH لكل نص' },
  'P0-10': {
    en: 'a walk over every changing call that looks for its audit row',
    ar: 'المرور على كل طلب مغيّر والبحث عن سطر تدقيقه',
  },
  'P1.2-8': {
    en: 'a stored secret that is read after a rotation: secrets are kept by the agent under keys of its own, which SECRET_KEY does not touch',
    ar: 'قراءة سر مخزَّن بعد التبديل: الأسرار عند الوكيل بمفاتيح خاصة به لا صلة لها بـ SECRET_KEY',
  },
  'P1.3-5': { en: 'a run in random order as part of bin/test', ar: 'تشغيل بترتيب عشوائي ضمن bin/test' },
  'P2.1-1': { en: 'the container image itself', ar: 'صورة الحاوية نفسها' },
  'P2.1-4': { en: 'the container image itself', ar: 'صورة الحاوية نفسها' },
  'P2.3-4': {
    en: 'limits of parallel and of quick requests through nginx',
    ar: 'حدود الطلبات المتوازية والسريعة عبر nginx',
  },
  'P2.4-1': { en: 'the audit row of an action that the agent refused', ar: 'سطر التدقيق لفعل رفضه الوكيل' },
  'P2.4-2': {
    en: 'notify, watchdog and reload of the web process',
    ar: 'الإشعار والمراقبة وإعادة التحميل لخادم الويب',
  },
  'P2.4-4': {
    en: 'the file of settings is 0640 of root and of the group of the panel, which reads it, and not 0600',
    ar: 'ملف الإعدادات بصلاحية 0640 لـ root ومجموعة اللوحة التي تقرؤه، لا 0600',
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
  'P4.2-8': { en: 'the same with ten sets in a repository', ar: 'الشيء نفسه بعشر نسخ في مستودع حقيقي' },
  'P4.2-12': {
    en: 'S3 in every run: it was tried with the S3 of OpenStack Swift, by hand; going on after a broken connection',
    ar: 'S3 في كل تشغيل للاختبارات، فقد جُرّب يدويًا أمام S3 من OpenStack Swift، والمتابعة بعد انقطاع الاتصال',
  },
  'P5.1-1': {
    en: 'promtool and a real Prometheus run only where they are installed; a strict reader runs everywhere',
    ar: 'لا يعمل promtool وPrometheus الحقيقي إلا حيث ثُبّتا، أما القارئ الصارم فيعمل في كل مكان',
  },
  'P5.1-5': {
    en: 'a probe from another machine stands behind secret entry and address list like everybody; on this machine it is exempt',
    ar: 'الفحص من جهاز آخر خلف المسار السري وقائمة العناوين كغيره، وعلى الجهاز نفسه مستثنى',
  },
  'P5.2-2': { en: 'certificates: no figure of them is exported', ar: 'الشهادات: لا يُصدَّر رقم عنها' },
  'P7.1-2': { en: 'running every snippet on the throw-away machine', ar: 'تشغيل كل مقطع على الجهاز المؤقت' },
  'P7.1-4': {
    en: 'runbooks and known issues; building the docs offline',
    ar: 'أدلة الطوارئ والمشكلات المعروفة وبناء الوثائق بلا شبكة',
  },
  'H-1': {
    en: 'full disk, 200 requests per second, proof that nothing is opened',
    ar: 'القرص الممتلئ و200 طلب في الثانية وإثبات أنه لا يفتح شيئًا',
  },
  'H-2': { en: 'load limits, ?verbose and ?exclude=', ar: 'حدود الحمل و?verbose و?exclude=' },
  'H-3': { en: 'the deployment probe', ar: 'فحص النشر' },
  'H-4': { en: 'a JSON schema of the detailed answer in the repository', ar: 'مخطط JSON للإجابة المفصلة في المستودع' },
  'H-5': { en: 'a check that has not yet run', ar: 'الفحص الذي لم يُنفَّذ بعد' },
  'H-6': { en: 'a second SIGTERM and the drain limit under this id', ar: 'إشارة ثانية وحد التصريف تحت هذا الرقم' },
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
  'SITE-2': {
    en: 'abstract sockets before Linux 6.12, and between sites that were told to share a process of PHP or came when the memory for more was used up',
    ar: 'المقابس المجردة قبل لينكس 6.12، وبين مواقع طُلب لها أن تتشارك عملية PHP أو أُنشئت بعد نفاد الذاكرة المخصصة لذلك',
  },
  'T-4': {
    en: 'tls-alpn-01, addresses in place of names, 90 % of refused nonces, and a double for ARI',
    ar: 'tls-alpn-01، والعناوين بدل الأسماء، ورفض 90% من الأرقام، وبديل يختبر ARI',
  },
  'T-10': {
    en: 'a certificate for an IP address, which certbot of Debian 12 does not order',
    ar: 'شهادة لعنوان IP، ولا يطلبها certbot في Debian 12',
  },
  'T-13': { en: 'nmap, and testssl.sh 3.2 of Debian 13', ar: 'nmap، وtestssl.sh 3.2 من Debian 13' },
  'S-3': {
    en: 'somebody who answers for each exception of the allow-lists',
    ar: 'مسؤول مسمّى عن كل استثناء في قوائم السماح',
  },
  'S-4': {
    en: 'fifty generated inputs for each action and a fuzz run of a minute',
    ar: 'خمسون مدخلًا مولّدًا لكل فعل ودقيقة من المدخلات العشوائية',
  },
  'S-5': {
    en: 'a refused connection leaves no line of its own: the mode of the socket refuses it',
    ar: 'الاتصال المرفوض لا يترك سطرًا، فصلاحية المقبس هي التي ترفضه',
  },
  'S-8': {
    en: 'the flood with the real agent is a figure of the bench, not of every run',
    ar: 'الإغراق مع الوكيل الحقيقي رقم في القياسات لا في كل تشغيل',
  },
  'B-1': { en: 'the audit row of each refusal', ar: 'سطر التدقيق لكل رفض' },
  'B-2': { en: 'a thousand random flips in one repository', ar: 'ألف تغيير عشوائي في مستودع واحد' },
  'B-5': { en: 'the weekly plan itself on a booted machine', ar: 'الخطة الأسبوعية نفسها على جهاز مقلع' },
  'B-8': {
    en: 'memory under 300 MB with 200,000 files and the rate are figures of the bench',
    ar: 'الذاكرة دون 300 م.ب مع 200 ألف ملف والسرعة أرقام في قياس الأداء',
  },
  'B-9': {
    en: 'a power cut that loses unsynced writes; an upload that goes on',
    ar: 'انقطاع كهرباء يضيع ما لم يُثبَّت، ومتابعة الرفع',
  },
  'B-10': { en: 'S3 and WebDAV against servers, object lock', ar: 'S3 وWebDAV أمام خوادم وقفل الكائنات' },
  'B-11': { en: 'one table of a database', ar: 'جدول واحد من قاعدة' },
  'M-4': { en: 'the 503 over HTTP after a whole minute of waiting', ar: 'الجواب 503 عبر HTTP بعد دقيقة انتظار كاملة' },
  'M-7': { en: 'pending migrations in the UI', ar: 'عرض الترحيلات المعلّقة في الواجهة' },
  'ALL-3': {
    en: 'the same of every kind of job, and that nothing longer than a second runs outside of one; installing software is tried in the browser',
    ar: 'الشيء نفسه لكل نوع من المهام، وألا يعمل خارجها ما يطول عن ثانية؛ والمجرَّب في المتصفح تثبيت البرامج',
  },
  'ALL-4': {
    en: 'an action of the agent without a permission: the types forbid it, no test plants one',
    ar: 'فعل للوكيل بلا صلاحية: تمنعه الأنواع ولا يزرعه اختبار',
  },
  'ALL-6': {
    en: 'certificates, scheduled jobs, people, roles, backup targets and plans are deleted after one question, without the hash of what was shown',
    ar: 'الشهادات والمهام المجدولة والأشخاص والأدوار ووجهات النسخ وخططه تُحذف بعد سؤال واحد، بلا بصمة لما عُرض',
  },
  'ALL-9': {
    en: 'that every text also says how to put it right; words of nginx, of packages and of programs are shown as they were said',
    ar: 'أن يقول كل نص كيف يُصلَح الخطأ؛ وكلام nginx والحزم والبرامج يُعرض كما قيل',
  },
  'ALL-11': { en: 'time to restore a backup', ar: 'زمن استعادة نسخة احتياطية' },
  'DASH-2': { en: 'a collector that stopped by itself', ar: 'جامع بيانات توقف وحده' },
  'RUN-1': {
    en: 'ten thousand requests while an application is replaced: a site of files is given them; compose, which does not exist yet',
    ar: 'عشرة آلاف طلب أثناء استبدال تطبيق، وهي مجرَّبة على موقع ملفات؛ وcompose غير موجود بعد',
  },
  'RUN-4': {
    en: 'plain values of the environment can be read again: only those that are marked as secret are write-only',
    ar: 'القيم العادية في بيئة التطبيق تُقرأ ثانيةً، وما عُلّم سرًا وحده يُكتب ولا يُقرأ',
  },
  'TLS-1': {
    en: 'a dry run of its own; what is to be fixed is told when an order begins, before the authority is asked',
    ar: 'تجربة مستقلة بلا طلب؛ أما ما يلزم إصلاحه فيُذكر عند بدء الطلب قبل سؤال السلطة',
  },
  'TLS-4': {
    en: 'the row of the panel in the same run; it is settled by what the agent says afterwards',
    ar: 'سطر اللوحة في التشغيل نفسه، وهو يُسوّى بما يقوله الوكيل بعدها',
  },
  'DB-1': {
    en: 'PostgreSQL after its installation, and what other operations of databases open',
    ar: 'PostgreSQL بعد تثبيته، وما تفتحه عمليات القواعد الأخرى',
  },
  'DB-3': {
    en: 'a whole gigabyte beside the bare client is a figure of the bench; a browser that is closed in the middle',
    ar: 'غيغابايت كامل بجانب العميل المجرد رقم في القياسات؛ وإغلاق المتصفح في المنتصف',
  },
  'FILE-1': {
    en: '10,000 rounds for each operation: saving and uploading are tried in 3,000',
    ar: 'عشرة آلاف جولة لكل عملية: الحفظ والرفع مجرَّبان في ثلاثة آلاف',
  },
  'FILE-2': {
    en: 'work as root after a confirmation, marked on screen: among files it does not exist yet',
    ar: 'العمل بصلاحيات root بعد التأكيد مع تمييزه على الشاشة: لا وجود له بين الملفات',
  },
  'FILE-4': {
    en: 'two gigabytes and memory under 200 MB are figures of the bench; less is sent in every run',
    ar: 'غيغابايتان والذاكرة دون 200 م.ب أرقام في القياسات، وكل تشغيل يرسل أقل',
  },
  'FILE-5': {
    en: 'the first rows of 100,000 entries and the frames per second while scrolling are figures of the bench',
    ar: 'أول صفوف مجلد من مئة ألف عنصر وعدد الإطارات في الثانية أثناء التمرير رقمان في القياسات',
  },
  'TERM-3': {
    en: 'the echo of keys while output streams is a figure of the bench',
    ar: 'صدى المفاتيح أثناء تدفق المخرجات رقم في القياسات',
  },
  'CRON-4': {
    en: 'the chart shows how long runs took; memory and processor time stand in the table beside it',
    ar: 'يعرض المخطط مدة التشغيلات، أما الذاكرة وزمن المعالج ففي الجدول بجانبه',
  },
  'JOB-1': {
    en: 'the same for every kind of job; 200 random kills in one run',
    ar: 'الشيء نفسه لكل نوع من المهام، ومئتا قتل عشوائي في تشغيل واحد',
  },
  'JOB-3': {
    en: 'copies, imports and archives while the connection is cut',
    ar: 'النسخ والاستيراد والأرشيفات مع قطع الاتصال',
  },
  'SVC-1': {
    en: 'how long it takes until PHP is ready, its limits of processor and memory, and sites that answer meanwhile',
    ar: 'الزمن حتى تجهز PHP، وحدود المعالج والذاكرة أثناء تثبيتها، وردود المواقع في تلك الأثناء',
  },
  'SVC-2': {
    en: 'the report before the panel itself is installed; before each program it stands',
    ar: 'التقرير قبل تثبيت اللوحة نفسها، أما قبل كل برنامج فهو قائم',
  },
  'MIG-1': {
    en: 'FTP accounts and scheduled jobs of the old panel are only counted; its firewall rules and people are not named',
    ar: 'حسابات FTP والمهام المجدولة في اللوحة القديمة تُعدّ فقط، وقواعد جدارها الناري ومستخدموها لا يُذكرون',
  },
  'MIG-2': {
    en: 'locked folders and bound sub-folders, which are named and stay',
    ar: 'المجلدات المقفلة والمربوطة التي تُذكر وتبقى',
  },
  'MIG-4': {
    en: 'what changed since: a site that is here already is left as it is',
    ar: 'ما تغيّر منذ ذلك: الموقع الموجود هنا يُترك كما هو',
  },
  'AUD-2': {
    en: 'a full disk under the audit log; refused readings',
    ar: 'امتلاء القرص تحت سجل التدقيق، والقراءات المرفوضة',
  },
  'USER-4': {
    en: 'how soon an open page follows is not timed, and a changed role is not tried on one',
    ar: 'سرعة لحاق الصفحة المفتوحة غير مقيسة، ولم يُجرَّب عليها تغيير الدور',
  },
  'USER-5': { en: 'each screen with each role', ar: 'كل شاشة مع كل دور' },
  'UX-2': {
    en: 'pictures are looked at by people, not compared pixel by pixel',
    ar: 'الصور يراها الناس ولا تُقارن نقطة بنقطة',
  },
  'UX-4': { en: 'every component that must and must not mirror', ar: 'كل عنصر يجب أن ينعكس أو ألا ينعكس' },
  'UX-5': {
    en: 'Hijri dates and search without hamza and vowel marks',
    ar: 'التاريخ الهجري والبحث مع تجاهل الهمزات والتشكيل',
  },
  'UX-6': { en: 'every screen by keyboard alone', ar: 'كل شاشة بلوحة المفاتيح وحدها' },
  ...partialHostile,
};
