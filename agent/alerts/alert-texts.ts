import type { AlertEvent, BackupAlert } from '#shared/backup-alerts.ts';
import type { AlertFacts } from './queue.ts';

/*
 * The sentences that hooks carry. They are here and not with those of the browser: they are sent while nobody is there.
 * Names stand between isolates, so that one in the other direction leaves the sentence readable.
 */

type Language = 'ar' | 'en';
type Words = Readonly<Record<Language, string>>;

const whats: Readonly<Record<string, Words>> = {
  create: { ar: 'النسخ الاحتياطي', en: 'backup' },
  create_now: { ar: 'النسخ الاحتياطي', en: 'backup' },
  restore: { ar: 'الاستعادة', en: 'restore' },
  prune: { ar: 'حذف النسخ القديمة', en: 'removal of old backups' },
  remove: { ar: 'حذف النسخ', en: 'removal of backups' },
  export: { ar: 'تصدير نسخة', en: 'export of a backup' },
  import: { ar: 'استيراد نسخة', en: 'import of a backup' },
};

/** What happens most at night. Anything else is said by its key, which the documentation explains. */
const reasons: Readonly<Record<string, Words>> = {
  acme_by_hand: {
    ar: 'تُثبَت أسماؤها يدويًا فلا تتجدد وحدها',
    en: 'its names are proven by hand, so it does not renew itself',
  },
  acme_ca_unreachable: { ar: 'السلطة لا تجيب', en: 'the authority does not answer' },
  acme_caa: { ar: 'سجل CAA يمنع هذه السلطة', en: 'a CAA record forbids this authority' },
  acme_clock: { ar: 'ساعة الخادم خاطئة', en: 'the clock of the server is wrong' },
  acme_connection: { ar: 'السلطة لا تصل إلى هذا الخادم', en: 'the authority cannot reach this server' },
  acme_dns: { ar: 'اسم لا عنوان له عند السلطة', en: 'the authority finds no address of a name' },
  acme_no_address: { ar: 'اسم لا عنوان له', en: 'a name has no address' },
  acme_other_server: { ar: 'خادم آخر يجيب عن اسم', en: 'another server answers for a name' },
  acme_rate_limited: { ar: 'السلطة تطلب التمهل', en: 'the authority asks to wait' },
  acme_refused: { ar: 'السلطة لم تجد جواب التحقق', en: 'the authority did not find the answer to its check' },
  certificate_files_refused: {
    ar: 'الملفات الجديدة التي وضعتها أداة أخرى لا تصلح',
    en: 'the new files of another tool cannot be used',
  },
  certificate_loses_names: { ar: 'مواقع ستفقد أسماء', en: 'sites would lose names' },
  cron_backup_failed: { ar: 'فشل النسخ الاحتياطي', en: 'the backup failed' },
  cron_exit_code: { ar: 'انتهى البرنامج برمز خطأ', en: 'the program ended with an error code' },
  cron_interrupted: { ar: 'انقطع التشغيل قبل أن ينتهي', en: 'it was cut off before it ended' },
  cron_journal_failed: { ar: 'تعذّر تنظيف سجل النظام', en: 'the journal could not be cleaned up' },
  cron_logs_busy: { ar: 'عملية أخرى تعمل على السجلات', en: 'somebody else works on the logs' },
  cron_logs_failed: { ar: 'تعذّر تدوير سجل', en: 'a log could not be set aside' },
  cron_plan_gone: { ar: 'خطة النسخ لم تعد موجودة', en: 'the backup plan is gone' },
  cron_service_config: { ar: 'إعداد الخدمة فيه خطأ', en: 'the configuration of the service does not pass its test' },
  cron_service_failed: { ar: 'لم تعمل الخدمة', en: 'the service did not come up' },
  cron_service_gone: { ar: 'الخدمة لم تعد موجودة', en: 'the service is gone' },
  cron_site_gone: { ar: 'الموقع لم يعد موجودًا', en: 'the site is gone' },
  cron_timed_out: { ar: 'تجاوز الوقت المسموح', en: 'it took longer than it may' },
  cron_url_keyword: { ar: 'الكلمة المطلوبة ليست في الجواب', en: 'the word is not in the answer' },
  cron_url_status: { ar: 'حالة الجواب غير المتوقعة', en: 'the answer has another status' },
  cron_url_unreachable: { ar: 'العنوان لا يجيب', en: 'the address does not answer' },
  disk_full: { ar: 'القرص ممتلئ', en: 'the disk is full' },
  backup_chain_broken: { ar: 'نُسخ حُذفت أو بُدّلت في الوجهة', en: 'backups were removed or replaced in the target' },
  backup_database_missing: { ar: 'قاعدة بيانات غير موجودة', en: 'a database is not there' },
  backup_database_unreachable: { ar: 'خادم قواعد البيانات لا يجيب', en: 'the database server does not answer' },
  backup_dump_empty: { ar: 'تفريغ قاعدة بيانات فارغ', en: 'a database dump was empty' },
  backup_dump_failed: { ar: 'فشل تفريغ قاعدة بيانات', en: 'a database dump failed' },
  backup_interrupted: { ar: 'انقطع التشغيل قبل أن ينتهي', en: 'it was cut off before it ended' },
  backup_key_missing: { ar: 'مفاتيح النسخ غير موجودة', en: 'the backup keys are missing' },
  backup_manifest_invalid: { ar: 'بيان نسخة لا يحمل توقيعًا صحيحًا', en: 'a manifest does not verify' },
  backup_mismatch: { ar: 'محتوى لا يطابق البيان الموقّع', en: 'content is not what the signed manifest says' },
  backup_no_space: { ar: 'لا مساحة كافية', en: 'there is not enough space' },
  backup_repository_damaged: { ar: 'المستودع في الوجهة متضرر', en: 'the repository in the target is damaged' },
  backup_source_changing: { ar: 'ملف ظل يتغير أثناء حفظه', en: 'a file kept changing while it was saved' },
  backup_source_missing: { ar: 'ما يجب حفظه غير موجود', en: 'something to be saved is not there' },
  backup_source_unreadable: { ar: 'ملف لا يُقرأ', en: 'a file cannot be read' },
  backup_target_busy: { ar: 'عملية أخرى تعمل على الوجهة', en: 'another run works on the target' },
  backup_target_full: { ar: 'الوجهة ممتلئة', en: 'the target is full' },
  backup_target_locked: { ar: 'الوجهة مقفلة', en: 'the target is locked' },
  backup_target_unreachable: { ar: 'تعذّر الوصول إلى الوجهة', en: 'the target cannot be reached' },
  backup_tool_missing: { ar: 'أداة لازمة غير مثبّتة', en: 'a tool that is needed is not installed' },
  backup_wrong_key: { ar: 'المفتاح لا يفتح المستودع', en: 'the key does not open the repository' },
};

/** The alert as it is sent, with its sentence. */
export function withText(alert: AlertFacts, language: Language): BackupAlert {
  const text = (language === 'ar' ? arabic : english)(alert);
  return { ...alert, text, message: text, content: text };
}

const isolated = (text: string): string => `\u2068${text}\u2069`;
const because = (reason: string | null, language: Language): string =>
  reason === null ? '' : `: ${reasons[reason]?.[language] ?? isolated(reason)}`;
/** ISO without seconds: the same in every language, and no time zone is guessed. */
const moment = (at: string | null): string => isolated((at ?? '').replace(/^(.{10})T(.{5}).*$/, '$1 $2 UTC'));

function english(alert: AlertFacts): string {
  const { event, host, plan, target, what, check, reason, recoveredFrom, dueAt, certificate } = alert;
  const where = `aaPanel on ${isolated(host)}:`;
  const ofPlan = plan === null ? '' : ` “${isolated(plan.name)}”`;
  const inTarget = target === null ? '' : ` in “${isolated(target.name)}”`;
  const isOver = certificate?.stage === 'over';
  const title = certificate === null ? '' : ` “${isolated(certificate.name)}”`;
  const until = moment(certificate?.validUntil ?? null);
  switch (event) {
    case 'run_failed':
      return `${where} the ${whats[what ?? '']?.en ?? 'backup'}${ofPlan}${inTarget} failed${because(reason, 'en')}`;
    case 'verify_failed':
      return check === 'not_run'
        ? `${where} the backups${ofPlan}${inTarget} could not be verified${because(reason, 'en')}. Older good backups are kept`
        : `${where} the verification of the backups${ofPlan}${inTarget} failed${because(reason, 'en')}`;
    case 'proof_failed':
      return check === 'not_run'
        ? `${where} the restore test${inTarget} could not be made${because(reason, 'en')}`
        : `${where} the restore test${inTarget} failed${because(reason, 'en')}`;
    case 'overdue':
      return `${where} the backup${ofPlan} is overdue, it should have run at ${moment(dueAt)}`;
    case 'certificate_ending':
      return isOver
        ? `${where} the certificate${title} has ended, browsers turn visitors away${because(reason, 'en')}`
        : `${where} the certificate${title} ends at ${until}${because(reason, 'en')}`;
    case 'certificate_renewal_failed':
      return `${where} the certificate${title} could not be renewed${because(reason, 'en')}. The present one is good until ${until}`;
    case 'certificate_revoked':
      return `${where} the authority has revoked the certificate${title}, browsers that ask it turn visitors away. Issued ones are renewed at once; replace others`;
    case 'panel_certificate_fallback':
      return `${where} the certificate${title} of the panel itself ends at ${until} or cannot be used, and none came in its place. The panel shows its self-signed one: compare the fingerprint`;
    case 'site_ending':
      return alert.site?.isOver === true
        ? `${where} the site “${isolated(alert.site.name)}” has ended and answers visitors so`
        : `${where} the site “${isolated(alert.site?.name ?? '')}” ends at ${moment(dueAt)}`;
    case 'job_failed':
      return `${where} the scheduled job “${isolated(alert.job?.name ?? '')}” failed${because(reason, 'en')}`;
    case 'job_succeeded':
      return `${where} the scheduled job “${isolated(alert.job?.name ?? '')}” succeeded`;
    case 'recovered':
      if (alert.job !== null) return `${where} the scheduled job “${isolated(alert.job.name)}” succeeded again`;
      if (certificate !== null) return `${where} the certificate${title} is in order again, until ${until}`;
      return `${where} ${recoveredOf(recoveredFrom).en}${ofPlan}${inTarget} succeeded again`;
    case 'test':
      return `${where} this is a test. Alerts arrive here`;
  }
}

function arabic(alert: AlertFacts): string {
  const { event, host, plan, target, what, check, reason, recoveredFrom, dueAt, certificate } = alert;
  const isOver = certificate?.stage === 'over';
  const title = certificate === null ? '' : ` «${isolated(certificate.name)}»`;
  const until = moment(certificate?.validUntil ?? null);
  const where = `aaPanel على ${isolated(host)}:`;
  const ofPlan = plan === null ? '' : ` «${isolated(plan.name)}»`;
  const inTarget = target === null ? '' : ` في «${isolated(target.name)}»`;
  switch (event) {
    case 'run_failed':
      return `${where} فشل ${whats[what ?? '']?.ar ?? 'النسخ الاحتياطي'}${ofPlan}${inTarget}${because(reason, 'ar')}`;
    case 'verify_failed':
      return check === 'not_run'
        ? `${where} تعذّر التحقق من النسخ${ofPlan}${inTarget}${because(reason, 'ar')}. النسخ السليمة الأقدم باقية`
        : `${where} فشل التحقق من النسخ${ofPlan}${inTarget}${because(reason, 'ar')}`;
    case 'proof_failed':
      return check === 'not_run'
        ? `${where} تعذّر اختبار الاستعادة${inTarget}${because(reason, 'ar')}`
        : `${where} فشل اختبار الاستعادة${inTarget}${because(reason, 'ar')}`;
    case 'overdue':
      return `${where} تأخر النسخ الاحتياطي${ofPlan}، وكان موعده ${moment(dueAt)}`;
    case 'certificate_ending':
      return isOver
        ? `${where} انتهت الشهادة${title}، والمتصفحات تصد الزوار${because(reason, 'ar')}`
        : `${where} تنتهي الشهادة${title} في ${until}${because(reason, 'ar')}`;
    case 'certificate_renewal_failed':
      return `${where} تعذّر تجديد الشهادة${title}${because(reason, 'ar')}. الحالية صالحة حتى ${until}`;
    case 'certificate_revoked':
      return `${where} أبطلت سلطة التصديق الشهادة${title}، والمتصفحات التي تسألها تصد الزوار. ما صدر للوحة يُجدَّد فورًا، فاستبدل غيره`;
    case 'panel_certificate_fallback':
      return `${where} تنتهي شهادة اللوحة نفسها${title} في ${until} أو لا تصلح للاستعمال، ولم تأتِ غيرها. تعرض اللوحة شهادتها الموقّعة ذاتيًا، فقارن البصمة`;
    case 'site_ending':
      return alert.site?.isOver === true
        ? `${where} انتهى الموقع «${isolated(alert.site.name)}»، وهو يجيب الزوار بذلك`
        : `${where} ينتهي الموقع «${isolated(alert.site?.name ?? '')}» في ${moment(dueAt)}`;
    case 'job_failed':
      return `${where} فشلت المهمة المجدولة «${isolated(alert.job?.name ?? '')}»${because(reason, 'ar')}`;
    case 'job_succeeded':
      return `${where} نجحت المهمة المجدولة «${isolated(alert.job?.name ?? '')}»`;
    case 'recovered':
      if (alert.job !== null) return `${where} نجحت المهمة المجدولة «${isolated(alert.job.name)}» من جديد`;
      if (certificate !== null) return `${where} عادت الشهادة${title} سليمة، وهي صالحة حتى ${until}`;
      return `${where} نجح ${recoveredOf(recoveredFrom).ar}${ofPlan}${inTarget} من جديد`;
    case 'test':
      return `${where} هذه رسالة تجربة، وستصل التنبيهات إلى هنا`;
  }
}

function recoveredOf(event: AlertEvent | null): Words {
  if (event === 'verify_failed') return { ar: 'التحقق من النسخ', en: 'the verification of the backups' };
  if (event === 'proof_failed') return { ar: 'اختبار الاستعادة', en: 'the restore test' };
  return { ar: 'النسخ الاحتياطي', en: 'the backup' };
}
