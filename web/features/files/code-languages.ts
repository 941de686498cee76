import type { Extension } from '@codemirror/state';

type Loader = () => Promise<Extension>;

/** Older grammars are one function each. */
async function stream(load: () => Promise<import('@codemirror/language').StreamParser<unknown>>): Promise<Extension> {
  const [{ StreamLanguage }, parser] = await Promise.all([import('@codemirror/language'), load()]);
  return StreamLanguage.define(parser);
}

const script =
  (options: { jsx?: boolean; typescript?: boolean }): Loader =>
  async () =>
    (await import('@codemirror/lang-javascript')).javascript(options);

const css: Loader = async () => (await import('@codemirror/lang-css')).css();
const html: Loader = async () => (await import('@codemirror/lang-html')).html();
const json: Loader = async () => (await import('@codemirror/lang-json')).json();
const markdown: Loader = async () => (await import('@codemirror/lang-markdown')).markdown();
const nginx: Loader = () => stream(async () => (await import('@codemirror/legacy-modes/mode/nginx')).nginx);
const php: Loader = async () => (await import('@codemirror/lang-php')).php();
const properties: Loader = () =>
  stream(async () => (await import('@codemirror/legacy-modes/mode/properties')).properties);
const python: Loader = () => stream(async () => (await import('@codemirror/legacy-modes/mode/python')).python);
const shell: Loader = () => stream(async () => (await import('@codemirror/legacy-modes/mode/shell')).shell);
const sql: Loader = async () => (await import('@codemirror/lang-sql')).sql();
const toml: Loader = () => stream(async () => (await import('@codemirror/legacy-modes/mode/toml')).toml);
const xml: Loader = async () => (await import('@codemirror/lang-xml')).xml();
const yaml: Loader = async () => (await import('@codemirror/lang-yaml')).yaml();

const byEnding: Readonly<Record<string, Loader>> = {
  bash: shell,
  cjs: script({}),
  conf: nginx,
  css,
  env: properties,
  htm: html,
  html,
  inc: php,
  ini: properties,
  js: script({}),
  json,
  jsonc: json,
  jsx: script({ jsx: true }),
  less: css,
  map: json,
  md: markdown,
  mjs: script({}),
  mts: script({ typescript: true }),
  php,
  phtml: php,
  properties,
  py: python,
  scss: css,
  sh: shell,
  sql,
  svg: xml,
  toml,
  ts: script({ typescript: true }),
  tsx: script({ jsx: true, typescript: true }),
  vue: html,
  webmanifest: json,
  xhtml: html,
  xml,
  xsl: xml,
  yaml,
  yml: yaml,
};

/** By the name of a file; undefined: plain text. */
export function languageOf(name: string): Loader | undefined {
  const lower = name.toLowerCase();
  if (lower.startsWith('.env') || lower === '.htaccess' || lower === '.editorconfig') return properties;
  if (/^\.(bash|profile|zsh)/.test(lower)) return shell;
  return byEnding[lower.slice(lower.lastIndexOf('.') + 1)];
}
