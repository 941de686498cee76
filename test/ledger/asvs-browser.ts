import { notApplicable, notYet, partial, proven, say, testsOf, type AsvsItem } from './asvs-item.ts';

/* Chapters 3, 4 and 5: browser, API, files. */

const architecture = testsOf('test/architecture.test.ts');
const attacks = testsOf('server/attacks.test.ts');
const audit = testsOf('server/features/audit/audit.test.ts');
const certificate = testsOf('server/features/doors/certificate.test.ts');
const doors = testsOf('server/features/doors/doors.test.ts');
const gate = testsOf('server/core/doors-gate.test.ts');
const hostileSites = testsOf('agent/sites/sites.hostile.test.ts');
const route = testsOf('server/core/route.test.ts');
const screens = testsOf('test/e2e/screens.ts');
const settings = testsOf('cli/settings.test.ts');
const web = testsOf('server/core/web.test.ts');

const everyHeader = web('WEB-5 every answer carries the security headers, errors and redirects too');
const sessionCookie = web(
  'P1.2-5 a session cookie in production is Secure, HttpOnly, SameSite=Strict and lasts as configured',
);
const noGraphql = say('there is no GraphQL', 'لا يوجد GraphQL');
const withTerminal = say(
  'comes with the terminal: the panel has no WebSocket yet, live data are server-sent events',
  'مع الطرفية: لا WebSocket في اللوحة بعد، والبيانات الحية أحداث من الخادم',
);
const withFiles = say('comes with the file manager', 'مع مدير الملفات');

export const browserItems: readonly AsvsItem[] = [
  proven('3.2.1', say('An answer is not shown as what it is not', 'لا يُعرض الجواب على غير حقيقته'), [
    everyHeader,
    audit('OUT-3 the export as CSV runs nothing in a spreadsheet, and as JSON it is JSON'),
  ]),
  proven('3.2.2', say('Text is set as text', 'النص يُوضع نصًا'), [
    architecture('%s'),
    testsOf('test/e2e/audit.test.ts')('what a stranger typed is text, and what cannot be seen in it is shown'),
  ]),
  proven('3.3.1', say('Cookies are Secure', 'الكعكات Secure'), [
    sessionCookie,
    settings('P1.2-5 the session cookie of production: Secure, HttpOnly, SameSite=Strict, one hour'),
  ]),
  proven('3.3.2', say('Cookies have SameSite', 'للكعكات SameSite'), [
    sessionCookie,
    gate('opening it gives a cookie and leads to the sign-in page of this very panel, whatever the Host'),
  ]),
  proven('3.3.3', say('Cookies have the __Host- prefix', 'للكعكات البادئة ‎__Host-'), [sessionCookie]),
  proven('3.3.4', say('Scripts cannot read the session cookie', 'لا تقرأ النصوص البرمجية كعكة الجلسة'), [
    sessionCookie,
  ]),
  partial(
    '3.4.1',
    say('Browsers are told to stay on HTTPS', 'إلزام المتصفح بـ HTTPS'),
    say(
      'one year, under a name and with a certificate of an authority; without the subdomains: they are sites of the same server that may have no certificate',
      'سنة كاملة، تحت اسم وبشهادة من سلطة تصديق، دون النطاقات الفرعية فهي مواقع على الخادم نفسه قد لا تملك شهادة',
    ),
    [certificate('T-10 one of an authority binds browsers to HTTPS under a name, never under an address')],
  ),
  proven('3.4.2', say('Other origins read only when listed', 'لا يقرأ من أصل آخر إلا المذكور'), [
    web('P1.2-5 only listed origins may read across origins, and only * in development opens reading to all'),
    settings('P1.2-5 a foreign origin gets no CORS header, a listed one does'),
  ]),
  proven('3.4.3', say('Content-Security-Policy', 'سياسة المحتوى CSP'), [
    web('every page is index.html with a nonce of its own that the policy allows'),
    everyHeader,
    screens('UX-2 $name: right in light, in dark and on a phone, for everybody'),
  ]),
  proven('3.4.4', say('nosniff on every answer', 'nosniff في كل جواب'), [everyHeader]),
  proven('3.4.5', say('No referrer leaves the panel', 'لا يخرج عنوان الصفحة من اللوحة'), [everyHeader]),
  proven('3.4.6', say('Nobody can frame the panel', 'لا يضع أحد اللوحة في إطار'), [everyHeader]),
  proven('3.5.1', say('Foreign pages cannot act for a person', 'لا تتصرف صفحة غريبة باسم الشخص'), [
    route('WEB-3 a change with %s is refused and does nothing'),
    attacks('a request of another page, also with the right cookie, changes nothing and opens no stream'),
  ]),
  proven('3.5.2', say('No call slips past the preflight', 'لا طلب يفلت من الفحص المسبق'), [
    route('WEB-3 a change with %s is refused and does nothing'),
    route('WEB-3 signing in needs the same origin too'),
  ]),
  proven('3.5.3', say('GET changes nothing', 'الطلب GET لا يغيّر شيئًا'), [
    architecture('each say who may call them, and change nothing on GET'),
    attacks('a method that is said beside the request, or another one than the route has, does nothing'),
  ]),
  partial(
    '3.5.4',
    say('Separate applications have separate host names', 'لكل تطبيق اسم مضيف مستقل'),
    say(
      'the panel can be bound to a name of its own, but does not ask for one: under the name or address of a site it shares cookies with that site',
      'يمكن ربط اللوحة باسم خاص بها دون إلزام: وتحت اسم موقع أو عنوانه تشترك معه في الكعكات',
    ),
    [doors('a new name is confirmed under that name')],
  ),
  notApplicable(
    '3.5.5',
    say('Messages between windows', 'الرسائل بين النوافذ'),
    say('the panel listens to no postMessage', 'لا تستمع اللوحة إلى postMessage'),
  ),
  proven('3.7.1', say('No outdated browser technology', 'لا تقنيات متصفح منتهية'), [
    architecture('P0-7 P1.3-3 keeps the boundaries of the house'),
    web('every page is index.html with a nonce of its own that the policy allows'),
  ]),
  proven('3.7.2', say('Redirects lead to the panel only', 'التحويل إلى اللوحة نفسها فقط'), [
    certificate('WEB-5 plain HTTP is sent to HTTPS at the address of the settings, never to the one of Host'),
    gate('opening it gives a cookie and leads to the sign-in page of this very panel, whatever the Host'),
    testsOf('test/e2e/accounts.test.ts')('signing in leads to the page that was asked for, and never to another host'),
  ]),
  partial(
    '4.1.1',
    say('Every answer names its type and character set', 'كل جواب يذكر نوعه وترميزه'),
    say('one test that asks every operation for it', 'اختبار واحد يسأل كل عملية عنه'),
    [
      route('PERM-3 wrong and unknown fields are listed with stable codes'),
      web('fingerprinted files are kept for ever and come compressed to who understands it'),
      testsOf('server/features/reference/reference.test.ts')(
        'the page needs no script and no inline style: its policy allows one style element and nothing else',
      ),
    ],
  ),
  partial(
    '4.1.2',
    say('Only pages are redirected to HTTPS', 'التحويل إلى HTTPS للصفحات فقط'),
    say(
      'calls of the API over plain HTTP are redirected like pages instead of refused',
      'طلبات الواجهة عبر HTTP تُحوَّل كالصفحات بدل أن تُرفض',
    ),
    [certificate('WEB-5 plain HTTP is sent to HTTPS at the address of the settings, never to the one of Host')],
  ),
  proven('4.1.3', say('Strangers cannot set headers of a proxy', 'لا يضع الغريب ترويسات الوسيط'), [
    attacks('WEB-1 no header of a stranger changes from where they come, or where the panel is'),
    web('WEB-1 the address of a client comes from the connection, and from the hop of a trusted proxy only'),
  ]),
  partial(
    '4.2.1',
    say('No request smuggling', 'لا تهريب للطلبات'),
    say(
      'a collection of ambiguous requests through nginx to a proxied site',
      'مجموعة طلبات ملتبسة عبر nginx إلى موقع ممرَّر',
    ),
    [
      gate('what the parser cannot read gets the same words, with the headers, and the connection ends'),
      route('%s is refused'),
    ],
  ),
  notApplicable('4.3.1', say('GraphQL query limits', 'حدود استعلام GraphQL'), noGraphql),
  notApplicable('4.3.2', say('GraphQL introspection', 'استكشاف GraphQL'), noGraphql),
  notYet('4.4.1', say('WebSocket over TLS', 'WebSocket فوق TLS'), withTerminal),
  notYet('4.4.2', say('WebSocket checks its origin', 'WebSocket يفحص المصدر'), withTerminal),
  notYet('4.4.3', say('Tickets for a WebSocket', 'تذاكر WebSocket'), withTerminal),
  notYet('4.4.4', say('A ticket comes from the session', 'التذكرة من الجلسة'), withTerminal),
  notYet('5.1.1', say('File types and sizes are written down', 'أنواع الملفات وأحجامها موثَّقة'), withFiles),
  partial(
    '5.2.1',
    say('Files have a largest size', 'للملفات حجم أقصى'),
    say('uploads, which come with the file manager', 'الرفع الذي يأتي مع مدير الملفات'),
    [
      route('P1.2-5 a body above the limit is 413, and one from a stranger is never read'),
      testsOf('agent/server.test.ts')('FAULT-5 with a body over the limit, announced or not'),
    ],
  ),
  partial(
    '5.2.2',
    say('A file is what it says to be', 'الملف على ما يدّعي'),
    say('files other than certificates, which come with the file manager', 'غير الشهادات، ويأتي مع مدير الملفات'),
    [certificate('%s: refused before anything changes')],
  ),
  notYet(
    '5.2.3',
    say('Archives are measured before they are unpacked', 'قياس الأرشيف قبل فكه'),
    say('comes with backups and the file manager', 'مع النسخ الاحتياطي ومدير الملفات'),
  ),
  proven('5.3.1', say('Uploaded files are not run', 'الملفات المرفوعة لا تُنفَّذ'), [
    testsOf('agent/php/php.test.ts')(
      'nothing but a .php file that is there is run: no upload with a path behind it, none in a folder for uploads',
    ),
  ]),
  proven('5.3.2', say('Paths do not lead out', 'المسارات لا تخرج عن مكانها'), [
    testsOf('agent/core/files.test.ts')('PATH-1 the path %j is refused'),
    hostileSites('PATH-6 the file name part %j is refused'),
    hostileSites('PATH-2 a folder that is a link to %s is refused'),
  ]),
  proven('5.4.1', say('A download names its file', 'التنزيل يسمّي ملفه'), [
    audit('OUT-3 the export as CSV runs nothing in a spreadsheet, and as JSON it is JSON'),
    testsOf('test/e2e/audit.test.ts')('the filtered log comes as a file'),
  ]),
  proven('5.4.2', say('Names of downloads are safe', 'أسماء التنزيلات آمنة'), [
    audit('OUT-3 the export as CSV runs nothing in a spreadsheet, and as JSON it is JSON'),
    testsOf('server/features/files/files.test.ts')(
      'FILE-4 a file is sent in pieces, compared and downloaded whole and in part, never as a page of the panel',
    ),
  ]),
  notYet('5.4.3', say('Foreign files are scanned', 'فحص الملفات الغريبة'), withFiles),
];
