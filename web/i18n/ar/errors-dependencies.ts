/** Why packages of a project were not installed. */
export const dependencyReasons = {
  dependency_failed:
    'انتهت الخطوة \u2068{{step}}\u2069 بالرمز \u2068{{code}}\u2069. ربما تغيّر جزء مما كان، والسجل يبيّن السبب. أصلحه ثم ابدأ من جديد.',
  dependency_file_missing: 'لا يوجد \u2068{{file}}\u2069 في مجلد المشروع فلم يبدأ شيء. ضعه فيه أولًا.',
  dependency_interrupted: 'انقطع التثبيت عدة مرات فتُرك. ابدأه من جديد.',
  dependency_script_missing: 'ليس في package.json أمر باسم \u2068{{script}}\u2069 فلم يبدأ شيء. اختر أمرًا من أوامره.',
  dependency_timeout: 'تجاوز \u2068{{minutes}}\u2069 دقيقة فأُوقف. انظر في السجل ما الذي كان ينتظره.',
  dependency_tool_missing:
    'الأداة \u2068{{tool}}\u2069 غير مثبتة على هذا الخادم فلم يبدأ شيء. ثبّتها أو اختر أداة أخرى.',
  dependency_under_way: 'يجري تثبيت حزم هذا الموقع الآن، ولم يبدأ شيء آخر. انتظر النهاية أو ألغِ المهمة.',
} as const;

export const dependencyFields = {
  package_mirror_invalid: 'اكتب عنوانًا يبدأ بـhttps بلا اسم مستخدم. مثال: \u2068https://npm.example.com/\u2069',
  requirements_file_invalid: 'اكتب اسم قائمة في مجلد المشروع. مثال: \u2068requirements.txt\u2069',
  script_name_invalid: 'اكتب اسم أمر من أوامر package.json. مثال: \u2068build\u2069',
} as const;
