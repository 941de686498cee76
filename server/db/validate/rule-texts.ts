import type { Bilingual } from './rule.ts';

/** What each rule says to a person: what is wrong and why, and the safe way. */
export type RuleId = keyof typeof ruleTexts;

type Texts = { readonly explanation: Bilingual; readonly recipe: Bilingual };

export const ruleTexts = {
  'V-file': {
    explanation: { en: 'The file cannot be run as a migration.', ar: 'لا يمكن تنفيذ الملف كترحيل.' },
    recipe: { en: 'Start from aapanel migrate new.', ar: 'ابدأ من aapanel migrate new.' },
  },
  'V-name': {
    explanation: {
      en: 'Name, revision and downRevision must form one chain without gaps, doubles or branches.',
      ar: 'الاسم وrevision وdownRevision تكوّن سلسلة واحدة بلا فجوات ولا تكرار ولا فروع.',
    },
    recipe: {
      en: 'Name it NNNN_words, revision the same, downRevision the file before.',
      ar: 'سمِّه NNNN_words واجعل revision مثله وdownRevision الملف الذي قبله.',
    },
  },
  'V-order': {
    explanation: {
      en: 'It sorts before a migration that is executed already: databases would differ by the order.',
      ar: 'يسبق ترحيلًا نُفّذ من قبل: فتختلف القواعد باختلاف الترتيب.',
    },
    recipe: { en: 'Give it the next free number.', ar: 'أعطه الرقم الحر التالي.' },
  },
  'V-sum': {
    explanation: {
      en: 'An executed file was changed: old and new databases would differ.',
      ar: 'تغيّر ملف منفّذ: فتختلف القواعد القديمة عن الجديدة.',
    },
    recipe: { en: 'Put it back and write a new migration.', ar: 'أعده كما كان واكتب ترحيلًا جديدًا.' },
  },
  'V-gone': {
    explanation: { en: 'An executed file is missing.', ar: 'ملف منفّذ مفقود.' },
    recipe: { en: 'Put the file back.', ar: 'أعد الملف.' },
  },
  'V-down': {
    explanation: {
      en: 'There is no way back: a failed upgrade could not be undone.',
      ar: 'لا طريق للرجوع: لا يمكن التراجع عن ترقية فاشلة.',
    },
    recipe: {
      en: "Write down(), or export const irreversible = 'why'.",
      ar: "اكتب down()، أو export const irreversible = 'السبب'.",
    },
  },
  'V-roundtrip': {
    explanation: {
      en: 'Up, down and up again do not give the same schema.',
      ar: 'التنفيذ ثم التراجع ثم التنفيذ لا يعطي المخطط نفسه.',
    },
    recipe: {
      en: 'Undo in down() everything that up() does, newest first.',
      ar: 'تراجع في down() عن كل ما يفعله up() من الأحدث.',
    },
  },
  'V-drop': {
    explanation: {
      en: 'Removes data; the release before still asks for it.',
      ar: 'يحذف بيانات، والإصدار السابق ما زال يطلبها.',
    },
    recipe: {
      en: 'First release code that does not use it; drop it in the release after that.',
      ar: 'أصدر أولًا شيفرة لا تستعملها، ثم احذفها في الإصدار الذي يليه.',
    },
  },
  'V-rename': {
    explanation: { en: 'The release before asks for the old name.', ar: 'الإصدار السابق يطلب الاسم القديم.' },
    recipe: {
      en: 'Add the new one, write both, copy in batches, read the new one; drop the old in the next release.',
      ar: 'أضف الجديد، واكتب في الاثنين، وانسخ على دفعات، ثم اقرأ الجديد، واحذف القديم في الإصدار التالي.',
    },
  },
  'V-type': {
    explanation: {
      en: 'A change of type rewrites every row under a lock, or cuts what does not fit.',
      ar: 'تغيير النوع يعيد كتابة كل الصفوف تحت قفل، أو يقص ما لا يتسع.',
    },
    recipe: {
      en: 'Add a column of the new type and move over in two releases.',
      ar: 'أضف عمودًا بالنوع الجديد وانتقل إليه في إصدارين.',
    },
  },
  'V-notnull': {
    explanation: {
      en: 'A column that must be given fails on existing rows and on inserts of the release before.',
      ar: 'العمود الإلزامي يفشل مع الصفوف القائمة ومع إدراجات الإصدار السابق.',
    },
    recipe: {
      en: 'Give it a constant default, or make it nullable and fill it in batches.',
      ar: 'أعطه قيمة ابتدائية ثابتة، أو اجعله اختياريًا واملأه على دفعات.',
    },
  },
  'V-default': {
    explanation: {
      en: 'A default that is computed anew rewrites the table and differs from engine to engine.',
      ar: 'القيمة الابتدائية المحسوبة تعيد كتابة الجدول وتختلف بين المحركات.',
    },
    recipe: {
      en: 'Use a constant default, and let the code give the value.',
      ar: 'استعمل قيمة ثابتة ودع الشيفرة تعطي القيمة.',
    },
  },
  'V-index': {
    explanation: {
      en: 'PostgreSQL stops writes while it builds an index, unless concurrently and outside a transaction.',
      ar: 'يوقف PostgreSQL الكتابة أثناء بناء الفهرس، إلا مع concurrently خارج المعاملة.',
    },
    recipe: {
      en: 'createIndexConcurrently() in a file of its own with export const isTransactional = false.',
      ar: 'createIndexConcurrently() في ملف مستقل مع export const isTransactional = false.',
    },
  },
  'V-fk': {
    explanation: {
      en: 'A new foreign key checks every row of both tables under a lock.',
      ar: 'المفتاح الأجنبي الجديد يفحص كل صفوف الجدولين تحت قفل.',
    },
    recipe: {
      en: 'On PostgreSQL add it NOT VALID and VALIDATE it in a later statement; elsewhere make a new table.',
      ar: 'في PostgreSQL أضفه NOT VALID ثم VALIDATE بأمر لاحق؛ وفي غيره أنشئ جدولًا جديدًا.',
    },
  },
  'V-unique': {
    explanation: {
      en: 'A unique constraint stops writes while it looks through the table and fails where two rows are alike.',
      ar: 'قيد التفرد يوقف الكتابة أثناء فحص الجدول ويفشل عند تشابه صفين.',
    },
    recipe: {
      en: 'Remove doubles first, then build the unique index concurrently.',
      ar: 'أزل المكرر أولًا ثم ابنِ الفهرس المتفرد concurrently.',
    },
  },
  'V-tx': {
    explanation: {
      en: 'MySQL takes no change of structure back: of several statements each must meet itself done.',
      ar: 'لا يتراجع MySQL عن تغيير البنية: فكل أمر يجب أن يقبل أنه نُفّذ من قبل.',
    },
    recipe: {
      en: 'Use the helpers of ddl.ts, or one statement per file.',
      ar: 'استعمل دوال ddl.ts، أو أمرًا واحدًا في كل ملف.',
    },
  },
  'V-mix': {
    explanation: {
      en: 'Rows and structure in one file hold the locks of both for as long as both take.',
      ar: 'الصفوف والبنية في ملف واحد تمسك أقفال الاثنين طوال مدتهما.',
    },
    recipe: { en: 'Two files: first the structure, then the rows.', ar: 'ملفان: البنية أولًا ثم الصفوف.' },
  },
  'V-batch': {
    explanation: {
      en: 'One statement over a whole table holds its locks until the end.',
      ar: 'أمر واحد على جدول كامل يمسك أقفاله حتى النهاية.',
    },
    recipe: { en: 'inBatches() with a limit; it pauses between two.', ar: 'inBatches() مع حد، وهي تتوقف بين دفعتين.' },
  },
  'V-lock': {
    explanation: {
      en: 'The limits of waiting and running are taken away: whoever comes later queues behind it.',
      ar: 'أُلغيت حدود الانتظار والتنفيذ: فيصطف وراءه كل من يأتي بعده.',
    },
    recipe: {
      en: 'Leave them to the runner: 10 seconds for a lock, one hour for a statement.',
      ar: 'اتركها للمنفّذ: 10 ثوانٍ للقفل وساعة للأمر.',
    },
  },
  'V-sql': {
    explanation: { en: 'SQL is put together from text.', ar: 'SQL مركّب من نصوص.' },
    recipe: { en: 'Bind values in sql`…` and write names out.', ar: 'اربط القيم داخل sql`…` واكتب الأسماء صراحة.' },
  },
  'V-pure': {
    explanation: {
      en: 'It imports code of the panel or asks the clock, chance, network, environment or files: it would do something else in a year.',
      ar: 'يستورد شيفرة اللوحة أو يسأل الساعة أو العشوائية أو الشبكة أو البيئة أو الملفات: فيفعل شيئًا آخر بعد عام.',
    },
    recipe: {
      en: 'Import kysely and ../ddl.ts only; write constants out.',
      ar: 'استورد kysely و‎../ddl.ts فقط واكتب الثوابت صراحة.',
    },
  },
  'V-async': {
    explanation: {
      en: 'Nobody waits for this query, nor sees it fail.',
      ar: 'لا أحد ينتظر هذا الاستعلام ولا يرى فشله.',
    },
    recipe: { en: 'await it.', ar: 'استعمل await.' },
  },
  'V-engine': {
    explanation: {
      en: 'Words of one engine without the other branches.',
      ar: 'ألفاظ محرك واحد دون الفروع الأخرى.',
    },
    recipe: {
      en: 'if (isPostgres(db)) … else …, or a helper of ddl.ts.',
      ar: 'if (isPostgres(db)) … else …، أو دالة من ddl.ts.',
    },
  },
  'V-charset': {
    explanation: {
      en: 'Text without utf8mb4, or a time without a zone.',
      ar: 'نص دون utf8mb4، أو وقت دون منطقة زمنية.',
    },
    recipe: {
      en: 'createTable() of ddl.ts; times are bigint milliseconds.',
      ar: 'createTable() من ddl.ts؛ والأوقات bigint بالميلي ثانية.',
    },
  },
  'V-bigint': {
    explanation: {
      en: 'A 32-bit key of a growing table ends one day.',
      ar: 'المفتاح ذو 32 بتًا في جدول ينمو ينفد يومًا.',
    },
    recipe: { en: 'varchar(16) ids, or bigint.', ar: 'معرّفات varchar(16) أو bigint.' },
  },
  'V-fkidx': {
    explanation: {
      en: 'A foreign key without an index: each delete of a parent reads the whole table.',
      ar: 'مفتاح أجنبي دون فهرس: كل حذف للأصل يقرأ الجدول كله.',
    },
    recipe: { en: 'createIndex() that begins with its columns.', ar: 'createIndex() يبدأ بأعمدته.' },
  },
  'V-view': {
    explanation: { en: 'A view or trigger names what is changed under it.', ar: 'منظور أو مشغّل يذكر ما يتغيّر تحته.' },
    recipe: { en: 'Drop it first and make it again afterwards.', ar: 'احذفه أولًا وأنشئه بعد ذلك.' },
  },
  'V-sqlite': {
    explanation: {
      en: 'A SQLite table is made anew with foreign keys on: dropping the old one deletes what points to it. Inside a transaction the pragma does nothing.',
      ar: 'يُعاد إنشاء جدول SQLite والمفاتيح الأجنبية مفعّلة: فحذف القديم يحذف ما يشير إليه، ولا أثر للأمر pragma داخل المعاملة.',
    },
    recipe: {
      en: "rebuildTable() and export const rebuilds = ['up'] as const.",
      ar: "rebuildTable() مع export const rebuilds = ['up'] as const.",
    },
  },
  'V-compat': {
    explanation: {
      en: 'Queries of the release before do not run on the new schema.',
      ar: 'استعلامات الإصدار السابق لا تعمل على المخطط الجديد.',
    },
    recipe: { en: 'Expand in this release, contract in the next.', ar: 'وسّع في هذا الإصدار وقلّص في الذي يليه.' },
  },
  'V-size': {
    explanation: { en: 'The table is large: this takes long.', ar: 'الجدول كبير: سيستغرق هذا وقتًا طويلًا.' },
    recipe: {
      en: 'Batches, a concurrent index, or a maintenance window.',
      ar: 'دفعات، أو فهرس concurrently، أو نافذة صيانة.',
    },
  },
  'V-ident': {
    explanation: {
      en: 'A name of more than 63 bytes, a reserved word, or not snake_case.',
      ar: 'اسم أطول من 63 بايت أو كلمة محجوزة أو ليس snake_case.',
    },
    recipe: {
      en: 'A short snake_case name that no engine has a meaning for.',
      ar: 'اسم قصير snake_case لا معنى له عند أي محرك.',
    },
  },
} as const satisfies Record<string, Texts>;
