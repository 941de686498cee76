/** لماذا لم تُقبل PHP لموقع. */
export const phpReasons = {
  php_broken_elsewhere:
    'ملف إعدادات آخر لـ PHP-FPM \u2068{{version}}\u2069 معطوب، فلم يتغيّر شيء. أصلحه ثم أعد المحاولة. قال PHP-FPM: \u2068{{message}}\u2069',
  php_does_not_include:
    'الملف \u2068{{file}}\u2069 لا يضمّ \u2068pool.d/*.conf\u2069، فلن تُقرأ مجموعات عمليات المواقع، ولم يتغيّر شيء. أضف سطر التضمين ثم أعد المحاولة.',
  php_not_answering:
    'لم يُجب PHP-FPM \u2068{{version}}\u2069 عن هذا الموقع بعد التغيير، فعاد كل شيء كما كان. راجع سجله ثم أعد المحاولة.',
  php_rejected: 'رفض PHP-FPM الإعدادات الجديدة وبقيت القديمة تعمل. قال: \u2068{{message}}\u2069',
  php_version_missing:
    'PHP \u2068{{version}}\u2069 غير مثبّت على هذا الخادم، فلم يتغيّر شيء. ثبّته من صفحة البرامج أو اختر إصدارًا آخر.',
} as const;

/** لماذا لم يُقبل إعداد من إعدادات PHP. */
export const phpFields = {
  php_folder_invalid: 'اكتب المجلد كما يظهر في العنوان دون شرطة في آخره. مثال: \u2068/uploads\u2069',
  php_function_invalid: 'هذا ليس اسم دالة PHP. مثال: \u2068exec\u2069',
  php_not_for_kind: 'إعدادات PHP لمواقع PHP وحدها. احذفها من هذا الموقع.',
  php_open_folder_invalid: 'اكتب المسار كاملًا تحت \u2068/www/wwwroot\u2069 ودون \u2068..\u2069',
  php_open_folder_outside: 'هذا المجلد ليس داخل مجلد الموقع. اختر مجلدًا داخله.',
  php_post_too_small: 'يجب أن يتسع الطلب لملف مرفوع واحد على الأقل: لا تجعله أقل من أكبر ملف مرفوع.',
  php_spare_order: 'لا تجعله أقل من الحد الأدنى للعمليات المنتظرة.',
  php_spare_too_many: 'لا تجعله أكثر من الحد الأعلى للعمليات.',
  php_version_invalid: 'هذا ليس إصدارًا من PHP. مثال: \u20688.2\u2069',
} as const;
