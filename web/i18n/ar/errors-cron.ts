/** What is wrong with scheduled jobs. */
export const cronReasons = {
  cron_job_unknown: 'لم تعد هذه المهمة المجدولة موجودة. حدّث الصفحة.',
  cron_run_unknown: 'لم يعد هذا التشغيل محفوظًا. حدّث الصفحة.',
  cron_running: 'المهمة تعمل الآن. انتظر نهايتها أو أوقفها.',
  cron_too_many: 'بلغت المهام المجدولة الحد وهو \u2068{{max}}\u2069. احذف ما لا تحتاج إليه.',
  cron_user_gone: 'لم يعد مستخدم لينكس الذي تعمل به المهمة موجودًا، فلم يبدأ شيء. عدّل المهمة واختر غيره.',
} as const;

export const cronFields = {
  cron_never: 'لا يأتي هذا الموعد أبدًا. راجع الأيام والشهور.',
  cron_past: 'مضى هذا الوقت. اختر وقتًا قادمًا.',
  cron_script_invalid: 'في النص بايت صفري أو محرف غير صالح. احذفه.',
  cron_url_invalid: 'اكتب عنوانًا كاملًا يبدأ بـ \u2068http://\u2069 أو \u2068https://\u2069 دون اسم مستخدم وكلمة مرور.',
  cron_user_unknown: 'لا يوجد مستخدم لينكس بهذا الاسم. اختر من القائمة.',
} as const;
