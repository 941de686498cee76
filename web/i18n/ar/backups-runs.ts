export const backupRuns = {
  runs: {
    title: 'العمليات',
    lead: 'كل ما جرى على النسخ، ومنه ما بدأه الجدول دون أحد.',
    what: 'العملية',
    state: 'الحالة',
    by: 'بدأها',
    at: 'وقت البدء',
    took: 'المدة',
    schedule: 'الجدول',
    open: 'فتح: {{title}}',
    empty: 'لا عمليات بعد',
    emptyText: 'تظهر هنا كل نسخة وفحص واستعادة بتقريرها.',
    states: { running: 'جارية', succeeded: 'نجحت', failed: 'فشلت', cancelled: 'أُلغيت' },
  },
  run: {
    startFailed: 'لم تبدأ العملية',
    started: 'بدأت العملية',
    gone: 'لا توجد هذه العملية، وربما مضى عليها زمن.',
    report: 'التقرير',
    noReport: 'لا شيء في التقرير.',
    cut: 'التقرير طويل، وهذا أوله.',
    sets: 'النسخ الناتجة',
    openSet: 'فتح النسخة',
    log: 'السجل المباشر',
    /** What happened, or would happen, to one thing. */
    what: {
      changed: 'يتغير',
      created: 'جديد',
      removed: 'يُحذف',
      unchanged: 'كما هو',
      left_out: 'تُرك',
      normalised: 'عُدّل',
      kept: 'يبقى',
      measured: 'قيس',
    },
    more: 'و{{value}} غيرها',
    failure: 'لماذا فشلت',
  },
  /** What a run is doing now. */
  phase: {
    prepare: 'التجهيز',
    other: 'قيد التنفيذ',
  },
  /** Why a line stands in a report. */
  report: {
    other: 'انظر السجل للتفصيل',
  },
} as const;
