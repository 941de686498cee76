export const wordpress = {
  card: 'WordPress',
  cardText: 'موقع PHP وفيه WordPress، بقاعدة بيانات خاصة به.',
  planNote:
    'يُجلب WordPress من wordpress.org ويُقارن بالمجموع المنشور، وتُنشأ له قاعدة بيانات MariaDB بكلمة مرور عشوائية. إن فشلت أي خطوة عاد كل شيء كما كان.',
  otherKind: 'يحتاج WordPress إلى موقع PHP خاص به',
  otherKindText: 'أنشئ موقعًا جديدًا من نوع WordPress، أو موقع PHP لا تأتي ملفاته من مستودع.',
  notStarted: 'الموقع جاهز، أما WordPress فليس بعد',
  unfinished: {
    text: 'يرى الزوار الصفحة الأولى التي وضعتها اللوحة. ابدأ التثبيت من جديد أدناه، أو أزل الموقع.',
    stays: 'الموقع قائم بلا WordPress، ويرى الزوار الصفحة الأولى التي وضعتها اللوحة.',
    remove: 'إزالة الموقع',
  },
  form: {
    title: 'تثبيت WordPress',
    text: 'في خطوة واحدة: قاعدة بيانات بمستخدم خاص بها، والملفات، وإعدادات بمفاتيح جديدة. وما يفشل يُتراجع عنه. يجب أن يكون مجلد الموقع فارغًا.',
    source: 'المصدر',
    sources: { download: 'wordpress.org', archive: 'أرشيف لديّ' },
    sourceTexts: {
      download: 'يُجلب عبر HTTPS ويُقارن بالمجموع المنشور.',
      archive: 'للأجهزة المنقطعة عن الشبكة: ملف zip أو tar.gz من wordpress.org، تُرسله من هنا.',
    },
    language: 'اللغة',
    languages: { ar: 'العربية', en: 'English' },
    version: 'الإصدار',
    versionHint: 'اتركه فارغًا للأحدث',
    archive: 'الأرشيف',
    extensions: 'إضافات PHP التي تُثبّت معه: {{names}}.',
    failed: 'لم يبدأ التثبيت',
    installServer: 'تثبيت MariaDB',
    byHand: 'تقديم أرشيف',
    install: 'تثبيت WordPress',
  },
  job: {
    title: 'WordPress',
    log: 'السجل',
    done: 'صار WordPress في مكانه',
    doneText:
      'اختر العنوان والاسم وكلمة المرور في المتصفح: لا حساب لأحد هناك قبل ذلك. افعلها الآن، فأول من يصل يصبح مالكه.',
    doneTextPlain:
      'اختر العنوان والاسم وكلمة المرور في المتصفح: لا حساب لأحد هناك قبل ذلك. احصل على شهادة من تبويب HTTPS أولًا كي لا تعبر كلمة المرور مكشوفة، ثم أكمل فورًا، فأول من يصل يصبح مالكه.',
    finish: 'إكمال في المتصفح',
    failed: 'لم يُثبّت WordPress',
    cancelled: 'أُلغي التثبيت',
    takenBack: 'جرى التراجع عن الملفات وقاعدة البيانات.',
    again: 'محاولة أخرى',
  },
} as const;
