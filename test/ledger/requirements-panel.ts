import type { RequirementArea } from './area.ts';

/** What a person can do with the panel, by area. */
export const panel: readonly RequirementArea[] = [
  {
    title: { en: 'Rules for every area', ar: 'قواعد لكل المجالات' },
    items: {
      'ALL-1': 'Browser, API and command line can do the same with the same permission',
      'ALL-2': 'Every change is validated, applied as one set, probed, kept or taken back, and can be undone',
      'ALL-3': 'Anything long is a job with live log, steps, cancel, resume and compensation',
      'ALL-4': 'Every route and agent action declares its permission or stops the start',
      'ALL-5': 'Changes that can lock out revert by themselves unless confirmed',
      'ALL-6': 'Every deletion is two-step and bound to the list that was shown',
      'ALL-7': 'No licence check, advertisement, vendor account or telemetry',
      'ALL-8': 'Three states everywhere: passed, failed, not run',
      'ALL-9': 'Errors name field, cause and fix in the language of the person',
      'ALL-10': 'The panel works when its vendor does not exist',
      'ALL-11': 'Idle memory, disk, installation time and speed are measured and within limits',
      'ALL-12': 'Every list searches, filters, sorts, pages and acts on many',
      'ALL-13': 'Each defect becomes a named test; hundreds of tests on clean systems',
    },
  },
  {
    title: { en: 'Dashboard', ar: 'لوحة المعلومات' },
    items: {
      'DASH-1': 'All pages work with every foreign host blocked',
      'DASH-2': 'A tile without data says "not known", never green and never zero',
      'DASH-3': 'A tile shows the own cost of the panel; an open dashboard costs under 2 % of a core',
      'DASH-4': 'Each gauge leads to the processes that caused it',
    },
  },
  {
    title: { en: 'Sites', ar: 'المواقع' },
    items: {
      'SITE-1': 'With 100 sites a rejected directive leaves all answering; a broken file is isolated and named',
      'SITE-2': 'A site cannot read or touch another',
      'SITE-3': 'A kill at any step of a creation leaves a whole site or none',
      'SITE-4': 'A file changed by hand is shown with a diff and never overwritten silently',
      'SITE-5': 'Every change of a site is in its history and can be undone, also the third last',
      'SITE-6': 'Repair restores owners and modes',
      'SITE-7': 'Native and container sites share list and rules',
      'SITE-8': 'Ten thousand sites: list, search and sort under 50 ms at p99',
    },
  },
  {
    title: { en: 'Runtimes and deployment', ar: 'بيئات التشغيل والنشر' },
    items: {
      'RUN-1': 'Deploy and rollback under load without a failed request',
      'RUN-2': 'A failed health gate leaves the old release serving',
      'RUN-3': 'Kept releases and parallel builds are settings',
      'RUN-4': 'Keys and env values are write-only',
      'RUN-5': 'A deployment goes on when the web process restarts',
      'RUN-6': 'A leaking process is stopped at its limit with the reason in words',
    },
  },
  {
    title: { en: 'Domains, redirects and access rules', ar: 'النطاقات وإعادة التوجيه والوصول' },
    items: {
      'DOM-1': 'Every rule kind has its effect and only there; fuzzing yields no foreign directive',
      'DOM-2': '"Which rule answers this URL?" is answered before and after saving',
      'DOM-3': 'A name already served is refused with the place that serves it',
      'DOM-4': 'Access rules never block certificate challenges and health checks',
    },
  },
  {
    title: { en: 'Certificates of sites', ar: 'شهادات المواقع' },
    items: {
      'TLS-1': 'Each certificate has a visible state; faults leave the old one serving',
      'TLS-2': 'No rule can swallow the challenge path',
      'TLS-3': 'A watched certificate file is verified and served after replacement',
      'TLS-4': 'Certificate, key, configuration and row change as one set',
    },
  },
  {
    title: { en: 'Databases', ar: 'قواعد البيانات' },
    items: {
      'DB-1': 'No database port or tool is reachable from outside',
      'DB-2': 'Names and passwords with any printable character work or are refused',
      'DB-3': 'A big import costs little more than the bare client and keeps a copy',
      'DB-4': 'Restore to a chosen second',
      'DB-5': 'The limits of the console hold',
      'DB-6': 'A site manager sees only their own databases',
      'DB-7': 'Losing the panel does not lose the credentials',
    },
  },
  {
    title: { en: 'Files', ar: 'الملفات' },
    items: {
      'FILE-1': 'Paths are resolved race-free under the roots of the person',
      'FILE-2': 'Each person works as their Linux user',
      'FILE-3': 'Huge files open by window; saving shows the changes of others',
      'FILE-4': 'A broken upload resumes in bounded memory',
      'FILE-5': 'A folder of 100,000 entries opens at once',
      'FILE-6': 'Changes of rights can be undone',
    },
  },
  {
    title: { en: 'Terminal', ar: 'الطرفية' },
    items: {
      'TERM-1': 'A terminal opens only with origin, sign-in, permission and ticket',
      'TERM-2': 'The shell survives breaks without losing a byte',
      'TERM-3': 'Keys echo fast while another tab streams',
      'TERM-4': 'Every terminal is audited',
    },
  },
  {
    title: { en: 'Schedules and jobs', ar: 'المهام والجدولة' },
    items: {
      'CRON-1': 'Jobs run on time without the web process',
      'CRON-2': 'Daylight saving neither loses nor doubles a job',
      'CRON-3': 'A command is data, never part of a line',
      'CRON-4': 'Each run keeps output, exit code, time and memory',
      'JOB-1': 'After a kill the next start resumes or compensates and says which',
      'JOB-2': 'Jobs run side by side with locks; cancelling undoes finished steps',
      'JOB-3': 'Closing the browser never ends a job',
    },
  },
  {
    title: { en: 'Services and software', ar: 'الخدمات والبرامج' },
    items: {
      'SVC-1': 'Nothing is compiled; software comes from packages',
      'SVC-2': 'A preflight lists what is there; uninstall goes back to it',
      'SVC-3': 'Templates follow the installed version',
      'SVC-4': 'A locked or interrupted package manager is waited for or compensated',
    },
  },
  {
    title: { en: 'Backups in the panel', ar: 'النسخ الاحتياطي في اللوحة' },
    items: {
      'BAK-1': 'Every target is proven by a real restore, or says that it is not',
      'BAK-2': 'A restore in place makes a safety copy',
      'BAK-3': 'Encryption is authenticated and on by default',
      'BAK-4': 'Space needed is the result plus 10 %',
      'BAK-5': 'An unchanged tree moves almost nothing',
      'BAK-6': 'The nightly run works while the panel is down',
      'BAK-7': 'A bare machine restores with target and recovery key',
    },
  },
  {
    title: { en: 'Migration and import', ar: 'الترحيل والاستيراد' },
    items: {
      'MIG-1': 'Import begins with a dry run that writes nothing',
      'MIG-2': 'The importer reads both layouts of the old panel and reports the unknown',
      'MIG-3': 'Answers of old and new sites are compared',
      'MIG-4': 'Import repeats without duplicates and never writes the source',
    },
  },
  {
    title: { en: 'Docker and applications', ar: 'Docker والتطبيقات' },
    items: {
      'DOCK-1': 'A published port is closed until opened in the panel',
      'DOCK-2': 'Recreating keeps the old container until the new one is healthy',
      'DOCK-3': 'The web process never holds the Docker socket',
      'DOCK-4': 'Logs of dead containers stay searchable',
      'DOCK-5': 'Compose files are kept byte for byte',
      'APP-1': 'The catalogue is bundled and works without its vendor',
      'APP-2': 'An update shows the difference, backs up and returns on failure',
    },
  },
  {
    title: { en: 'Firewall, SSH and bans', ar: 'جدار الحماية و SSH والحظر' },
    items: {
      'FW-1': 'No sequence of clicks locks the administrator out',
      'FW-2': 'Foreign rules stay byte-identical',
      'FW-3': 'A rule without a family acts alike on both',
      'FW-4': 'Rules by domain name are free, imports skip nothing silently',
      'FW-5': '"Why is this port closed?" names rule and layer',
      'SSH-1': 'SSH changes are validated and revert unless confirmed',
      'BAN-1': 'The guard works alone and its counters cannot be poisoned',
      'BAN-2': 'One list of all bans with evidence and one unban',
      'BAN-3': 'No captcha or ban depends on a flag of the client',
    },
  },
  {
    title: { en: 'Audit and hardening', ar: 'سجل التدقيق والتحصين' },
    items: {
      'AUD-1': 'The audit log is append-only, chained and cannot be cleared',
      'AUD-2': 'No audit row, no action; refused attempts are logged too',
      'AUD-3': 'Every fix is undone to the former hash',
    },
  },
  {
    title: { en: 'Monitoring, alerts and logs', ar: 'المراقبة والتنبيهات والسجلات' },
    items: {
      'MON-1': 'Metrics and dashboards come with the installation',
      'MON-2': 'Collecting is cheap and keeps 30 days in a stated size',
      'ALERT-1': 'Many sites falling together are one message',
      'ALERT-2': 'All channels are free and tested with the real answer',
      'ALERT-3': 'A restart neither loses nor repeats a message',
      'ALERT-4': 'Messages are in the language of the receiver',
      'LOG-1': 'One search over host, sites, containers and audit',
      'LOG-2': 'One request id leads through all logs',
      'LOG-3': 'The tail starts fast, keeps up and counts what it drops',
    },
  },
  {
    title: { en: 'DNS, mail and FTP', ar: 'DNS والبريد و FTP' },
    items: {
      'DNS-1': 'A batch of records is applied wholly or not at all',
      'MAIL-1': 'No quota and no vendor statistics',
      'MAIL-2': 'Mail configuration follows the installed versions and returns on failure',
      'MAIL-3': 'A page shows with evidence why mail is delivered or not',
      'FTP-1': 'SFTP is the default; an account cannot leave its root',
    },
  },
  {
    title: { en: 'People, roles and tokens', ar: 'المستخدمون والأدوار والرموز' },
    items: {
      'USER-1': 'Roles, teams, passkeys, single sign-on and audit are free together',
      'USER-2': 'A generated permission matrix passes; a planted hole fails it',
      'USER-3': 'A hostile web process cannot do elevated actions at the agent',
      'USER-4': 'Disabling a person acts on open pages within a second',
      'USER-5': 'What is not allowed is shown disabled with the reason and refused by the server',
      'USER-6': 'Nobody gives rights they lack; the last owner stays',
      'USER-7': 'Signing in never tells whether a name exists',
    },
  },
  {
    title: { en: 'API, command line and MCP', ar: 'الواجهة البرمجية وسطر الأوامر' },
    items: {
      'API-1': 'The OpenAPI document covers every route; drift fails the build',
      'API-2': 'A captured or repeated request never acts twice',
      'API-3': 'Errors are JSON with the right status for every client',
      'API-4': 'A token sees only its scopes, in texts too',
      'MCP-1': 'First-party tools, read-only by default, writes need a confirmed plan',
    },
  },
  {
    title: { en: 'Settings and updates', ar: 'الإعدادات والتحديثات' },
    items: {
      'UPD-1': 'A new version starts beside the old one and must pass its checks',
      'UPD-2': 'Going back is one command without network',
      'UPD-3': 'Releases are signed, reproducible and checked',
      'UPD-4': 'Every supported version upgrades in tests, with a kill in the middle',
      'SET-1': 'Repair compares with the manifest and keeps sign-in working',
    },
  },
  {
    title: { en: 'Several servers', ar: 'عدة خوادم' },
    items: {
      'NODE-1': 'A server is trusted by its pinned certificate',
      'NODE-2': 'The web process keeps no SSH root key',
      'NODE-3': 'A server that is away is "not known"; queued work runs once',
    },
  },
  {
    title: { en: 'WordPress and web firewall', ar: 'ووردبريس وجدار تطبيقات الويب' },
    items: {
      'WP-1': 'Downloads are verified and unpacked as the site user',
      'WP-2': 'An update compares pages and returns by itself',
      'WAF-1': 'New rules start in detect mode',
      'WAF-2': 'A block page leads to rule and request',
      'WAF-3': 'A fault in the engine never stops nginx',
    },
  },
  {
    title: { en: 'Language and look', ar: 'اللغة والمظهر' },
    items: {
      'UX-1': 'Arabic and English are both complete',
      'UX-2': 'Every screen is tested in both directions, themes and sizes',
      'UX-3': 'Technical text is isolated inside Arabic',
      'UX-4': 'What must mirror mirrors; the direction is right from the first paint',
      'UX-5': 'Six plural forms, digits by choice, Arabic-aware search',
      'UX-6': 'Fast first view, designed empty and failing states, all by keyboard',
    },
  },
];
