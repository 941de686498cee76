import { notApplicable, partial, proven, say, testsOf, type AsvsItem } from './asvs-item.ts';

/* Chapters 11 and 12: cryptography and connections. */

const architecture = testsOf('test/architecture.test.ts');
const certificate = testsOf('server/features/doors/certificate.test.ts');
const chain = testsOf('agent/audit/audit.test.ts');
const database = testsOf('server/config/database.test.ts');
const factors = testsOf('agent/factors/factors.test.ts');
const pages = testsOf('test/security-pages.test.ts');
const passkeys = testsOf('agent/factors/passkeys.test.ts');
const secrets = testsOf('agent/factors/secrets.test.ts');
const server = testsOf('test/vps/server.ts');
const source = testsOf('test/ledger/asvs-source.test.ts');
const totp = testsOf('agent/factors/totp.test.ts');

const nothingEncrypted = say(
  'the product itself encrypts nothing: secrets are hashed or lie in root-only files, connections are TLS of OpenSSL',
  'المنتج لا يعمّي شيئًا بنفسه: الأسرار مجزّأة أو في ملفات للجذر وحده، والاتصالات TLS من OpenSSL',
);
const unixSocket = say(
  'web process and agent talk over a Unix socket of one machine, guarded by its file mode',
  'عملية الويب والوكيل يتخاطبان عبر مقبس Unix في الجهاز نفسه تحرسه صلاحيات ملفه',
);

export const cryptoItems: readonly AsvsItem[] = [
  partial(
    '11.1.1',
    say('How keys are made, kept and replaced is written down', 'صنع المفاتيح وحفظها وتبديلها موثَّق'),
    say(
      'keys of the agent are not replaced on a schedule, and no named standard is followed',
      'مفاتيح الوكيل لا تُبدَّل بجدول، ولا يُتّبع معيار مسمّى',
    ),
    [pages('every key and algorithm of the code stands on the page')],
  ),
  proven('11.1.2', say('Keys and algorithms are listed', 'المفاتيح والخوارزميات مسرودة'), [
    pages('every key and algorithm of the code stands on the page'),
  ]),
  proven('11.2.1', say('Cryptography comes from OpenSSL', 'التعمية من OpenSSL'), [
    source('randomness comes from node:crypto only'),
    totp('the code of counter %i is %s'),
    architecture('P0-7 P1.3-3 keeps the boundaries of the house'),
  ]),
  partial(
    '11.2.2',
    say('Keys and algorithms can be replaced', 'يمكن تبديل المفاتيح والخوارزميات'),
    say(
      'keys of the agent; SECRET_KEY and the cost of password hashes can',
      'مفاتيح الوكيل؛ أما SECRET_KEY وكلفة تجزئة كلمات المرور فيمكن',
    ),
    [
      testsOf('server/core/auth/session-keys.test.ts')(
        'P1.2-8 a rotated key keeps old sessions, which then hang on the new key',
      ),
      factors('a hash of an earlier time is made anew at the next right password'),
    ],
  ),
  partial(
    '11.2.3',
    say('At least 128 bits of strength', 'قوة 128 بتًا على الأقل'),
    say(
      'passkeys of old security keys may use RSA with 2048 bits, which is 112',
      'مفاتيح المرور القديمة قد تستعمل RSA بـ 2048 بتًا أي قوة 112',
    ),
    [passkeys('with a key of another kind than it says, a short RSA key, or no key')],
  ),
  notApplicable('11.3.1', say('No weak block modes and paddings', 'لا أنماط ضعيفة للتعمية'), nothingEncrypted),
  notApplicable('11.3.2', say('Approved ciphers', 'خوارزميات تعمية معتمدة'), nothingEncrypted),
  notApplicable('11.3.3', say('Encrypted data cannot be changed', 'سلامة البيانات المعمّاة'), nothingEncrypted),
  proven(
    '11.4.1',
    say('Approved hash functions', 'دوال تجزئة معتمدة'),
    [architecture('%s'), pages('every key and algorithm of the code stands on the page')],
    say(
      'SHA-1 only where formats of others have it: TOTP (RFC 6238), OCSP, fingerprints of OpenPGP, the sign-in of MariaDB, sums of WordPress',
      'SHA-1 حيث تفرضها صيغ الآخرين فقط: TOTP (RFC 6238) وOCSP وبصمات OpenPGP ودخول MariaDB ومجاميع WordPress',
    ),
  ),
  proven('11.4.2', say('Passwords are hashed with argon2id', 'كلمات المرور بـ argon2id'), [
    secrets('S-8 a password is kept as argon2id with 64 MiB and three passes, and only it fits'),
    secrets('S-8 a hash with less than what is asked today still works and is known as weak'),
  ]),
  proven('11.4.3', say('Signed data use hashes of 256 bits', 'البيانات الموقَّعة بتجزئة 256 بتًا'), [
    chain('AUD-1 L-9 was changed together with its MAC'),
    pages('every key and algorithm of the code stands on the page'),
  ]),
  notApplicable(
    '11.4.4',
    say('Keys made from passwords', 'مفاتيح مشتقة من كلمات مرور'),
    say('no key is made from a password', 'لا مفتاح مشتقًا من كلمة مرور'),
  ),
  proven(
    '11.5.1',
    say('Secrets are random and long enough', 'الأسرار عشوائية وطويلة بما يكفي'),
    [
      testsOf('server/core/id.test.ts')('a token is 256 random bits, an id 80, and no two are alike'),
      source('randomness comes from node:crypto only'),
    ],
    say(
      'recovery codes have 50 bits because people type them (6.5.4)',
      'رموز الاسترداد 50 بتًا لأن الناس يكتبونها (6.5.4)',
    ),
  ),
  proven('11.6.1', say('Approved signatures', 'تواقيع معتمدة'), [
    passkeys('with a key of another kind than it says, a short RSA key, or no key'),
    passkeys('signed by another key, or changed after signing'),
  ]),
  proven('12.1.1', say('TLS 1.2 and 1.3 only', 'TLS 1.2 و1.3 فقط'), [
    certificate(
      'T-10 TLS answers with the certificate of the settings, over TLS 1.2 at least; a self-signed one is shown for comparing and binds no browser',
    ),
  ]),
  partial(
    '12.1.2',
    say('Recommended ciphers only', 'الخوارزميات الموصى بها فقط'),
    say('the list is that of OpenSSL in Node; no test names it', 'القائمة قائمة OpenSSL في Node، ولا اختبار يسمّيها'),
    [
      certificate(
        'T-10 TLS answers with the certificate of the settings, over TLS 1.2 at least; a self-signed one is shown for comparing and binds no browser',
      ),
    ],
  ),
  notApplicable(
    '12.1.3',
    say('Certificates of clients', 'شهادات العملاء'),
    say('nobody signs in with a certificate', 'لا دخول بشهادة عميل'),
  ),
  proven('12.2.1', say('The panel speaks TLS only', 'اللوحة لا تتكلم إلا TLS'), [
    testsOf('cli/settings.test.ts')(
      'P1.2-5 with a certificate named the panel serves HTTPS itself, and nothing over plain HTTP',
    ),
    certificate('WEB-5 plain HTTP is sent to HTTPS at the address of the settings, never to the one of Host'),
  ]),
  partial(
    '12.2.2',
    say('A certificate that browsers trust', 'شهادة يثق بها المتصفح'),
    say(
      'a new server has one of its own, with its fingerprint printed; another can be imported, and getting one comes with certificates',
      'للخادم الجديد شهادة ذاتية تُطبع بصمتها؛ يمكن استيراد غيرها، والحصول الآلي يأتي مع الشهادات',
    ),
    [
      server('the certificate that the installer showed is the one that the panel serves'),
      testsOf('test/vps/doors.test.ts')(
        'the printed fingerprint is that of the served certificate, and plain HTTP leads to HTTPS',
      ),
      certificate('acts for new connections at once, is kept for the panel alone, and stays after a confirmation'),
    ],
  ),
  partial(
    '12.3.1',
    say('Every connection is encrypted', 'كل اتصال معمّى'),
    say('a database server on another machine may be used without TLS', 'قد تُستعمل قاعدة بيانات على جهاز آخر بلا TLS'),
    [database('sockets, IPv6 and TLS are understood')],
  ),
  partial(
    '12.3.2',
    say('Certificates of servers are checked', 'تُفحص شهادات الخوادم'),
    say('a connection to a database with a false certificate', 'اتصال بقاعدة بيانات شهادتها زائفة'),
    [database('sockets, IPv6 and TLS are understood')],
  ),
  notApplicable('12.3.3', say('Inner connections use TLS', 'الاتصالات الداخلية بـ TLS'), unixSocket),
  notApplicable('12.3.4', say('Inner certificates', 'الشهادات الداخلية'), unixSocket),
];
