/** What is wrong with databases of sites, or with their server. */
export const databaseReasons = {
  database_copy_unknown: 'لم تعد هذه النسخة محفوظة. حدّث الصفحة.',
  database_export_let_go: 'انقطع الاتصال قبل أن يكتمل الملف. صدّر القاعدة من جديد.',
  database_export_nothing: 'لم يعد يمكن قراءة أيٍّ من طرق العرض هذه: ما تعرضه لم يعد موجودًا.',
  database_export_refused: 'لم يصل التصدير إلى نهايته: \u2068{{said}}\u2069. احذف الملف لأنه غير كامل.',
  database_export_unknown: 'نُزّل هذا التصدير من قبل أو طال انتظاره. ابدأه من جديد.',
  database_exports_busy: 'تُنزَّل الآن ثلاثة تصديرات. انتظر حتى ينتهي أحدها ثم أعد المحاولة.',
  database_import_archive: 'يجب أن يكون في الأرشيف ملف ‎.sql‎ واحد لا غير.',
  database_import_client_command:
    'السطر \u2068{{line}}\u2069 ليس SQL بل أمر من أوامر برنامج عميل (\u2068{{name}}\u2069)، ولا يُنفَّذ هنا. احذفه من الملف.',
  database_import_cut_off: 'انقطع الاستيراد في منتصفه. أرجع النسخة السابقة ثم استورد من جديد.',
  database_import_cut_short:
    'ينتهي الملف في منتصف شيء يبدأ في السطر \u2068{{line}}\u2069، فهو غير مكتمل. احصل عليه من جديد.',
  database_import_denied:
    'يطلب السطر \u2068{{line}}\u2069 أكثر مما يحق لحساب هذه القاعدة: \u2068{{said}}\u2069 (\u2068{{code}}\u2069)',
  database_import_format: 'ليس هذا نص SQL. لا تُقبل نسخ pg_dump بالصيغة المخصصة ولا ملفات UTF-16؛ اصنع نسخة نصية.',
  database_import_login:
    'لا يسمح الخادم بدخول \u2068{{user}}\u2069 بكلمة المرور المحفوظة هنا. غيّر كلمة مرور القاعدة ثم أعد المحاولة.',
  database_import_long:
    'الأمر في السطر \u2068{{line}}\u2069 أطول مما يقبله الخادم (\u2068{{mostBytes}}\u2069). اصنع النسخة بأوامر أقصر.',
  database_import_no_room:
    'لا تكفي المساحة على القرص: يلزم \u2068{{neededBytes}}\u2069 والمتاح \u2068{{freeBytes}}\u2069.',
  database_import_refused: 'لم يقبل الخادم السطر \u2068{{line}}\u2069: \u2068{{said}}\u2069 (\u2068{{code}}\u2069)',
  database_import_several:
    'تبدأ في السطر \u2068{{line}}\u2069 قاعدة ثانية (\u2068{{name}}\u2069). اصنع نسخة من قاعدة واحدة فقط.',
  database_cursor_invalid: 'لم تعد هذه الصفحة متاحة. ارجع إلى الأولى.',
  console_busy: 'تُنفَّذ أربع عبارات الآن، وهذا أقصى ما يُنفَّذ معًا. انتظر انتهاء واحدة ثم أعد المحاولة.',
  database_account_mighty:
    'للحساب \u2068{{name}}\u2069 صلاحيات على الخادم كله، فلا يدخل الوحدة بها. اسحب منه \u2068FILE\u2069 و\u2068SUPER\u2069 وأدوار \u2068pg_*\u2069 ثم أعد المحاولة.',
  database_account_owned: 'يتبع \u2068{{name}}\u2069 قاعدة من قواعد اللوحة. كلمة مروره وحذفه في صفحة تلك القاعدة.',
  database_account_system: 'يتبع \u2068{{name}}\u2069 الخادم أو النظام، فلا يُغيَّر من هنا.',
  database_account_unknown: 'لم يعد هذا الحساب موجودًا. حدّث الصفحة.',
  database_exists: 'توجد قاعدة باسم \u2068{{name}}\u2069 من قبل، ولم يتغيّر شيء. اختر اسمًا آخر.',
  database_grant_owner: 'تتبع \u2068{{name}}\u2069 هذا الحساب، فتبقى صلاحياته عليها كما هي.',
  database_grant_system:
    'يحتفظ الخادم بالقاعدة \u2068{{name}}\u2069 لنفسه، والصلاحية عليها صلاحية على كل شيء. لم يتغيّر شيء.',
  database_not_empty: 'في \u2068{{name}}\u2069 بيانات، فلم تُسحب. احذفها من صفحة قواعد البيانات.',
  database_query_slow: 'استغرق الخادم أكثر من 5 ثوانٍ فأُوقف الاستعلام، ولم يتغيّر شيء. قد يكون السبب طريقة عرض (view).',
  database_process_gone: 'انتهى هذا الاتصال من نفسه.',
  database_process_system: 'هذا خيط يعود إلى الخادم نفسه، فيُترك.',
  database_removal_unknown: 'لم يُحفظ شيء من هذا الحذف. حدّث الصفحة.',
  database_run_failed: 'لم ينجح ذلك، وعاد كل شيء كما كان. التفاصيل في سجل المهمة.',
  database_run_interrupted: 'انقطع العمل عدة مرات، ويُستأنف من نفسه حين يستجيب الخادم.',
  database_server_away: 'خادم قواعد البيانات لا يستجيب، ولم يتغيّر شيء. افحص خدمته ثم أعد المحاولة.',
  database_server_denied:
    'لا يسمح خادم قواعد البيانات لحسابه الأعلى بالدخول عبر مقبسه، ولم يتغيّر شيء. أعد \u2068unix_socket\u2069 إلى \u2068root@localhost\u2069، أو الطريقة peer إلى \u2068postgres\u2069.',
  database_server_missing: 'خادم قواعد البيانات هذا غير مثبّت. ثبّته من صفحة قواعد البيانات.',
  database_server_unsupported: 'تعمل اللوحة مع MariaDB من 10.5 وPostgreSQL من 13 فما فوق، والخادم هنا غيره. لم يُمس.',
  database_server_refused:
    'رفض خادم قواعد البيانات ذلك (خطأ \u2068{{code}}\u2069)، وبقي كل شيء كما كان. راجع سجل الخادم.',
  database_settings_changed: 'تغيّرت الإعدادات أو ملفها في هذه الأثناء. انظر إليها من جديد أولًا.',
  database_settings_overridden:
    'في ملف إعدادات آخر قيمة أخرى لـ \u2068{{name}}\u2069 وكانت ستغلب، فبقي كل شيء كما كان.',
  database_settings_place: 'لا يقرأ هذا الخادم مجلد إعدادات تعرفه اللوحة.',
  database_settings_refused: 'لا يقبل خادم قواعد البيانات هذه الإعدادات، فبقي كل شيء كما كان.',
  database_table_unknown: 'لم يعد هذا الجدول موجودًا. حدّث الصفحة.',
  database_under_way: 'هذه القاعدة قيد الإنشاء أو الحذف أو الاسترجاع. أعد المحاولة بعد أن ينتهي ذلك.',
  database_unknown: 'لم تعد هذه القاعدة موجودة. حدّث الصفحة.',
  database_user_exists: 'يوجد مستخدم قواعد بيانات باسم \u2068{{user}}\u2069 من قبل، ولم يتغيّر شيء. اختر اسمًا آخر.',
} as const;

export const databaseFields = {
  console_statement_long: 'العبارة أطول من 100,000 حرف. اختصرها أو استورد ملفًا.',
  console_statement_nul: 'في العبارة الحرف \u2068NUL\u2069. احذفه.',
  database_charset_engine: 'ليس في هذا الخادم هذا الترميز. اختر من القائمة.',
  database_exists: 'توجد قاعدة باسم \u2068{{name}}\u2069 من قبل. اختر اسمًا آخر.',
  database_host_invalid:
    '‏localhost، أو عنوان مثل \u2068192.0.2.10\u2069، أو شبكة مثل \u2068192.0.2.%\u2069، أو % لأي مكان.',
  database_locale_unknown: 'لا يعرف الخادم هذه الإعدادات المحلية لهذا الترميز. اختر من القائمة.',
  database_name_plain: '63 محرفًا على الأكثر: حروف لاتينية وأرقام و_ و-، ويبدأ بحرف. مثال: \u2068shop_1\u2069',
  database_name_reserved: 'يحتفظ خادم قواعد البيانات بهذا الاسم لنفسه. اختر اسمًا آخر.',
  database_not_for_kind: 'لا تأتي قاعدة بيانات إلا مع مواقع PHP والتطبيقات.',
  database_password_invalid: 'من 8 إلى 128 محرفًا في سطر واحد: حروف لاتينية وأرقام ورموز ومسافات.',
  database_table_unknown: 'لا يوجد هذا الجدول في القاعدة.',
  database_user_exists: 'يوجد مستخدم قواعد بيانات باسم \u2068{{user}}\u2069 من قبل. اختر اسمًا آخر.',
  database_user_invalid: '32 محرفًا على الأكثر: حروف لاتينية وأرقام و_ و-، ويبدأ بحرف. مثال: \u2068shop\u2069',
  database_user_reserved: 'هذا الاسم للنظام. اختر اسمًا آخر.',
} as const;
