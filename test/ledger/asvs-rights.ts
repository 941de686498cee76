import type { Bilingual } from './area.ts';
import { notApplicable, partial, proven, say, testsOf, type AsvsItem } from './asvs-item.ts';

/* Chapters 8, 9 and 10: rights, statements that carry their own proof, OAuth. */

const attacks = testsOf('server/attacks.test.ts');
const elevation = testsOf('agent/elevation/elevation.test.ts');
const hostileWeb = testsOf('agent/elevation/hostile-web.test.ts');
const matrix = testsOf('server/authorisation.test.ts');
const pages = testsOf('test/security-pages.test.ts');
const people = testsOf('server/features/people/people.test.ts');
const route = testsOf('server/core/route.test.ts');

const noOauth = say('the panel neither offers nor uses OAuth or OIDC', 'لا تقدّم اللوحة OAuth أو OIDC ولا تستعملهما');

/** Numbers and our titles of the items of chapter 10. */
const oauth: readonly (readonly [id: string, title: Bilingual])[] = [
  ['10.1.1', say('Tokens go only where they are needed', 'الرموز لمن يحتاجها فقط')],
  ['10.1.2', say('Answers belong to the own request', 'الأجوبة لطلب العميل نفسه')],
  ['10.2.1', say('Client: forged requests', 'العميل: الطلبات المزوّرة')],
  ['10.2.2', say('Client: mixed-up servers', 'العميل: خلط الخوادم')],
  ['10.3.1', say('Resource server: audience', 'خادم المورد: الجهة المقصودة')],
  ['10.3.2', say('Resource server: delegated rights', 'خادم المورد: الصلاحيات المفوَّضة')],
  ['10.3.3', say('Resource server: who it is', 'خادم المورد: صاحب الرمز')],
  ['10.3.4', say('Resource server: strength and age', 'خادم المورد: القوة والحداثة')],
  ['10.4.1', say('Redirect addresses are listed', 'عناوين التحويل مذكورة')],
  ['10.4.2', say('Codes once', 'الرمز لمرة واحدة')],
  ['10.4.3', say('Codes are short-lived', 'الرمز قصير العمر')],
  ['10.4.4', say('Only the grants that are needed', 'المنح اللازمة فقط')],
  ['10.4.5', say('Replayed refresh tokens', 'إعادة رموز التجديد')],
  ['10.4.6', say('PKCE', 'PKCE')],
  ['10.4.7', say('Clients that register themselves', 'العملاء المسجّلون ذاتيًا')],
  ['10.4.8', say('Refresh tokens end', 'رموز التجديد تنتهي')],
  ['10.4.9', say('Tokens are withdrawn by people', 'إلغاء الرموز من صاحبها')],
  ['10.4.10', say('Clients prove who they are', 'إثبات هوية العميل')],
  ['10.4.11', say('Only the scopes that are needed', 'النطاقات اللازمة فقط')],
  ['10.5.1', say('Replayed ID tokens', 'إعادة رموز الهوية')],
  ['10.5.2', say('Who an ID token names', 'من يسمّيه رمز الهوية')],
  ['10.5.3', say('Forged metadata of a provider', 'بيانات مزوّد مزوّرة')],
  ['10.5.4', say('Audience of an ID token', 'الجهة المقصودة برمز الهوية')],
  ['10.5.5', say('Sign-out from behind', 'الخروج من الخلف')],
  ['10.6.1', say('Answer types of a provider', 'أنواع أجوبة المزوّد')],
  ['10.6.2', say('Forced sign-out', 'الخروج القسري')],
  ['10.7.1', say('Consent for each request', 'الموافقة على كل طلب')],
  ['10.7.2', say('Consent says what it is for', 'الموافقة تذكر موضوعها')],
  ['10.7.3', say('Consent can be withdrawn', 'سحب الموافقة')],
];

export const rightsItems: readonly AsvsItem[] = [
  proven('8.1.1', say('Who may do what is written down', 'من يحق له ماذا موثَّق'), [
    pages('the roles of the page have the permissions of the code'),
  ]),
  partial(
    '8.1.2',
    say('Rights over single fields are written down', 'صلاحيات الحقول موثَّقة'),
    say(
      'the description of the API names the fields of each answer, not which roles see them differently',
      'وصف الواجهة يذكر حقول كل جواب دون ما يختلف بالدور',
    ),
    [testsOf('server/openapi.test.ts')('docs/openapi.json says what the code says (npm run generate)')],
  ),
  proven('8.2.1', say('Every operation asks for its permission', 'كل عملية تطلب صلاحيتها'), [
    matrix('AUTH-1 refuses everybody whom the operation does not name, and nothing happens'),
    matrix('AUTH-1 a token without the scope is refused, and a token never does what is for people'),
    matrix('a planted route without access stops the start, and one that the list does not name is found'),
  ]),
  proven('8.2.2', say('Things of others do not exist', 'ممتلكات الآخرين غير موجودة'), [
    matrix('AUTH-1 refuses everybody whom the operation does not name, and nothing happens'),
    people('are the only ones in lists, counts, categories, history and searches, and others do not exist'),
    matrix('%s hears of %j'),
  ]),
  proven('8.2.3', say('Only listed fields come in and go out', 'لا يدخل ولا يخرج إلا الحقول المذكورة'), [
    route('PERM-4 only listed fields leave the server, and an answer that breaks its contract is an internal error'),
    attacks('a parameter given twice, an unknown one, or one that is SQL is refused; bodies take no unknown field'),
  ]),
  proven('8.3.1', say('Rights are checked where nobody can reach', 'تُفحص الصلاحيات حيث لا يصل أحد'), [
    matrix('AUTH-1 refuses everybody whom the operation does not name, and nothing happens'),
    hostileWeb('USER-3 S-5 without a ticket, as the panel, the owner, the administrator, a stranger or something else'),
    elevation('declares who may do it and whether it needs a ticket, or nobody may'),
  ]),
  proven(
    '8.4.1',
    say('People with assigned sites stay among themselves', 'أصحاب المواقع المسندة لا يخرجون عنها'),
    [
      people('are the only ones in lists, counts, categories, history and searches, and others do not exist'),
      matrix('%s hears of %j'),
      testsOf('test/e2e/people.test.ts')(
        'a site manager is invited with a link, chooses a password with it, and sees only the assigned site',
      ),
    ],
    say(
      'kept by the web process: the agent knows permissions, not which sites',
      'تحرسه عملية الويب: الوكيل يعرف الصلاحيات لا المواقع المسندة',
    ),
  ),
  proven(
    '9.1.1',
    say('Signed statements are checked before they count', 'يُفحص توقيع الإفادة قبل الأخذ بها'),
    [
      hostileWeb('USER-3 S-5 with a ticket that another key signed'),
      hostileWeb('USER-3 S-5 with an elevation that it made itself, or that it uses as a ticket'),
    ],
    say(
      'elevations and tickets of the agent are the only such tokens; sessions and API tokens are looked up',
      'إفادات الوكيل وتذاكره هي وحدها كذلك، أما الجلسات ورموز الواجهة فتُبحث',
    ),
  ),
  proven(
    '9.1.2',
    say('One algorithm, which no token chooses', 'خوارزمية واحدة لا يختارها الرمز'),
    [hostileWeb('USER-3 S-5 with an invented ticket')],
    say('HMAC-SHA-256; a token has no header', 'HMAC-SHA-256، ولا ترويسة في الرمز'),
  ),
  proven('9.1.3', say('Keys come from the agent alone', 'المفاتيح من الوكيل وحده'), [
    hostileWeb('USER-3 S-5 with a ticket that another key signed'),
    hostileWeb('USER-3 S-5 a ticket that an agent gave is void for the next one'),
  ]),
  proven('9.2.1', say('Statements end', 'الإفادات تنتهي'), [
    hostileWeb('USER-3 S-5 %s: a ticket is void after a minute, an elevation after ten'),
  ]),
  proven('9.2.2', say('A statement is for one use', 'الإفادة لاستعمال واحد'), [
    hostileWeb('USER-3 S-5 with an elevation that it made itself, or that it uses as a ticket'),
    hostileWeb('USER-3 S-5 %s: a ticket for another action, other parameters or another person is void'),
  ]),
  proven('9.2.3', say('A statement is for one receiver', 'الإفادة لجهة واحدة'), [
    hostileWeb('USER-3 S-5 %s: an elevation of another session or of another person gives no ticket'),
  ]),
  notApplicable(
    '9.2.4',
    say('One key, several receivers', 'مفتاح واحد وعدة جهات'),
    say('the agent signs for itself alone', 'لا يوقّع الوكيل إلا لنفسه'),
  ),
  ...oauth.map(([id, title]) => notApplicable(id, title, noOauth)),
];
