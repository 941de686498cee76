import { notApplicable, notYet, partial, proven, say, testsOf, type AsvsItem } from './asvs-item.ts';

/* Chapters 13 to 17: configuration, data, architecture, logs, WebRTC. */

const accounts = testsOf('server/features/accounts/accounts.test.ts');
const agentServer = testsOf('agent/server.test.ts');
const architecture = testsOf('test/architecture.test.ts');
const attacks = testsOf('server/attacks.test.ts');
const audit = testsOf('server/features/audit/audit.test.ts');
const chain = testsOf('agent/audit/audit.test.ts');
const checks = testsOf('server/config/checks.test.ts');
const factors = testsOf('agent/factors/factors.test.ts');
const gate = testsOf('server/core/doors-gate.test.ts');
const health = testsOf('server/features/health/health.test.ts');
const metrics = testsOf('server/features/metrics/metrics.test.ts');
const key = testsOf('server/config/secret-key.test.ts');
const limits = testsOf('server/core/auth/sign-in-limits.test.ts');
const log = testsOf('server/core/log.test.ts');
const pages = testsOf('test/security-pages.test.ts');
const route = testsOf('server/core/route.test.ts');
const screens = testsOf('test/e2e/screens.ts');
const secrets = testsOf('agent/factors/secrets.test.ts');
const server = testsOf('test/vps/server.ts');
const source = testsOf('test/ledger/asvs-source.test.ts');
const start = testsOf('cli/start.test.ts');
const web = testsOf('server/core/web.test.ts');

const noStore = web('WEB-5 every answer carries the security headers, errors and redirects too');
const noCalls = say(
  'web process and agent call no address outside of the machine',
  'لا تتصل عملية الويب ولا الوكيل بعنوان خارج الجهاز',
);
const noWebrtc = say('there is no WebRTC', 'لا يوجد WebRTC');
const withReleases = say('comes with published releases and updates', 'مع نشر الإصدارات والتحديثات');

export const operationItems: readonly AsvsItem[] = [
  proven('13.1.1', say('Connections are written down', 'الاتصالات موثَّقة'), [
    pages('the places of the page are those of the code'),
  ]),
  partial(
    '13.2.1',
    say('Parts prove to each other who they are', 'الأجزاء تثبت هويتها لبعضها'),
    say(
      'a database server is asked with a password that does not change by itself',
      'خادم قاعدة البيانات يُسأل بكلمة مرور لا تتغيّر وحدها',
    ),
    [server('P2.4-1 only root and the panel can open the socket, and an unknown action is refused there')],
  ),
  proven('13.2.2', say('Parts have the rights they need', 'لكل جزء ما يحتاجه من الصلاحيات'), [
    server('P2.4-1 the web process is not root and holds no capability'),
    server('P2.4-2 the units are valid and sandboxed as promised'),
  ]),
  proven('13.2.3', say('No default passwords between parts', 'لا كلمات مرور جاهزة بين الأجزاء'), [
    checks('P1.3-4 production with only SECRET_KEY asks for the password of the default engine'),
    key('P1.2-3 production refuses every value of every shipped example file'),
  ]),
  notYet(
    '13.2.4',
    say('Outgoing connections are listed', 'الاتصالات الصادرة مذكورة'),
    say(
      'comes with the firewall: the unit of the web process may connect anywhere, though no code does',
      'مع جدار الحماية: يُسمح لوحدة الويب بالاتصال وإن لم تفعل شيفرتها',
    ),
  ),
  partial(
    '13.2.5',
    say('Files and places the server may use are listed', 'ما يصل إليه الخادم مذكور'),
    say('files are, the network is not (13.2.4)', 'الملفات نعم، والشبكة لا (13.2.4)'),
    [server('P2.4-2 the units are valid and sandboxed as promised')],
  ),
  partial(
    '13.3.1',
    say('Secrets are managed', 'إدارة الأسرار'),
    say('files with narrow modes instead of a vault', 'ملفات بصلاحيات ضيقة بدل خزنة'),
    [
      server('P2.4-4 code belongs to root and nobody else can write to it; strangers cannot read the rest'),
      key('P1.2-3 production refuses every value of every shipped example file'),
      start('P1.2-3 production starts with a random key'),
    ],
  ),
  proven('13.3.2', say('Only who needs a secret can read it', 'لا يقرأ السر إلا من يحتاجه'), [
    factors('what is kept is for root only and holds no password, code or invitation in clear'),
    chain('is for root only'),
    server('P2.4-4 code belongs to root and nobody else can write to it; strangers cannot read the rest'),
  ]),
  partial(
    '13.4.1',
    say('No version control is served', 'لا تُخدم بيانات إدارة الشيفرة'),
    say('a test that a release holds none', 'اختبار أن الإصدار يخلو منها'),
    [
      web('%s is no file of ours'),
      testsOf('agent/sites/sites.apply.test.ts')('files beginning with a dot are never served'),
    ],
  ),
  proven('13.4.2', say('Debugging is off in production', 'التنقيح مغلق في الإنتاج'), [
    start('P1.4-2 an error shows no stack trace, and no debug route or inspector answers'),
    checks('%s'),
  ]),
  proven('13.4.3', say('No folder listings', 'لا سرد للمجلدات'), [
    web('%s is no file of ours'),
    gate('strangers get one answer, byte for byte, whatever they ask'),
  ]),
  proven('13.4.4', say('TRACE is not answered', 'لا جواب عن TRACE'), [
    gate('strangers get one answer, byte for byte, whatever they ask'),
    route('AUTH-1 an unknown method is 405 with Allow, only for people who may use the path'),
  ]),
  proven(
    '13.4.5',
    say('Monitoring and descriptions are shown on purpose only', 'المراقبة والوصف لا يظهران إلا بقصد'),
    [
      health('H-4 P5.1-4 strangers read the status only, signed-in people the checks'),
      gate('health is for this machine itself'),
      metrics('P2.3-4 P5.1-4 a stranger gets 401, through a proxy 403, and learns nothing of the machine'),
    ],
    say(
      'the description of the API is public on purpose, behind the secret entry',
      'وصف الواجهة عام عن قصد، خلف مسار الدخول السري',
    ),
  ),
  proven('14.1.1', say('Sensitive data are listed with their protection', 'البيانات الحساسة مسرودة بحمايتها'), [
    pages('the places of the page are those of the code'),
  ]),
  partial(
    '14.1.2',
    say('What each class of data needs is written down', 'ما يلزم كل صنف من البيانات موثَّق'),
    say(
      'how long rows of the audit and of bans are kept, and what laws on personal data ask for',
      'مدة حفظ أسطر التدقيق والحظر، وما تطلبه قوانين البيانات الشخصية',
    ),
    [pages('the places of the page are those of the code')],
  ),
  proven('14.2.1', say('No secret stands in a URL that a server sees', 'لا سر في عنوان يراه خادم'), [
    testsOf('web/features/accounts/link-token.test.ts')('the secret of the address %j is %j'),
    testsOf('server/features/people/people.test.ts')(
      'the link lets exactly one person choose a password, once, and its secret is kept nowhere in the panel',
    ),
    start('in production the link is not printed where it would end up in a journal'),
  ]),
  proven('14.2.2', say('No cache keeps sensitive answers', 'لا ذاكرة وسيطة تحفظ الأجوبة الحساسة'), [noStore]),
  proven('14.2.3', say('Nothing goes to third parties', 'لا شيء يذهب إلى طرف ثالث'), [
    screens('UX-2 $name: right in light, in dark and on a phone, for everybody'),
    web('every page is index.html with a nonce of its own that the policy allows'),
  ]),
  partial(
    '14.2.4',
    say('Data are protected as written', 'حماية البيانات كما هو موثَّق'),
    say('ends of the times that are still to be written (14.1.2)', 'المدد التي لم توثَّق بعد (14.1.2)'),
    [
      factors('what is kept is for root only and holds no password, code or invitation in clear'),
      log('a field named like %s is replaced at every depth'),
    ],
  ),
  partial(
    '14.3.1',
    say('Signing out clears the page', 'الخروج يمحو ما في الصفحة'),
    say(
      'when the panel does not answer; a test of what the page holds then',
      'حين لا تجيب اللوحة، واختبار ما يبقى في الصفحة عندها',
    ),
    [
      testsOf('test/e2e/factors.test.ts')('signing in then asks for a code of the app, once each'),
      accounts('AUTH-5 sign-out ends the session at once and takes the cookie away'),
    ],
  ),
  proven('14.3.2', say('Browsers keep no answers', 'المتصفح لا يحفظ الأجوبة'), [noStore]),
  proven('14.3.3', say('Nothing sensitive in the browser’s storage', 'لا شيء حساسًا في تخزين المتصفح'), [
    source(
      'the browser keeps only look, an unsent form, the time of a reload, sealed drafts, and keys that are nothing without the session',
    ),
  ]),
  notYet(
    '15.1.1',
    say('How soon holes in packages are closed is written down', 'مهلة سد ثغرات الحزم موثَّقة'),
    withReleases,
  ),
  partial(
    '15.1.2',
    say('Packages are listed', 'الحزم مسرودة'),
    say('a list in a common format (SBOM) with each release', 'قائمة بصيغة معروفة (SBOM) مع كل إصدار'),
    [
      architecture('P0-7 P1.3-3 keeps the boundaries of the house'),
      architecture('P2.1-4 carries no production dependency that no product code imports'),
    ],
  ),
  proven('15.1.3', say('Costly work and its limits are written down', 'الأعمال المكلفة وحدودها موثَّقة'), [
    pages('the limits of the page are those of the code'),
  ]),
  notYet('15.2.1', say('No package is older than promised', 'لا حزمة أقدم من الوعد'), withReleases),
  proven('15.2.2', say('Costly work cannot stop the rest', 'العمل المكلف لا يوقف ما سواه'), [
    secrets('S-8 at most two are hashed at once, the others wait'),
    agentServer('FAULT-2 too many at once are refused at once, and the others end'),
    testsOf('server/sign-in-flood.test.ts')(
      'AUTH-8 %s sign-ins a second keep the web process under 350 MB, and its one thread keeps up',
    ),
  ]),
  proven('15.2.3', say('Production holds what it needs and no more', 'في الإنتاج ما يلزم فقط'), [
    architecture('P2.1-4 carries no production dependency that no product code imports'),
    architecture('%s'),
    server('nothing that only the installation needed is left: no package manager of Node, no second Node'),
  ]),
  proven('15.3.1', say('Answers hold the listed fields only', 'الأجوبة بالحقول المذكورة فقط'), [
    route('PERM-4 only listed fields leave the server, and an answer that breaks its contract is an internal error'),
  ]),
  notApplicable('15.3.2', say('Redirects of others are not followed', 'لا تُتبع تحويلات الآخرين'), noCalls),
  proven('15.3.3', say('Requests set the listed fields only', 'الطلبات تضع الحقول المذكورة فقط'), [
    attacks('a parameter given twice, an unknown one, or one that is SQL is refused; bodies take no unknown field'),
    route('PERM-3 wrong and unknown fields are listed with stable codes'),
  ]),
  proven('15.3.4', say('The real address of a visitor is used', 'يُستعمل العنوان الحقيقي للزائر'), [
    web('WEB-1 the address of a client comes from the connection, and from the hop of a trusted proxy only'),
    attacks('WEB-1 no header of a stranger changes from where they come, or where the panel is'),
  ]),
  proven('15.3.5', say('Types are strict', 'الأنواع صارمة'), [
    architecture('%s'),
    route('PERM-3 wrong and unknown fields are listed with stable codes'),
  ]),
  proven('15.3.6', say('Prototypes cannot be changed', 'لا يمكن تغيير النماذج الأولية'), [
    attacks('__proto__ and constructor.prototype are refused and change no object'),
  ]),
  proven('15.3.7', say('Parameters given twice are refused', 'المعاملات المكررة مرفوضة'), [
    attacks('a parameter given twice, an unknown one, or one that is SQL is refused; bodies take no unknown field'),
    attacks('two cookies of the name, one of 8 KB, and bytes that are none, sign nobody in and break nothing'),
  ]),
  proven('16.1.1', say('Logs are listed', 'السجلات مسرودة'), [pages('the places of the page are those of the code')]),
  proven('16.2.1', say('A line says who, what, when and from where', 'السطر يقول من وماذا ومتى ومن أين'), [
    audit('has who, what, from where, before and after, the outcome and its number in the chain'),
    agentServer('that changes something leaves a line with who and how it ended, and none of its parameters'),
  ]),
  partial(
    '16.2.2',
    say('Clocks agree, times are UTC', 'الساعات متوافقة والأوقات UTC'),
    say(
      'setting the clock from the network is the machine’s; doctor only looks at it',
      'ضبط الساعة من الشبكة شأن الجهاز، و doctor يفحصه فقط',
    ),
    [audit('has who, what, from where, before and after, the outcome and its number in the chain')],
  ),
  partial(
    '16.2.3',
    say('Logs go to the written places only', 'السجلات في مواضعها الموثَّقة فقط'),
    say('a test that nothing else is written', 'اختبار أنه لا يُكتب سواها'),
    [
      log('P1.4-4 a place that is not writable is replaced by the data folder, and the log says so'),
      log('P1.4-4 without any writable place the panel logs to standard output and goes on'),
    ],
  ),
  proven('16.2.4', say('Programs can read the logs', 'البرامج تقرأ السجلات'), [
    log('a line break in a value cannot start a line of its own'),
    attacks('CR, LF and NUL in names stay text: no row, no log line and no header of their own'),
  ]),
  proven('16.2.5', say('No secret reaches a log', 'لا سر يصل إلى سجل'), [
    log('a field named like %s is replaced at every depth'),
    log('headers, passwords in URLs and tokens in links are replaced wherever they stand'),
    accounts('a tried name and password never reach the audit as text that signs somebody in'),
  ]),
  proven('16.3.1', say('Every sign-in is logged, right or wrong', 'كل محاولة دخول مسجَّلة'), [
    accounts('a tried name and password never reach the audit as text that signs somebody in'),
    testsOf('agent/console.test.ts')(
      'a new password works at once, ends elevations, and stands in the audit log without the password',
    ),
    testsOf('test/e2e/accounts.test.ts')('the audit log names what happened, who did it and why it was refused'),
  ]),
  partial(
    '16.3.2',
    say('Refusals are logged', 'الرفض مسجَّل'),
    say('refused readings: a change that is refused leaves a row', 'القراءات المرفوضة؛ أما التغيير المرفوض فله سطر'),
    [route('a change that a role forbids leaves a row of the audit and nothing else')],
  ),
  partial(
    '16.3.3',
    say('Attempts to get around are logged', 'محاولات الالتفاف مسجَّلة'),
    say('bodies that fail their check leave no row', 'الطلبات التي لا تجتاز الفحص لا سطر لها'),
    [limits('AUTH-8 bans of one address last longer each time, and are rows with what was seen')],
  ),
  proven('16.3.4', say('Unexpected errors are logged', 'الأخطاء غير المتوقعة مسجَّلة'), [
    agentServer('that breaks says nothing of the inside, and the log has it with the request id'),
    testsOf('server/core/jobs/jobs.test.ts')(
      'what is no AppError is internal, and its words stay in the log of the panel',
    ),
  ]),
  proven('16.4.1', say('Nobody writes lines of their own', 'لا يكتب غريب سطرًا في السجل'), [
    log('a line break in a value cannot start a line of its own'),
    attacks('CR, LF and NUL in names stay text: no row, no log line and no header of their own'),
  ]),
  partial(
    '16.4.2',
    say('Logs cannot be read or changed by others', 'لا يقرأ السجلات أو يغيّرها غريب'),
    say(
      'the audit chain is kept so; the panel’s own log file belongs to the web process, which could change it',
      'سلسلة التدقيق كذلك؛ أما ملف سجل اللوحة فملك عملية الويب ويمكنها تغييره',
    ),
    [
      chain('AUD-1 L-9 was changed'),
      chain('is for root only'),
      audit('finds a row of the index that was changed, and one that was removed, and one that was added'),
    ],
  ),
  notYet(
    '16.4.3',
    say('Logs are kept on another machine too', 'نسخة من السجلات على جهاز آخر'),
    say('comes with log shipping', 'مع نقل السجلات'),
  ),
  proven('16.5.1', say('Errors tell nothing of the inside', 'الأخطاء لا تكشف الداخل'), [
    route('P1.4-2 an unknown error is internal, with the request id and nothing of the inside'),
    agentServer('that breaks says nothing of the inside, and the log has it with the request id'),
  ]),
  proven('16.5.2', say('What is away does not stop the rest', 'تعطل جزء لا يوقف سواه'), [
    testsOf('server/db/databases.test.ts')(
      'while the server is away the panel is not ready but alive, and it heals by itself when the server is back',
    ),
    audit('while the agent is away people sign out and read, everything else is refused and nothing happens'),
  ]),
  proven('16.5.3', say('When in doubt, nothing happens', 'عند الشك لا يحدث شيء'), [
    route('PERM-5 without an audit row nothing happens'),
    testsOf('agent/people/people.test.ts')('a damaged one is not taken for an empty one'),
  ]),
  notApplicable('17.1.1', say('TURN servers', 'خوادم TURN'), noWebrtc),
  notApplicable('17.2.1', say('DTLS keys', 'مفاتيح DTLS'), noWebrtc),
  notApplicable('17.2.2', say('DTLS ciphers', 'خوارزميات DTLS'), noWebrtc),
  notApplicable('17.2.3', say('SRTP authentication', 'التحقق في SRTP'), noWebrtc),
  notApplicable('17.2.4', say('Malformed SRTP', 'حزم SRTP تالفة'), noWebrtc),
  notApplicable('17.3.1', say('Floods of signals', 'إغراق الإشارات'), noWebrtc),
  notApplicable('17.3.2', say('Malformed signals', 'إشارات تالفة'), noWebrtc),
];
