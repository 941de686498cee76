/** Why WordPress was not installed. Files and database are as before in every case. */
export const wordpressReasons = {
  download_missing: 'لا يوجد هذا الملف في \u2068{{host}}\u2069، ولم يتغيّر شيء. تحقق من الإصدار.',
  download_refused:
    'ما يُراد جلبه من \u2068{{host}}\u2069 في عنوان لا يُسأل، كعناوين الشبكة الداخلية، ولم يتغيّر شيء. قدّم الأرشيف بيدك.',
  download_unreachable:
    'لا يمكن الوصول إلى \u2068{{host}}\u2069 من هذا الخادم، ولم يتغيّر شيء. حاول لاحقًا أو قدّم الأرشيف بيدك.',
  wordpress_extensions_missing:
    'تنقص PHP إضافات لا يحق لك تثبيتها: \u2068{{names}}\u2069. لم يتغيّر شيء؛ اطلب من مدير تثبيتها.',
  wordpress_folder_used:
    'في مجلد الموقع شيء من قبل، ولم يتغيّر فيه شيء. يحتاج WordPress إلى مجلد فارغ: أزل ما فيه أو أنشئ موقعًا آخر.',
  wordpress_has_config:
    'في الأرشيف ملف wp-config.php خاص به: إنه نسخة من موقع لا WordPress كما يقدّمه صانعوه. لم يتغيّر شيء؛ ضعه في الموقع من تبويب رفع الملفات.',
  wordpress_needs_php: 'يحتاج WordPress إلى موقع PHP، ولم يتغيّر شيء.',
  wordpress_not_in_archive: 'ليس في هذا الأرشيف WordPress، ولم يتغيّر شيء. خذ ملف zip أو tar.gz من wordpress.org.',
  wordpress_other_database: 'قاعدة البيانات هذه ليست للموقع، ولم يتغيّر شيء.',
  wordpress_size: 'يذكر الخادم حجمًا مستحيلًا للإصدار، ولم يُحفظ شيء. حاول لاحقًا أو قدّم الأرشيف بيدك.',
  wordpress_sum_differs:
    'ما وصل ليس ما نشره صانعوه: مجموعا SHA-1 مختلفان. لم يُحفظ منه شيء. حاول مجددًا؛ وإن بقي كذلك فأحدهم في الوسط.',
  wordpress_sum_unreadable: 'لا يمكن قراءة المجموع المنشور للإصدار، ولم يُجلب شيء. حاول لاحقًا أو قدّم الأرشيف بيدك.',
  wordpress_under_way: 'يجري تثبيت WordPress في هذا الموقع بالفعل. انتظر حتى ينتهي.',
} as const;

export const wordpressFaults = {
  table_prefix_invalid: 'حرف ثم حروف وأرقام، وفي آخره _ مثل wp_',
  wordpress_version_invalid: '«latest» أو إصدار مثل 6.8.1.',
} as const;
