import { notApplicable, partial, proven, say, testsOf, type AsvsItem } from './asvs-item.ts';

/* Chapters 6 and 7: signing in, sessions. */

const accounts = testsOf('server/features/accounts/accounts.test.ts');
const agentFactors = testsOf('agent/factors/factors.test.ts');
const agentPeople = testsOf('agent/people/people.test.ts');
const attacks = testsOf('server/attacks.test.ts');
const console = testsOf('agent/console.test.ts');
const contracts = testsOf('shared/accounts.test.ts');
const factors = testsOf('server/features/accounts/factors.test.ts');
const fields = testsOf('test/ledger/asvs-source.test.ts');
const hostileWeb = testsOf('agent/elevation/hostile-web.test.ts');
const ids = testsOf('server/core/id.test.ts');
const limits = testsOf('server/core/auth/sign-in-limits.test.ts');
const matrix = testsOf('server/authorisation.test.ts');
const ownAccount = testsOf('test/e2e/own-account.test.ts');
const pages = testsOf('test/security-pages.test.ts');
const people = testsOf('server/features/people/people.test.ts');
const secrets = testsOf('agent/factors/secrets.test.ts');

const noOtherChannel = say(
  'codes come by no other channel: no SMS, mail, call or push',
  'لا رموز عبر قناة أخرى: لا رسائل ولا بريد ولا مكالمات ولا إشعارات',
);
const noProvider = say('nobody signs in through another provider', 'لا دخول عبر مزوّد هوية آخر');
export const signInItems: readonly AsvsItem[] = [
  proven('6.1.1', say('Limits against guessing are written down', 'حدود التخمين موثَّقة'), [
    pages('the limits of the page are those of the code'),
  ]),
  proven('6.1.2', say('Words that no password may consist of are written down', 'الكلمات الممنوعة كلمةَ مرور موثَّقة'), [
    pages('the words that are refused as a password are those of the code'),
  ]),
  proven('6.1.3', say('Every way in is written down with its strength', 'كل طريق دخول موثَّق بقوته'), [
    pages('every way in stands on the page, and no other'),
  ]),
  proven('6.2.1', say('Passwords have at least eight characters', 'كلمة المرور ثمانية محارف على الأقل'), [
    contracts('a password has 8 to 128 characters of any kind and is kept as it was typed'),
  ]),
  proven('6.2.2', say('People change their password', 'يغيّر الشخص كلمة مروره'), [
    accounts('a new password needs the old one, ends all other sessions and is no common one'),
  ]),
  proven('6.2.3', say('A change needs the old password', 'التغيير يحتاج كلمة المرور الحالية'), [
    accounts('a new password needs the old one, ends all other sessions and is no common one'),
  ]),
  proven('6.2.4', say('Common passwords are refused', 'رفض كلمات المرور الشائعة'), [
    testsOf('server/core/auth/common-passwords.test.ts')(
      'the 3,000 passwords that guessers try first are refused, each at least eight characters long',
    ),
    accounts('a new password needs the old one, ends all other sessions and is no common one'),
  ]),
  proven('6.2.5', say('Any characters, no composition rules', 'أي محارف بلا شروط تركيب'), [
    contracts('a password has 8 to 128 characters of any kind and is kept as it was typed'),
  ]),
  proven('6.2.6', say('Password fields hide what is typed', 'حقول كلمة المرور تخفي ما يُكتب'), [
    fields('passwords are typed into fields that hide them, take a paste and name themselves to password managers'),
  ]),
  proven('6.2.7', say('Pasting and password managers work', 'اللصق ومديرو كلمات المرور يعملون'), [
    fields('passwords are typed into fields that hide them, take a paste and name themselves to password managers'),
  ]),
  proven(
    '6.2.8',
    say('A password is checked as it was typed', 'تُفحص كلمة المرور كما كُتبت'),
    [
      contracts('a password has 8 to 128 characters of any kind and is kept as it was typed'),
      secrets('S-8 a password is kept as argon2id with 64 MiB and three passes, and only it fits'),
    ],
    say(
      'only the Unicode form is unified (NFKC), so that every keyboard gives the same text',
      'لا يُوحَّد إلا شكل Unicode ‏(NFKC) لتعطي كل لوحات المفاتيح النص نفسه',
    ),
  ),
  proven('6.2.9', say('Long passwords are allowed', 'كلمات المرور الطويلة مسموحة'), [
    contracts('a password has 8 to 128 characters of any kind and is kept as it was typed'),
  ]),
  notApplicable(
    '6.2.10',
    say('No forced change of passwords', 'لا تغيير إجباري لكلمات المرور'),
    say(
      'nothing makes a password old: the code knows no such age',
      'لا شيء يجعل كلمة المرور قديمة، ولا عمر لها في الشيفرة',
    ),
  ),
  proven('6.2.11', say('The written words are refused', 'الكلمات الممنوعة مرفوضة فعلًا'), [
    testsOf('server/core/auth/common-passwords.test.ts')('%s says little more than a word of panels or the own name'),
    pages('the words that are refused as a password are those of the code'),
  ]),
  partial(
    '6.2.12',
    say('Breached passwords are refused', 'رفض كلمات المرور المسرَّبة'),
    say(
      'only those of the offline list: the panel asks no service on the Internet',
      'ما في القائمة المحلية فقط، فاللوحة لا تسأل خدمة على الإنترنت',
    ),
    [accounts('a new password needs the old one, ends all other sessions and is no common one')],
  ),
  partial(
    '6.3.1',
    say('Guessing is held back as written', 'كبح التخمين كما هو موثَّق'),
    say(
      'somebody who keeps guessing at one account keeps its passwords and codes closed for its owner too; passkeys stay open',
      'من يواصل التخمين على حساب يبقي كلمات مروره ورموزه مقفلة على صاحبه أيضًا، وتبقى مفاتيح المرور مفتوحة',
    ),
    [
      accounts(
        'AUTH-8 a guesser of one account is stopped, whatever they send then, and it is over after five minutes',
      ),
      limits('AUTH-8 bans of one address last longer each time, and are rows with what was seen'),
      limits('AUTH-8 a banned account is open to a network that is known for it, and to every passkey'),
      agentFactors(
        'S-9 after ten wrong codes in five minutes the right one is refused too, at sign-in and when confirming',
      ),
    ],
  ),
  proven('6.3.2', say('No account comes with the product', 'لا حساب جاهزًا مع المنتج'), [
    accounts('the link of the console creates the owner once, and a newer link voids the older'),
    agentPeople('is founded once, by whoever asks first, and only once'),
  ]),
  partial(
    '6.3.3',
    say('More than one factor', 'أكثر من عامل'),
    say(
      'asked of everybody who has one and required for each person by a setting, but not of all people from the start',
      'يُطلب ممن أعدّه، ويُلزَم به كل شخص بإعداد، لكنه ليس إلزاميًا للجميع من البداية',
    ),
    [
      factors(
        'is asked for after the password, each code counts once, and the answer of the password alone opens nothing',
      ),
      factors('can do nothing but add one, and then everything'),
    ],
  ),
  proven('6.3.4', say('No way in that is not written down', 'لا طريق دخول غير موثَّق'), [
    matrix('is what the server serves: nothing more, nothing less, and with the same access'),
    pages('every way in stands on the page, and no other'),
    console('there is no way to it over the socket'),
  ]),
  proven(
    '6.4.1',
    say('First secrets are random, short-lived and used once', 'الأسرار الأولى عشوائية قصيرة العمر ولمرة واحدة'),
    [
      people('the link lets exactly one person choose a password, once, and its secret is kept nowhere in the panel'),
      agentPeople('is void after three days, while its person is disabled, and for who was never invited'),
      accounts('a link of the console signs the owner in once and not after 30 minutes'),
    ],
  ),
  notApplicable(
    '6.4.2',
    say('No secret questions', 'لا أسئلة سرية'),
    say('there are neither hints nor questions', 'لا تلميحات ولا أسئلة'),
  ),
  proven(
    '6.4.3',
    say('A new password does not pass by the second factor', 'كلمة المرور الجديدة لا تتخطى العامل الثاني'),
    [
      agentPeople('with clear %s leaves the second factor: %s'),
      ownAccount(
        'an invitation asks for a password, then for the second factor that the account must have, then opens the panel',
      ),
    ],
    say(
      'links and passwords from the console are root’s, who needs neither',
      'روابط الطرفية وكلماتها للجذر الذي لا يحتاج إليها',
    ),
  ),
  partial(
    '6.4.4',
    say('A lost factor is replaced only after proof', 'لا يُستبدل عامل مفقود إلا بإثبات'),
    say(
      'how the administrator knows whom they invite anew is theirs to judge',
      'تقدير هوية من يُدعى من جديد متروك للمدير',
    ),
    [
      people('a new link voids the old one, and one that clears takes the second factors away'),
      console('somebody who lost their app gets in again without it'),
    ],
  ),
  proven('6.5.1', say('Codes work once', 'الرموز لمرة واحدة'), [
    agentFactors('a code is taken once, also after a restart and by two at once'),
    agentFactors('a recovery code is taken once, however it is typed'),
  ]),
  partial(
    '6.5.2',
    say('Recovery codes are hashed', 'رموز الاسترداد مجزّأة'),
    say(
      'with HMAC-SHA-256 under a key that only root reads, bound to the person, instead of a password hash: 50 random bits and a limit on tries',
      'بـ HMAC-SHA-256 ومفتاح لا يقرؤه إلا الجذر مرتبطًا بالشخص، بدل تجزئة كلمات المرور: 50 بتًا عشوائيًا وحد للمحاولات',
    ),
    [secrets('a recovery code is kept as a keyed hash that says nothing for another key or another person')],
  ),
  proven('6.5.3', say('Codes and secrets are random', 'الرموز والأسرار عشوائية'), [
    secrets('recovery codes are ten, of 50 random bits, and fit the form in which people type them'),
    fields('randomness comes from node:crypto only'),
  ]),
  proven('6.5.4', say('Recovery codes are long enough', 'رموز الاسترداد طويلة بما يكفي'), [
    secrets('recovery codes are ten, of 50 random bits, and fit the form in which people type them'),
  ]),
  partial(
    '6.5.5',
    say('Codes of an app live 30 seconds', 'رموز التطبيق تعيش 30 ثانية'),
    say(
      'the code of the step before and after is taken too, because clocks of phones differ: up to 90 seconds, each once',
      'يُقبل رمز الخطوة السابقة واللاحقة أيضًا لاختلاف ساعات الهواتف: حتى 90 ثانية، ومرة واحدة لكل رمز',
    ),
    [testsOf('agent/factors/totp.test.ts')('of the step before and after is taken, of two away not')],
  ),
  notApplicable('6.6.1', say('Codes by phone', 'الرموز بالهاتف'), noOtherChannel),
  notApplicable(
    '6.6.2',
    say('Codes of another channel belong to one request', 'ارتباط رموز القناة الأخرى بطلبها'),
    noOtherChannel,
  ),
  notApplicable('6.6.3', say('Guessing codes of another channel', 'تخمين رموز القناة الأخرى'), noOtherChannel),
  notApplicable('6.8.1', say('Several identity providers', 'عدة مزوّدي هوية'), noProvider),
  notApplicable('6.8.2', say('Signed statements of providers', 'توقيع إفادات المزوّدين'), noProvider),
  notApplicable('6.8.3', say('SAML statements once', 'إفادات SAML لمرة واحدة'), noProvider),
  notApplicable('6.8.4', say('Strength told by the provider', 'القوة التي يذكرها المزوّد'), noProvider),
  proven('7.1.1', say('Idle and absolute limits are written down', 'حدا الخمول والعمر المطلق موثَّقان'), [
    pages('the limits of the page are those of the code'),
  ]),
  proven('7.1.2', say('Sessions at the same time are written down', 'الجلسات المتزامنة موثَّقة'), [
    pages('the limits of the page are those of the code'),
  ]),
  notApplicable('7.1.3', say('Sessions shared with other systems', 'جلسات مشتركة مع أنظمة أخرى'), noProvider),
  proven('7.2.1', say('The server checks sessions', 'الخادم يفحص الجلسات'), [
    attacks('a session id that was planted before sign-in never becomes anybody’s'),
    testsOf('server/core/auth/session-keys.test.ts')(
      'P1.2-4 a session survives a restart under another host name and dies with a new SECRET_KEY',
    ),
  ]),
  proven('7.2.2', say('Every session has a token of its own', 'لكل جلسة رمزها'), [
    accounts('AUTH-5 each sign-in has a new session id, and the one the browser had is dead'),
  ]),
  proven('7.2.3', say('Session tokens are 256 random bits', 'رموز الجلسات 256 بتًا عشوائيًا'), [
    ids('a token is 256 random bits, an id 80, and no two are alike'),
    fields('randomness comes from node:crypto only'),
  ]),
  proven('7.2.4', say('Signing in and confirming give a new token', 'الدخول والتأكيد يعطيان رمزًا جديدًا'), [
    accounts('AUTH-5 each sign-in has a new session id, and the one the browser had is dead'),
    factors('gives the session a new id, is shown until it ends, and ends with a factor, on demand and at sign-out'),
  ]),
  proven('7.3.1', say('Unused sessions end', 'الجلسة الخاملة تنتهي'), [
    accounts('a session ends after an hour without use and after twelve hours in any case'),
  ]),
  proven('7.3.2', say('Every session ends', 'كل جلسة تنتهي'), [
    accounts('a session ends after an hour without use and after twelve hours in any case'),
  ]),
  proven('7.4.1', say('An ended session opens nothing', 'الجلسة المنتهية لا تفتح شيئًا'), [
    attacks('nothing of a session works after sign-out: not its cookie, not its elevation'),
    accounts('AUTH-5 sign-out ends the session at once and takes the cookie away'),
  ]),
  proven('7.4.2', say('Who is disabled or removed is out', 'الموقوف والمحذوف خارج اللوحة'), [
    people('a disabled person is out, streams included, and their password is as wrong as any'),
    people('who is removed is gone from both halves, with sessions and tokens'),
  ]),
  proven('7.4.3', say('A changed factor ends the other sessions', 'تغيير العامل ينهي الجلسات الأخرى'), [
    accounts('a new password needs the old one, ends all other sessions and is no common one'),
    ownAccount('USER-9 sessions are named by their device and ended, one or all others'),
  ]),
  proven('7.4.4', say('Signing out is always at hand', 'الخروج متاح دائمًا'), [
    testsOf('test/e2e/accounts.test.ts')('signing in leads to the page that was asked for, and never to another host'),
    testsOf('test/e2e/factors.test.ts')('signing in then asks for a code of the app, once each'),
  ]),
  partial(
    '7.4.5',
    say('Administrators end sessions of others', 'المدير ينهي جلسات غيره'),
    say(
      'a test that somebody’s session is really over then; the matrix asks who may',
      'اختبار أن الجلسة انتهت فعلًا؛ والمصفوفة تفحص من يحق له',
    ),
    [
      matrix('AUTH-1 lets through whom the operation names: what is wrong then is the request, not the person'),
      matrix('asks an owner for a fresh factor before each dangerous operation, and nothing happens without one'),
      testsOf('cli/rescue.test.ts')('are listed as plain text, and end'),
    ],
  ),
  proven('7.5.1', say('Changing a factor needs a fresh one', 'تغيير عامل يحتاج عاملًا حديثًا'), [
    factors('a password is no second factor, and no elevation once there is a stronger one'),
    matrix('asks an owner for a fresh factor before each dangerous operation, and nothing happens without one'),
    hostileWeb('USER-3 S-5 with an elevation that it made itself, or that it uses as a ticket'),
  ]),
  partial(
    '7.5.2',
    say('People see and end their sessions', 'يرى الشخص جلساته وينهيها'),
    say(
      'ending the own sessions asks for no fresh factor: whoever feels watched must be quick',
      'إنهاء الجلسات الخاصة لا يطلب عاملًا حديثًا: السرعة أولى عند الشك',
    ),
    [ownAccount('USER-9 sessions are named by their device and ended, one or all others')],
  ),
  notApplicable('7.6.1', say('Lifetime with providers', 'العمر مع المزوّدين'), noProvider),
  notApplicable('7.6.2', say('Consent to a session by a provider', 'الموافقة على جلسة المزوّد'), noProvider),
];
