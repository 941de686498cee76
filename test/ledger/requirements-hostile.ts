import type { RequirementArea } from './area.ts';

/** Classes of hostile input. */
export const hostileInputs: readonly RequirementArea[] = [
  {
    title: { en: 'Hostile input: commands and arguments', ar: 'مدخلات عدائية: الأوامر والوسائط' },
    items: {
      'CMD-1': 'Shell characters are plain text or refused; no other process starts',
      'CMD-2': 'A value with a leading dash never becomes an option',
      'CMD-3': 'Control characters are refused in one-line fields, by web process and agent',
      'CMD-4': 'Secrets with any printable character work and stay out of arguments and logs',
      'CMD-5': 'Git addresses and references are parsed by a grammar',
      'CMD-6': 'Stored and foreign text is treated as hostile when it is used again',
      'CMD-7': 'Programs with more rights inherit nothing from those with fewer',
      'CMD-8': 'Choices come from a closed list that the agent resolves',
    },
  },
  {
    title: { en: 'Hostile input: configuration text', ar: 'مدخلات عدائية: نصوص الإعدادات' },
    items: {
      'CONF-1': 'No value leaves its place in the target language',
      'CONF-2': 'Domains are normalised once and checked by grammar; look-alikes are shown',
      'CONF-3': 'Values cannot open a line or section in unit, INI, pool and env files',
      'CONF-4': 'A scheduled command is data, never part of a scheduler line',
      'CONF-5': 'Each text format has an encoder proven by round trip with the real tool',
      'CONF-6': 'YAML, compose and JSON are limited and judged after expansion',
      'CONF-7': 'State of sign-ins and settings is never kept in parsed text files',
      'CONF-8': 'A path in configuration is a permission',
      'CONF-9': 'One rejected file never stops the others',
    },
  },
  {
    title: { en: 'Hostile input: SQL and stores', ar: 'مدخلات عدائية: SQL والتخزين' },
    items: {
      'SQL-1': 'Sort, filter and column names come from a list',
      'SQL-2': 'Values are bound and identifiers quoted after a grammar check',
      'SQL-3': 'Stored text of strangers never builds a statement',
      'SQL-4': 'The console runs as the database account of the person, with server-side limits',
      'SQL-5': 'Rights statements touch only what the person owns',
    },
  },
  {
    title: { en: 'Hostile input: files and paths', ar: 'مدخلات عدائية: الملفات والمسارات' },
    items: {
      'PATH-1': 'What leaves the root, in any spelling, is refused like something that is not there',
      'PATH-2': 'Nothing is reached through a link that leads out, also when it changes meanwhile',
      'PATH-3': 'Odd names are plain text in every operation and on screen',
      'PATH-4': 'Devices, FIFOs and kernel files neither block nor leak',
      'PATH-5': 'Uploads never become code of the panel or of another site',
      'PATH-6': 'Logs, backups and releases are named by id, not by path',
      'PATH-7': 'Recursive operations stop when the folder is not what was confirmed',
    },
  },
  {
    title: { en: 'Hostile input: archives and repositories', ar: 'مدخلات عدائية: الأرشيفات والمستودعات' },
    items: {
      'ARCH-1': 'Every extraction obeys one set of rules, all or nothing',
      'ARCH-2': 'A repository cannot act outside its release folder',
      'ARCH-3': 'An imported backup or foreign panel is untrusted in every field',
    },
  },
  {
    title: { en: 'Hostile input: signing in', ar: 'مدخلات عدائية: تسجيل الدخول' },
    items: {
      'AUTH-1': 'The permission belongs to the route and all its methods',
      'AUTH-2': 'Nothing the client sends decides whether a check is made',
      'AUTH-3': 'Secrets are compared in constant time; empty and default never match',
      'AUTH-4': 'Sizes are limited before any cost; two people never share a name form',
      'AUTH-5': 'Sessions change at sign-in, die at sign-out and serve one purpose',
      'AUTH-6': 'Scope, expiry, address and revocation of tokens are checked at each use',
      'AUTH-7': 'Same answer and time for known and unknown people',
      'AUTH-8': 'Limits stop the guesser and never the owner',
      'AUTH-9': 'Account data cannot be used to take over another account',
    },
  },
  {
    title: { en: 'Hostile input: permission', ar: 'مدخلات عدائية: الصلاحيات' },
    items: {
      'PERM-1': 'An object of somebody else answers 404 and nothing happens',
      'PERM-2': 'References inside a request are checked like the outer one',
      'PERM-3': 'Unknown fields are refused',
      'PERM-4': 'Secrets for one person are invisible to others',
      'PERM-5': 'A check that fails or times out ends the request',
      'PERM-6': 'Rights end when they end, open streams and queued jobs included',
      'PERM-7': 'A person with one site cannot act on the host',
      'PERM-8': 'Exceptions to sign-in are exact, listed paths',
    },
  },
  {
    title: { en: 'Hostile input: headers, origins, callbacks', ar: 'مدخلات عدائية: الترويسات والمصادر' },
    items: {
      'WEB-1': 'Facts about the client come from the connection or a listed proxy',
      'WEB-2': 'No link, redirect or cookie is made from the Host header',
      'WEB-3': 'Changes need the same origin and the custom header',
      'WEB-4': 'Sockets and streams check origin, sign-in and permission',
      'WEB-5': 'Every answer carries its security headers; framing is impossible',
      'WEB-6': 'Callbacks are signed, bound to a time and single in purpose',
      'WEB-7': 'Local is not trusted: sites and containers reach no socket of the panel',
    },
  },
  {
    title: { en: 'Hostile input: what is shown and sent', ar: 'مدخلات عدائية: ما يُعرض ويُرسل' },
    items: {
      'OUT-1': 'Text of strangers is text in every view and message',
      'OUT-2': 'Terminal sequences act only in the terminal',
      'OUT-3': 'Exports carry no formulas and keep their format',
      'OUT-4': 'Direction marks and look-alikes cannot mislead',
      'OUT-5': 'Fetches on behalf of a person reach public addresses only',
    },
  },
  {
    title: { en: 'Hostile input: certificates, keys, machines', ar: 'مدخلات عدائية: الشهادات والمفاتيح' },
    items: {
      'CERT-1': 'A certificate is accepted only as a whole; the old one serves until then',
      'CERT-2': 'Another machine is who its pinned key says',
      'CERT-3': 'No secret is shared, guessable or shipped',
      'CERT-4': 'What updates or installs the panel is verified before it is unpacked',
    },
  },
  {
    title: { en: 'Hostile input: Docker, firewall, services', ar: 'مدخلات عدائية: Docker وجدار الحماية والخدمات' },
    items: {
      'HOST-1': 'Power over the host is found in every form of container request',
      'HOST-2': 'What the panel starts listens on loopback unless someone opened it',
      'HOST-3': 'Firewall rules are compiled from typed values for both families',
      'HOST-4': 'Guards count facts, not text that an attacker writes',
    },
  },
  {
    title: { en: 'Faults', ar: 'الأعطال' },
    items: {
      'FAULT-1': 'Death at any instant leaves the old or the new state, and the next start says which',
      'FAULT-2': 'Running out of anything ends in a clear failure with the old state',
      'FAULT-3': 'Time may jump: nothing is lost, doubled or locked for ever',
      'FAULT-4': 'A tool that says yes is not believed: the effect is observed',
      'FAULT-5': 'Huge or endless input is cut, streamed or paged',
      'FAULT-6': 'Old version on new data, and half migrations, end in a clear refusal',
      'FAULT-7': 'A dependency that is away is named; everything else works',
      'FAULT-8': 'Two at once: the second is told, queued or refused; nothing is lost',
    },
  },
];
