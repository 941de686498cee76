import { isNode, nameOf, propertyOf, textOf, type Node, type Parsed } from './parse.ts';
import {
  areaOf,
  isTestFile,
  maxLines,
  mayChangeFolder,
  mayNameInstallPath,
  mayReadEnvironment,
  mayStartProcesses,
  mayReadMd5,
  mayWriteSystemFiles,
} from './policy.ts';

export type Violation = {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
  readonly detail: string;
};

type Found = { readonly at: number; readonly rule: string; readonly detail: string };

const domSinks = ['innerHTML', 'outerHTML', 'dangerouslySetInnerHTML', 'srcdoc'];
const writers = [
  'appendFile',
  'chmod',
  'chown',
  'copyFile',
  'cp',
  'createWriteStream',
  'lchown',
  'link',
  'mkdir',
  'rename',
  'rm',
  'rmdir',
  'symlink',
  'truncate',
  'unlink',
  'writeFile',
];

/** What one file must not contain, whatever it imports. Words in comments do not count: only code is looked at. */
export function checkCode(file: Parsed): Violation[] {
  const found: Found[] = file.nodes.flatMap((node) => checkNode(node, file));
  const violations = found.map(({ at, rule, detail }) => ({ path: file.path, line: file.lineAt(at), rule, detail }));
  if (file.lineCount > maxLines)
    violations.push({
      path: file.path,
      line: maxLines + 1,
      rule: 'size',
      detail: `${file.lineCount} lines, ${maxLines} allowed`,
    });
  return [...violations, ...checkImportedPowers(file), ...checkName(file.path)];
}

function checkNode(node: Node, { path }: Parsed): Found[] {
  const isTest = isTestFile(path);
  const found: Found[] = [];
  const add = (rule: string, detail: string): void => void found.push({ at: node.start, rule, detail });
  const called = node.type === 'CallExpression' || node.type === 'NewExpression' ? node['callee'] : undefined;

  if (called !== undefined && ['eval', 'Function'].includes(nameOf(called) ?? '')) add('eval', 'text is run as code');
  // The browser starts nothing: there the word is the frame of the page.
  const canStart = areaOf(path) !== 'web';
  if (canStart && node.type === 'Property' && nameOf(node['key']) === 'shell' && !isLiteral(node['value'], false))
    add('shell', 'a shell parses the arguments');
  const sink = nameOf(node.type === 'JSXAttribute' ? node['name'] : undefined) ?? propertyOf(node);
  if (sink !== undefined && domSinks.includes(sink)) add('html', `${sink} takes text as HTML`);
  if (['insertAdjacentHTML', 'document.write'].includes(calledName(called) ?? '')) add('html', 'takes text as HTML');
  if (/^md5$/i.test(textOf(node) ?? '') && !isTest && !mayReadMd5.some((pattern) => pattern.test(path)))
    add('md5', 'MD5 proves nothing');
  if (!isTest && isSqlText(node, called)) add('sql', 'SQL from text: bind the values');
  if (propertyOf(called) === 'chdir' && !mayChangeFolder.includes(path))
    add('chdir', 'paths come from the configuration');
  if (!isTest && isEnvironment(node) && !mayReadEnvironment.some((pattern) => pattern.test(path)))
    add('environment', 'settings come from server/config.ts and agent/main.ts');
  if (!isTest && namesInstallPath(node) && !mayNameInstallPath.some((pattern) => pattern.test(path)))
    add('install-path', 'paths come from the configuration');
  // A declaration file says what somebody else's package exports.
  if (node.type === 'ExportDefaultDeclaration' && !isTest && !path.endsWith('.d.ts'))
    add('default-export', 'named exports only');
  if (node.type === 'TSAnyKeyword') add('any', 'no any');
  return found;
}

/** What a file may do is what it imports: processes, and writing outside the transaction engine. */
function checkImportedPowers({ path, imports }: Parsed): Violation[] {
  const violations: Violation[] = [];
  for (const { specifier, line, names, isType } of imports) {
    if (isType) continue;
    const add = (rule: string, detail: string): void => void violations.push({ path, line, rule, detail });
    if (/^(node:)?(child_process|cluster)$/.test(specifier)) {
      if (!isTestFile(path) && !mayStartProcesses.includes(path))
        add('process', 'only agent/core/run.ts starts processes');
      if (names.some((name) => ['exec', 'execSync', '*', 'default'].includes(name)))
        add('shell', 'import spawn or execFile by name');
    }
    if (/^(node:)?(vm|inspector|module)$/.test(specifier) && !isTestFile(path))
      add('eval', `${specifier} runs text as code`);
    if (/^(node:)?process$/.test(specifier)) add('environment', 'use the global process, so that the rules see it');
    if (path.startsWith('agent/') && !isTestFile(path) && /^(node:)?fs(\/promises)?$/.test(specifier)) {
      const writing = names.filter(
        (name) => name === '*' || name === 'default' || writers.includes(name.replace(/Sync$/, '')),
      );
      if (writing.length > 0 && !mayWriteSystemFiles.some((pattern) => pattern.test(path)))
        add('system-files', `${writing.join(', ')}: system files are written by agent/core`);
    }
  }
  return violations;
}

function checkName(path: string): Violation[] {
  const name = path.split('/').at(-1) ?? '';
  const add = (detail: string): Violation[] => [{ path, line: 1, rule: 'name', detail }];
  const isTexts = path.startsWith('web/i18n/');
  if (!isTexts && /(^|\/)(utils?|helpers?|common|manager)(\/|\.tsx?$)/.test(path))
    return add('name it after what it does');
  if (/^index\.tsx?$/.test(name) && path !== 'shared/agent/index.ts') return add('no index files');
  return [];
}

function calledName(callee: unknown): string | undefined {
  if (!isNode(callee) || callee.type !== 'MemberExpression') return nameOf(callee);
  const object = nameOf(callee['object']);
  return object === 'document' ? `document.${propertyOf(callee)}` : propertyOf(callee);
}

function isLiteral(value: unknown, literal: unknown): boolean {
  return isNode(value) && value.type === 'Literal' && value['value'] === literal;
}

/** `sql.raw(x)` and `db.query/prepare/exec(…)` with a text that is put together. */
function isSqlText(node: Node, callee: unknown): boolean {
  if (node.type !== 'CallExpression' || !isNode(callee) || callee.type !== 'MemberExpression') return false;
  const method = propertyOf(callee) ?? '';
  const isRaw = nameOf(callee['object']) === 'sql' && ['raw', 'lit'].includes(method);
  if (!isRaw && !['query', 'prepare', 'exec', 'executeQuery'].includes(method)) return false;
  const first = (node['arguments'] as readonly unknown[])[0];
  if (isRaw) return textOf(first) === undefined;
  return isNode(first) && textOf(first) === undefined && ['TemplateLiteral', 'BinaryExpression'].includes(first.type);
}

function isEnvironment(node: Node): boolean {
  if (propertyOf(node) === 'env' && nameOf(node['object']) === 'process') return true;
  // const { env } = process
  return (
    node.type === 'VariableDeclarator' &&
    nameOf(node['init']) === 'process' &&
    isNode(node['id']) &&
    node['id'].type === 'ObjectPattern'
  );
}

function namesInstallPath(node: Node): boolean {
  const texts = node.type === 'TemplateElement' ? (node['value'] as { raw: string }).raw : (textOf(node) ?? '');
  return texts.includes('/www/server');
}
