/*
 * Who may use what. A new dependency of the root process, or a new place that starts processes, is one more line here:
 * that line is what a reviewer looks at.
 */

export const areas = ['agent', 'cli', 'scripts', 'server', 'shared', 'test', 'web'] as const;
export type Area = (typeof areas)[number];

type AreaRule = {
  /** Other areas it may import from; its own is always allowed. */
  readonly areas: readonly Area[];
  /** npm packages by name, sorted. */
  readonly packages: readonly string[];
  /** Whether it may import `node:*`. */
  readonly node: boolean;
};

/** Code that ships. Tests of an area may also use what `testOnly` lists. */
export const areaRules: Record<Area, AreaRule> = {
  shared: { areas: [], packages: ['zod'], node: false },
  // node-pty: of it the compiled part, in the process of a terminal and nowhere else.
  agent: { areas: ['shared'], packages: ['@lydell/node-pty', 'zod'], node: true },
  server: {
    areas: ['shared'],
    // rolldown: only the parser of the validator of migrations, a development package that production does without.
    packages: [
      '@simplewebauthn/server',
      'fastify',
      'kysely',
      'mysql2',
      'pg',
      'pino',
      'prom-client',
      'rolldown',
      'ws',
      'zod',
    ],
    node: true,
  },
  cli: { areas: ['server', 'shared'], packages: ['zod'], node: true },
  web: {
    areas: ['shared'],
    // CodeMirror: docs/decisions/0027-editor-of-files.md.
    packages: [
      '@codemirror/autocomplete',
      '@codemirror/commands',
      '@codemirror/lang-css',
      '@codemirror/lang-html',
      '@codemirror/lang-javascript',
      '@codemirror/lang-json',
      '@codemirror/lang-markdown',
      '@codemirror/lang-php',
      '@codemirror/lang-sql',
      '@codemirror/lang-xml',
      '@codemirror/lang-yaml',
      '@codemirror/language',
      '@codemirror/legacy-modes',
      '@codemirror/search',
      '@codemirror/state',
      '@codemirror/view',
      '@fontsource/ibm-plex-sans-arabic',
      '@fontsource/jetbrains-mono',
      '@lezer/highlight',
      '@mantine/core',
      '@mantine/form',
      '@mantine/hooks',
      '@mantine/modals',
      '@mantine/notifications',
      '@mantine/spotlight',
      '@simplewebauthn/browser',
      '@tabler/icons-react',
      '@tanstack/react-query',
      '@tanstack/react-router',
      '@tanstack/react-table',
      '@tanstack/react-virtual',
      '@xterm/addon-fit',
      '@xterm/addon-search',
      '@xterm/xterm',
      'i18next',
      'react',
      'react-dom',
      'react-i18next',
      'uplot',
      'uqr',
      'zod',
    ],
    node: false,
  },
  scripts: {
    areas: ['agent', 'cli', 'server', 'shared', 'test', 'web'],
    packages: ['rolldown', 'vite', 'zod'],
    node: true,
  },
  test: {
    areas: ['agent', 'cli', 'scripts', 'server', 'shared', 'web'],
    packages: ['@vitejs/plugin-react', 'autocannon', 'axe-core', 'playwright-core', 'vitest', 'ws'],
    node: true,
  },
};

/** What web process and agent compute alike with Node's own cryptography; no I/O, and nothing for the browser. */
export const sharedWithNode = [
  'shared/block-sum.ts',
  'shared/certificate-pair.ts',
  'shared/der.ts',
  'shared/ocsp-words.ts',
  'shared/password-hash.ts',
  'shared/public-address.ts',
];

/** What `*.test.ts`, `testing.ts`, `testing/` and configuration files of tools may use besides. */
export const testOnly: AreaRule = {
  areas: areas,
  packages: [
    '@vitejs/plugin-react',
    'autocannon',
    'axe-core',
    'fast-check',
    'fastify',
    'kysely',
    'lightningcss',
    'playwright-core',
    'rolldown',
    'subset-font',
    'vite',
    'vitest',
    'ws',
    'zod',
  ],
  node: true,
};

/** The only product code that starts processes. The installer is bash and lives in `deploy/`. */
export const mayStartProcesses = ['agent/core/run.ts', 'cli/rescue-process.ts', 'scripts/release.ts'];

/** The only product code that reads the environment of the process. */
export const mayReadEnvironment = [/^server\/config(\/.*)?\.ts$/, /^cli\/main\.ts$/, /^agent\/main\.ts$/];

/** Stands in a folder that is held open, in a process that works on one site and walks no other path but absolute ones. */
export const mayChangeFolder = ['agent/files/standing.ts'];

/** Names the default folders of an installation; everything else gets its paths from there. */
export const mayNameInstallPath = [
  // Where the other panel lies, whose sites are brought over.
  /^agent\/aapanel\/report\.ts$/,
  /^agent\/backups\/target-rules\.ts$/,
  /^server\/config(\/.*)?\.ts$/,
  /^server\/environment\.ts$/,
];

/**
 * The folders of the agent where system files are written, all by way of handles and atomic replacement; and the two files
 * that write what comes out of an archive, in a process without rights, below one open folder.
 */
export const mayWriteSystemFiles = [
  /^agent\/core\//,
  /^agent\/main\.ts$/,
  /^agent\/server\.ts$/,
  /^agent\/archives\/(spool|staging)\.ts$/,
  // Trees with names of any bytes, below folders held by handle: what a restore is made of.
  /^agent\/backups\/restore\/(check-tree|places|restore-tree|swap|unpack)\.ts$/,
  // In the run's own scratch folder, and beside a target until the swap.
  /^agent\/backups\/legacy\/import-legacy\.ts$/,
  /^agent\/backups\/portable\/(export-set|import-file)\.ts$/,
  /^agent\/backups\/proof\/(prove-set|serve-site)\.ts$/,
  /^agent\/backups\/recover\/(panel-records|restore-panel)\.ts$/,
  /^agent\/backups\/sources\/(copy-tree|panel)\.ts$/,
];

/** The earlier panel signed its first backups with nothing else; taken with a warning and an explicit flag only. */
export const mayReadMd5 = [/^agent\/backups\/legacy\//];

export const maxLines = 500;

export function isTestFile(path: string): boolean {
  return (
    path.startsWith('test/') ||
    /\.(test|config)\.tsx?$/.test(path) ||
    /(^|\/)(testing|testdata)(\/|\.tsx?$)/.test(path) ||
    /(^|\/)vite\.config\.ts$/.test(path)
  );
}

export function areaOf(path: string): Area | undefined {
  const first = path.split('/')[0];
  return areas.find((area) => area === first);
}
