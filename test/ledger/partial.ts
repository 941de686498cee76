import type { Bilingual } from './area.ts';

/** Ids with tests that do not yet do the whole check: what is missing. */
export const partial: Readonly<Record<string, Bilingual>> = {
  'P0-1': {
    en: 'tests of the requirements whose time has not come; none of them is hidden',
    ar: 'اختبارات المتطلبات التي لم يحن وقتها، وليس فيها ما هو مخفي',
  },
  'P0-7': { en: 'running the whole suite from two different folders', ar: 'تشغيل كل الاختبارات من مجلدين مختلفين' },
  'P0-10': {
    en: 'second-factor policy and scoped tokens',
    ar: 'سياسة العامل الثاني والرموز محدودة النطاق',
  },
  'P1.1-4': { en: 'the same on the throw-away machine', ar: 'الاختبار نفسه على الجهاز المؤقت' },
  'P1.2-8': {
    en: 're-wrapping stored secrets: no feature stores one yet',
    ar: 'إعادة تغليف الأسرار المخزنة، ولا ميزة تخزن سرًا بعد',
  },
  'P1.3-5': { en: 'a run in random order as part of bin/test', ar: 'تشغيل بترتيب عشوائي ضمن bin/test' },
  'P2.1-1': { en: 'the container image itself', ar: 'صورة الحاوية نفسها' },
  'P2.1-4': { en: 'the container image itself', ar: 'صورة الحاوية نفسها' },
  'P5.1-2': { en: '/metrics, which comes with monitoring', ar: 'العنوان ‎/metrics الذي يأتي مع المراقبة' },
  'P5.1-4': { en: 'metrics, which come with monitoring', ar: 'المقاييس التي تأتي مع المراقبة' },
  'P5.1-5': {
    en: 'address allow-list and bound domain, which do not exist yet',
    ar: 'قائمة العناوين والنطاق المقيّد، ولم يوجدا بعد',
  },
  'P5.1-6': { en: '/health/metrics, which comes with monitoring', ar: 'العنوان ‎/health/metrics الذي يأتي مع المراقبة' },
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
  'ALL-4': {
    en: 'objects of other people: there is one kind of owner so far',
    ar: 'ممتلكات الآخرين، ولا يوجد حتى الآن إلا نوع واحد من المالكين',
  },
  'USER-4': { en: 'change of role, and terminals', ar: 'تغيير الدور والطرفيات' },
  'USER-7': { en: 'reset and invitation, which come with accounts', ar: 'الاستعادة والدعوة اللتان تأتيان مع الحسابات' },
  'AUTH-3': { en: 'tickets and signatures, which do not exist yet', ar: 'التذاكر والتواقيع، ولم توجد بعد' },
  'AUTH-4': { en: 'codes and e-mail addresses', ar: 'الرموز وعناوين البريد' },
  'AUTH-5': { en: 'elevation and factors', ar: 'رفع الصلاحية والعوامل الإضافية' },
  'AUTH-7': { en: 'a thousand timed tries; reset and invitation', ar: 'ألف محاولة مقيسة، والاستعادة والدعوة' },
  'AUTH-8': { en: 'five hundred sign-ins a second over the network', ar: 'خمسمئة محاولة في الثانية عبر الشبكة' },
  'PERM-3': { en: 'generated cases for every route', ar: 'حالات مولّدة لكل مسار' },
  'PERM-4': { en: 'lists, exports and audit of several people', ar: 'القوائم والتصدير والتدقيق مع عدة أشخاص' },
  'PERM-5': { en: 'a guard that times out', ar: 'حارس تنتهي مهلته' },
  'PERM-6': { en: 'terminals and queued jobs', ar: 'الطرفيات والمهام المنتظرة' },
  'WEB-1': { en: 'bans and access rules of sites, which come later', ar: 'الحظر وقواعد وصول المواقع، وتأتي لاحقًا' },
  'WEB-4': { en: 'terminals with their tickets', ar: 'الطرفيات وتذاكرها' },
  'WEB-5': { en: 'failed WebSocket upgrades', ar: 'محاولات WebSocket الفاشلة' },
};
