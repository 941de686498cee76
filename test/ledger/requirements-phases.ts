import type { RequirementArea } from './area.ts';

/** The seven phases: infrastructure to documentation. */
export const phases: readonly RequirementArea[] = [
  {
    title: { en: 'Rules for all phases', ar: 'قواعد عامة لكل المراحل' },
    items: {
      'P0-1': 'Every requirement is proven by an executed test that carries its id',
      'P0-2': 'No command reports success after a failure',
      'P0-3': 'No secret and no run-time state enters git',
      'P0-4': 'Every capability is reachable in browser, API and command line',
      'P0-5': 'Arabic and English are first-class; further languages follow',
      'P0-6': 'Names have one source in code; examples, rules and docs are generated from it',
      'P0-7': 'No absolute install path in code, no change of working directory',
      'P0-8': 'Shell scripts are clean for shellcheck, idempotent, without questions and tested',
      'P0-9': 'Recovery and deployment figures are measured and shown',
      'P0-10': 'Roles, second-factor policy, audit trail, scoped tokens, threat model and licence exist; no MD5',
    },
  },
  {
    title: { en: 'Environment detection', ar: 'اكتشاف البيئة' },
    items: {
      'P1.1-1': 'The environment follows from the documented table of signals',
      'P1.1-2': 'An invalid ENVIRONMENT stops the start and names the allowed values',
      'P1.1-3': 'Development must be asked for; the message names the way out',
      'P1.1-4': '`aapanel env info --json` prints every fact with its reason',
    },
  },
  {
    title: { en: 'Configuration', ar: 'الإعدادات' },
    items: {
      'P1.2-1': 'One schema makes one frozen configuration; bad values end with the name of the variable',
      'P1.2-2': 'Sources are layered, each value knows its source, secrets are shown as length only',
      'P1.2-3': 'Setup makes a random secret; production refuses placeholders and weak ones',
      'P1.2-4': 'Sessions hang on SECRET_KEY, not on host name or boot time',
      'P1.2-5': 'Every setting really acts, seen over HTTP',
      'P1.2-6': 'The configured database is the one the panel uses',
      'P1.2-7': 'Passwords are URL-encoded, schemes agree with the type, lists are trimmed',
      'P1.2-8': 'SECRET_KEY can be rotated without losing sessions and stored secrets',
    },
  },
  {
    title: { en: 'Environment files and validator', ar: 'ملفات البيئة والمدقِّق' },
    items: {
      'P1.3-1': 'Validator, start and CI use the same rules with equal results',
      'P1.3-2': 'Example files and the documentation of variables are generated, in both languages',
      'P1.3-3': 'A variable that is read but not declared, or declared but not read, fails the build',
      'P1.3-4': 'Every variable has a rule, also those of later features',
      'P1.3-5': 'Tests can fail, do not depend on order and leave process.env as it was',
    },
  },
  {
    title: { en: 'Entry point', ar: 'نقطة الدخول' },
    items: {
      'P1.4-1': '`aapanel start` loads, validates, migrates, listens and prints a bilingual banner',
      'P1.4-2': 'Production shows no stack and no debug route; --dev reloads',
      'P1.4-3': 'Signals drain requests and exit 0; a taken port is one line and exit 1',
      'P1.4-4': '`.replit` is complete; logs fall back when their folder cannot be written',
    },
  },
  {
    title: { en: 'Container image', ar: 'صورة الحاوية' },
    items: {
      'P2.1-1': 'The image health check asks readiness of the panel itself',
      'P2.1-2': 'The container starts by the normal entry point',
      'P2.1-3': 'Nothing secret enters the build context',
      'P2.1-4': 'Pinned, minimal, read-only image; no unused dependency',
      'P2.1-5': 'Backups inside the container include the database',
    },
  },
  {
    title: { en: 'Compose files', ar: 'ملفات Compose' },
    items: {
      'P2.2-1': 'The development profile starts with one command',
      'P2.2-2': 'Published ports bind to loopback',
      'P2.2-3': 'Each service receives only its own secrets, as files',
      'P2.2-4': 'No Docker socket, passwords and limits everywhere, images pinned',
      'P2.2-5': 'What the panel writes is writable, all else is read-only',
    },
  },
  {
    title: { en: 'nginx in front of the panel', ar: 'nginx أمام اللوحة' },
    items: {
      'P2.3-1': 'The proxy site is generated from the route table; WebSockets pass',
      'P2.3-2': 'Security headers on every location; CSP without unsafe-inline',
      'P2.3-3': 'Immutable caching only for fingerprinted files; keep-alive times fit together',
      'P2.3-4': 'Metrics are not public; limits answer 429',
      'P2.3-5': '`aapanel nginx setup` works in two stages and restores on failure',
      'P2.3-6': 'Certificate renewal is one idempotent timer',
    },
  },
  {
    title: { en: 'systemd and processes', ar: 'systemd والعمليات' },
    items: {
      'P2.4-1': 'The server is not root; root work goes to an agent with a closed list of typed actions',
      'P2.4-2': 'Units notify, watch and reload, with an exposure score under the budget',
      'P2.4-3': 'Client addresses come from headers only when the peer is a listed proxy',
      'P2.4-4': 'Files 0640, folders 0750, secrets 0600, code not owned by the web user',
      'P2.4-5': 'Metrics and state hold across workers; slow clients are cut',
      'P2.4-6': 'Oversized and ambiguous requests are refused',
    },
  },
  {
    title: { en: 'Continuous integration', ar: 'التكامل المستمر' },
    items: {
      'P3.1-1': 'Every gate can fail; seeded faults make the check exit 1',
      'P3.1-2': 'CI never pushes; actions are pinned by commit',
      'P3.1-3': 'Coverage above 80 % is a gate',
      'P3.1-4': 'Integration tests use real databases, nginx and systemd',
      'P3.1-5': 'Generated configuration is tested with its own tools',
    },
  },
  {
    title: { en: 'Image pipeline', ar: 'بناء الصور ونشرها' },
    items: {
      'P3.2-1': 'An image boots and becomes ready before it counts',
      'P3.2-2': 'Fixable critical findings fail the build',
      'P3.2-3': 'Provenance, signature, lower-case names and a size budget',
      'P3.2-4': 'A bill of materials is made offline from the lock file',
    },
  },
  {
    title: { en: 'Deployment pipeline', ar: 'خط النشر' },
    items: {
      'P3.3-1': 'Deployment by digest with the previous one recorded for the way back',
      'P3.3-2': 'Volumes are never pruned, the stack is never taken down first',
      'P3.3-3': 'A verified backup and a migration gate come before the switch',
      'P3.3-4': 'One deployment per host at a time',
      'P3.3-5': 'Workflow files are valid and hide no variable',
      'P3.3-6': 'The SSH host key is pinned',
      'P3.3-7': 'Healthy means ready with the expected build id',
    },
  },
  {
    title: { en: 'Blue-green', ar: 'النشر الأزرق والأخضر' },
    items: {
      'P3.4-1': 'The switch replaces one include atomically and sees the new build answer',
      'P3.4-2': 'No request fails during a switch',
      'P3.4-3': 'An error rate after the switch brings the old colour back by itself',
      'P3.4-4': 'State file and nginx agree after a kill at any step',
      'P3.4-5': 'Both colours share database, sessions and data',
      'P3.4-6': 'Open WebSockets are drained, not cut',
      'P3.4-7': 'Both colours are scraped and logged with their colour',
      'P3.4-8': 'Templates render completely and a forced colour is obeyed',
    },
  },
  {
    title: { en: 'Migrations and validator', ar: 'ترحيلات قاعدة البيانات' },
    items: {
      'P4.1-1': 'The baseline makes the real schema on three engines, up, down and up again',
      'P4.1-2': 'Every down() restores the schema before its up()',
      'P4.1-3': 'The migration validator fails correctly and reports every error',
      'P4.1-4': 'A lock and checksums of applied files on all engines',
      'P4.1-5': 'A verified backup comes before a production migration; dry run changes nothing',
      'P4.1-6': 'Readiness reports pending migrations',
      'P4.1-7': 'User text of the migration command never reaches a shell',
    },
  },
  {
    title: { en: 'Backups', ar: 'النسخ الاحتياطي' },
    items: {
      'P4.2-1': 'Archives are streamed and encrypted with a key of their own',
      'P4.2-2': 'A signed manifest covers every member and fails closed',
      'P4.2-3': 'Extraction stays inside its folder',
      'P4.2-4': 'A missing tool or an empty dump fails the backup',
      'P4.2-5': 'Restore verifies, stages, swaps and takes itself back',
      'P4.2-6': 'Databases are copied online and safely; no password in arguments',
      'P4.2-7': 'Scheduled runs use the configuration of the server',
      'P4.2-8': 'Pruning removes whole sets',
      'P4.2-9': 'Lock, space check, alert and metrics of backups',
      'P4.2-10': 'A monthly test restore measures recovery time and data age',
      'P4.2-11': 'Import of old backups only by explicit flag and with all checks',
      'P4.2-12': 'Local, S3 and SFTP targets work, documented limits are those of the code',
    },
  },
  {
    title: { en: 'Connection pool', ar: 'مجمّع الاتصالات' },
    items: {
      'P4.3-1': 'Every query goes through the pool and counts',
      'P4.3-2': 'Writes are committed in explicit transactions',
      'P4.3-3': 'Retries double with jitter, only for transient errors of repeatable work',
      'P4.3-4': 'Pool gauges, and a database health command that can fail',
    },
  },
  {
    title: { en: 'Health endpoints', ar: 'نقاط فحص السلامة' },
    items: {
      'P5.1-1': 'Metrics are valid Prometheus text',
      'P5.1-2': 'Every health address named anywhere really exists',
      'P5.1-3': 'Readiness tests what the panel uses, with deadlines and a short cache',
      'P5.1-4': 'Details only for trusted callers',
      'P5.1-5': 'Probes need no sign-in, are not limited and stay out of the log',
      'P5.1-6': 'Probe budgets hold as p95',
    },
  },
  {
    title: { en: 'Prometheus and Grafana', ar: 'Prometheus و Grafana' },
    items: {
      'P5.2-1': 'Every metric in rules and dashboards is exported by the running app',
      'P5.2-2': 'Requests, errors, sign-ins, jobs, backups and certificates are exported',
      'P5.2-3': 'Built-in charts work without the monitoring stack',
      'P5.2-4': 'No default credentials and no public port',
    },
  },
  {
    title: { en: 'Alerts', ar: 'التنبيهات' },
    items: {
      'P5.3-1': 'A built-in engine evaluates the rules without Prometheus',
      'P5.3-2': 'Generated alerting files are fully rendered, secrets by file',
      'P5.3-3': 'Routing and inhibition are as the table says',
      'P5.3-4': 'Ratios use rates and survive zero',
      'P5.3-5': 'Rules for certificates, backups, sign-ins, disks, queues and the alert path itself',
      'P5.3-6': 'E-mail, Slack, Telegram, Discord and webhook, tested, retried, in both languages',
    },
  },
  {
    title: { en: 'Central logging', ar: 'السجلات المركزية' },
    items: {
      'P5.4-1': 'Log lines are JSON in UTC with one request id through all processes',
      'P5.4-2': 'Redaction works in every place a secret can stand',
      'P5.4-3': 'A viewer searches, follows and exports; retention is a setting',
      'P5.4-4': 'Log dashboards are mounted and use labels that exist',
      'P5.4-5': 'Optional push never blocks and never loses silently',
      'P5.4-6': 'The audit log is separate and append-only; an unwritable log shows in health',
    },
  },
  {
    title: { en: 'TLS', ar: 'شهادات TLS' },
    items: {
      'P6.1-1': 'A built-in ACME client issues and renews, and warns before expiry',
      'P6.1-2': 'The TLS checker finishes, judges and exits accordingly',
      'P6.1-3': 'TLS tests change nothing on the machine',
      'P6.1-4': 'HSTS is staged; stapling only where the certificate allows it',
    },
  },
  {
    title: { en: 'Firewall', ar: 'جدار الحماية' },
    items: {
      'P6.2-1': 'SSH and the panel port stay reachable whatever step fails',
      'P6.2-2': 'Every firewall change reverts by itself unless confirmed',
      'P6.2-3': 'The rule model is complete and matches exactly, proven with packets',
      'P6.2-4': 'nftables, ufw and firewalld give the same result',
      'P6.2-5': 'Ports published by Docker obey the rules',
    },
  },
  {
    title: { en: 'Brute-force protection', ar: 'الحماية من التخمين' },
    items: {
      'P6.3-1': 'A built-in guard bans progressively, with allow-list, unban and audit',
      'P6.3-2': 'Generated jail files load, also with logs missing',
      'P6.3-3': 'The auth log has one line and one address per event; names cannot forge it',
      'P6.3-4': 'Growing bans, recidive and the PostgreSQL filter are set',
    },
  },
  {
    title: { en: 'Hardening and audit', ar: 'التحصين والتدقيق' },
    items: {
      'P6.4-1': 'Each security check has id, evidence, remedy and exactly one result',
      'P6.4-2': 'Results come from the host, never from constants',
      'P6.4-3': 'Items are applied one by one with preview, backup and undo',
      'P6.4-4': 'SSH changes win, are validated and revert unless confirmed',
      'P6.4-5': 'The Docker profile keeps forwarding on',
      'P6.4-6': 'Audit rules neither flood nor freeze the machine',
      'P6.4-7': 'Shadow permissions and code ownership stay intact',
    },
  },
  {
    title: { en: 'Guides and troubleshooting', ar: 'الأدلة وحل المشكلات' },
    items: {
      'P7.1-1': 'Each known problem has an entry and, where possible, a self-diagnosis',
      'P7.1-2': 'Commands, paths, flags, variables and links in the docs exist',
      'P7.1-3': 'The docs advise no unsafe fix',
      'P7.1-4': 'Arabic and English docs come from one structure, with runbooks and decisions',
    },
  },
  {
    title: { en: 'API documentation', ar: 'توثيق الواجهة البرمجية' },
    items: {
      'P7.2-1': 'OpenAPI 3.1 is generated from the routes and covers every one',
      'P7.2-2': 'The reference page is self-hosted, behind sign-in, under the strict CSP',
      'P7.2-3': 'Every endpoint has tokens, scopes, limits and a version',
      'P7.2-4': 'The examples of the docs run',
    },
  },
  {
    title: { en: 'Developer guide', ar: 'دليل المطوّر' },
    items: {
      'P7.3-1': 'The quick start works word for word in a fresh copy',
      'P7.3-2': 'Commit, branch and size rules are enforced by hooks',
    },
  },
];
