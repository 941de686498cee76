import { notApplicable, notYet, partial, proven, say, testsOf, type AsvsItem } from './asvs-item.ts';

/* Chapters 1 and 2: what comes in, and the rules it has to keep. */

const accounts = testsOf('server/features/accounts/accounts.test.ts');
const agentContract = testsOf('server/core/testing/agent-contract.ts');
const architecture = testsOf('test/architecture.test.ts');
const attacks = testsOf('server/attacks.test.ts');
const audit = testsOf('server/features/audit/audit.test.ts');
const auditScreen = testsOf('test/e2e/audit.test.ts');
const databases = testsOf('server/db/databases.test.ts');
const doors = testsOf('server/features/doors/doors.test.ts');
const factors = testsOf('server/features/accounts/factors.test.ts');
const flood = testsOf('server/sign-in-flood.test.ts');
const fuzz = testsOf('server/fuzz.test.ts');
const gate = testsOf('server/core/doors-gate.test.ts');
const hostilePeople = testsOf('agent/people/people.hostile.test.ts');
const hostileSites = testsOf('agent/sites/sites.hostile.test.ts');
const manySites = testsOf('server/features/sites/many-sites.test.ts');
const openapi = testsOf('server/openapi.test.ts');
const pages = testsOf('test/security-pages.test.ts');
const render = testsOf('agent/nginx/nginx.render.test.ts');
const reference = testsOf('server/features/reference/reference.test.ts');
const route = testsOf('server/core/route.test.ts');
const run = testsOf('agent/core/run.test.ts');
const sites = testsOf('server/features/sites/sites.test.ts');
const sse = testsOf('server/core/sse.test.ts');
const tokens = testsOf('server/features/tokens/tokens.test.ts');
const transaction = testsOf('agent/core/transaction.test.ts');
const web = testsOf('server/core/web.test.ts');

const noMemoryWork = say(
  'TypeScript on Node: memory belongs to the runtime, and the product has no native module of its own',
  'الشيفرة TypeScript على Node: الذاكرة شأن بيئة التشغيل، وليس للمنتج وحدة بلغة الآلة',
);

export const inputItems: readonly AsvsItem[] = [
  partial(
    '1.1.1',
    say('Input is decoded once, and before it is checked', 'فك الترميز مرة واحدة وقبل الفحص'),
    say(
      'a look at every decoder; the ones at the door and in paths are tested',
      'مراجعة كل موضع لفك الترميز؛ والمختبَر الآن الباب والمسارات',
    ),
    [
      accounts('AUTH-4 the name has one form, and the password too'),
      gate('strangers get one answer, byte for byte, whatever they ask'),
      web('%s is no file of ours'),
    ],
  ),
  proven('1.1.2', say('Escaping is the last step before the text is used', 'التهريب آخر خطوة قبل استعمال النص'), [
    render('CONF-5 %j is read back by nginx as it was'),
    audit('OUT-3 the export as CSV runs nothing in a spreadsheet, and as JSON it is JSON'),
    reference('what stands in the document is text, never markup'),
  ]),
  proven('1.2.1', say('Text in pages and headers stays text', 'النص في الصفحات والترويسات يبقى نصًا'), [
    auditScreen('what a stranger typed is text, and what cannot be seen in it is shown'),
    reference('what stands in the document is text, never markup'),
    architecture('%s'),
  ]),
  proven(
    '1.2.2',
    say('URLs are built safely and lead where they should', 'الروابط تُبنى بأمان ولا تقود إلا إلى مقصدها'),
    [
      testsOf('web/features/accounts/own-path.test.ts')('%j is none'),
      gate('opening it gives a cookie and leads to the sign-in page of this very panel, whatever the Host'),
      hostileSites('CONF-1 OUT-5 an upstream with %s is refused before any effect'),
    ],
  ),
  proven('1.2.3', say('Data cannot become script or break JSON', 'البيانات لا تصير نصًا برمجيًا ولا تكسر JSON'), [
    sse('sends events as one line each, with the id the browser sends back'),
    attacks('CR, LF and NUL in names stay text: no row, no log line and no header of their own'),
    web('every page is index.html with a nonce of its own that the policy allows'),
  ]),
  proven('1.2.4', say('Queries are bound, never put together', 'الاستعلامات بمعاملات مربوطة لا تُركَّب نصًا'), [
    audit('filters are bound and mean what they say: wildcards and quotes are letters'),
    attacks('a parameter given twice, an unknown one, or one that is SQL is refused; bodies take no unknown field'),
    manySites('a search finds names, slugs, domains and remarks; its wildcards are letters like others'),
    architecture('%s'),
  ]),
  proven('1.2.5', say('No text becomes a command', 'لا نص يصير أمرًا'), [
    run('CMD-1 arguments are plain text: no shell looks at them'),
    run('CMD-7 a program inherits nothing from us but a fixed environment'),
    architecture('%s'),
  ]),
  notApplicable('1.2.6', say('LDAP injection', 'حقن LDAP'), say('there is no LDAP', 'لا يوجد LDAP')),
  notApplicable('1.2.7', say('XPath injection', 'حقن XPath'), say('there is no XML', 'لا يوجد XML')),
  notApplicable('1.2.8', say('LaTeX processors', 'معالجات LaTeX'), say('there is no LaTeX', 'لا يوجد LaTeX')),
  notApplicable(
    '1.2.9',
    say('Text in regular expressions is escaped', 'تهريب النص في التعابير النمطية'),
    say(
      'nothing that people type becomes a regular expression: searches compare text',
      'لا يصير ما يكتبه الناس تعبيرًا نمطيًا، فالبحث مقارنة نصوص',
    ),
  ),
  notApplicable(
    '1.3.1',
    say('HTML that people write is cleaned', 'تنقية HTML الذي يكتبه الناس'),
    say('nobody writes HTML in the panel', 'لا يكتب أحد HTML في اللوحة'),
  ),
  proven('1.3.2', say('No code is made at run time', 'لا تُصنع شيفرة وقت التشغيل'), [
    architecture('%s'),
    architecture('P0-7 P1.3-3 keeps the boundaries of the house'),
  ]),
  proven('1.3.3', say('Only listed characters reach dangerous places', 'لا يصل إلى المواضع الخطرة إلا محارف مسموحة'), [
    hostileSites('CMD-3 CONF-1 S-4 a domain %s is refused before any effect'),
    hostileSites('PATH-1 CONF-8 a folder %s is refused before any effect'),
    hostileSites('CONF-1 custom directives %s are refused before any effect'),
  ]),
  notYet(
    '1.3.4',
    say('SVG files of people carry no script', 'ملفات SVG من الناس بلا نصوص برمجية'),
    say('comes with the file manager: nobody uploads pictures yet', 'مع مدير الملفات: لا يرفع أحد صورًا بعد'),
  ),
  proven(
    '1.3.5',
    say('Configuration text of people is limited to a list', 'نص الإعدادات من الناس محصور في قائمة'),
    [
      hostileSites('CONF-1 custom directives %s are refused before any effect'),
      testsOf('agent/nginx/nginx.directives.test.ts')(
        'CONF-5 and where a text ends for us it ends for nginx: 150 random ones',
      ),
    ],
    say('nginx directives are the only such language', 'توجيهات nginx هي اللغة الوحيدة من هذا النوع'),
  ),
  partial(
    '1.3.6',
    say('Addresses to connect to are limited', 'عناوين الاتصال الصادر محدودة'),
    say(
      'a site may pass visitors on to any address its owner names; an address of cloud metadata is a warning, not a refusal',
      'يمرّر الموقع زواره إلى أي عنوان يذكره صاحبه، وعنوان بيانات السحابة تحذير لا رفض',
    ),
    [
      hostileSites('CONF-1 OUT-5 an upstream with %s is refused before any effect'),
      sites('a proxied site keeps its upstream, and a metadata address is a warning'),
    ],
  ),
  proven('1.3.7', say('Templates are ours, only values come from people', 'القوالب منا والقيم وحدها من الناس'), [
    render('CONF-1 %s'),
    render('CONF-1 %j is refused'),
  ]),
  notApplicable('1.3.8', say('JNDI', 'JNDI'), say('there is no Java', 'لا توجد Java')),
  notApplicable('1.3.9', say('memcache', 'memcache'), say('there is no memcache', 'لا يوجد memcache')),
  notApplicable(
    '1.3.10',
    say('Format strings', 'نصوص التنسيق'),
    say(
      'sentences of logs and texts are fixed; values are fields of their own',
      'جمل السجلات والنصوص ثابتة، والقيم حقول مستقلة',
    ),
  ),
  notYet(
    '1.3.11',
    say('Mail headers cannot be injected', 'منع حقن ترويسات البريد'),
    say('comes with alerts: the panel sends no mail yet', 'مع التنبيهات: لا ترسل اللوحة بريدًا بعد'),
  ),
  notApplicable('1.4.1', say('Memory-safe strings', 'نصوص آمنة في الذاكرة'), noMemoryWork),
  proven('1.4.2', say('Numbers have ranges', 'للأرقام حدود'), [
    attacks('a parameter given twice, an unknown one, or one that is SQL is refused; bodies take no unknown field'),
    hostileSites('the port %s is refused'),
  ]),
  notApplicable('1.4.3', say('Memory is released', 'تحرير الذاكرة'), noMemoryWork),
  notApplicable('1.5.1', say('XML parsers', 'محللات XML'), say('there is no XML', 'لا يوجد XML')),
  proven('1.5.2', say('Foreign data becomes no object of ours', 'البيانات الغريبة لا تصير كائنًا عندنا'), [
    attacks('__proto__ and constructor.prototype are refused and change no object'),
    testsOf('agent/server.test.ts')('PERM-3 %s as its body'),
    fuzz('no body, query or path of any operation makes a fault of ours, hangs or leaves a file'),
  ]),
  proven('2.1.1', say('The form of every input is written down', 'شكل كل مدخل موثَّق'), [
    openapi('docs/openapi.json says what the code says (npm run generate)'),
    reference('the reference page answers at %s with every operation'),
  ]),
  partial(
    '2.1.2',
    say('Rules between fields are written down', 'القواعد بين الحقول موثَّقة'),
    say('they stand in the sentences of the errors, not in one page', 'توجد في جمل الأخطاء لا في صفحة واحدة'),
    [testsOf('test/error-reasons.test.ts')('the list has no reason and no field code that nothing gives')],
  ),
  proven('2.1.3', say('Limits are written down', 'الحدود موثَّقة'), [
    pages('the limits of the page are those of the code'),
  ]),
  proven('2.2.1', say('Every input is checked against what is allowed', 'كل مدخل يُفحص على المسموح'), [
    route('PERM-3 wrong and unknown fields are listed with stable codes'),
    sites('unknown fields, wrong kinds and control characters in texts'),
    fuzz('no body, query or path of any operation makes a fault of ours, hangs or leaves a file'),
  ]),
  proven('2.2.2', say('The server checks, whatever the browser did', 'الفحص عند الخادم مهما فعل المتصفح'), [
    agentContract('parameters that do not fit the schema are refused by the agent itself'),
    hostilePeople('S-4 with more than fifty hostile inputs changes nothing and never breaks the agent'),
  ]),
  proven('2.2.3', say('Fields fit together', 'الحقول متوافقة فيما بينها'), [
    sites('a proxy without an upstream, and a static site with one'),
    hostileSites('a domain that stands twice in one site is refused'),
    doors('a list that would shut out who makes it is refused; strangers are refused, loopback never'),
  ]),
  proven('2.3.1', say('Steps cannot be skipped', 'لا يمكن تخطي الخطوات'), [
    factors(
      'is asked for after the password, each code counts once, and the answer of the password alone opens nothing',
    ),
    factors('a step ends after five wrong codes and after five minutes'),
    doors('a connection from before the change does not confirm it, a new one does'),
    sites('takes the hash of the preview; a wrong one deletes nothing'),
  ]),
  proven('2.3.2', say('The written limits hold', 'الحدود الموثَّقة سارية'), [
    tokens('is limited by itself: the one request too many is 429, another token goes on'),
    hostileSites('more than 100 domains are refused'),
    sse('one session opens at most 32 streams'),
  ]),
  proven('2.3.3', say('A change happens whole or not at all', 'التغيير يتم كله أو لا يتم'), [
    transaction('FAULT-4 when %s fails everything goes back, and the program is told again'),
    transaction('at "%s" leaves the old or the new state after the next start'),
    databases('a transaction that fails leaves nothing'),
  ]),
  proven('2.3.4', say('What exists once is given once', 'ما يوجد مرة يُعطى مرة'), [
    sites('two people who ask for one name at the same moment: one gets it, the other learns who has it'),
    databases('a one-time link is used by exactly one of ten'),
    route('ten at once act once'),
  ]),
  partial(
    '2.4.1',
    say('Automated overuse is held back', 'كبح الإفراط الآلي في الاستعمال'),
    say(
      'requests of a signed-in browser are limited by size, streams and queues only, not by number',
      'طلبات المتصفح بعد الدخول محدودة بالحجم والبث والطوابير لا بالعدد',
    ),
    [
      flood('AUTH-8 %s sign-ins a second keep the web process under 350 MB, and its one thread keeps up'),
      tokens('is limited by itself: the one request too many is 429, another token goes on'),
    ],
  ),
];
