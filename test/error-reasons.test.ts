import { expect, it } from 'vitest';
import { dataErrorReasons } from '#shared/data-error-reasons.ts';
import { errorReasons } from '#shared/error-reasons.ts';
import { fieldCodes } from '#shared/field-codes.ts';
import { isNode, nameOf, parseFile, textOf, type Node, type SourceFile } from './architecture/parse.ts';
import { isTestFile } from './architecture/policy.ts';
import { readSources } from './architecture/sources.ts';
import { backupRuns } from '../web/i18n/en/backups-runs.ts';

const lists = ['shared/error-reasons.ts', 'shared/field-codes.ts'];
const product = (await readSources()).filter(
  ({ path }) => /^(agent|server|shared)\//.test(path) && !isTestFile(path) && !lists.includes(path),
);

/** The texts that an expression can be: a literal, or either side of a choice. */
function textsOf(value: unknown): string[] {
  if (!isNode(value)) return [];
  if (value.type === 'ConditionalExpression') return [...textsOf(value['consequent']), ...textsOf(value['alternate'])];
  const text = textOf(value);
  return text === undefined ? [] : [text];
}

function propertiesOf(node: Node): ReadonlyMap<string, unknown> {
  const properties = node['properties'] as readonly Node[];
  return new Map(properties.map((each) => [nameOf(each['key']) ?? '', each['value']]));
}

/** Names given in a literal `params`; undefined when they are put together elsewhere. */
function paramNames(params: unknown): string[] | undefined {
  if (!isNode(params)) return [];
  return params.type === 'ObjectExpression' ? [...propertiesOf(params).keys()] : undefined;
}

type Kind = 'reason' | 'field';

/** Error objects with a reason or a field code that the lists do not have, or without a parameter that they promise. */
function findUnlisted({ path, text }: SourceFile): string[] {
  const { nodes, lineAt } = parseFile({ path, text });
  const found: string[] = [];
  for (const node of nodes) {
    if (node.type !== 'ObjectExpression') continue;
    const properties = propertiesOf(node);
    // A line of a backup's report says why, too; its words are of their own.
    if (properties.has('what')) {
      for (const name of textsOf(properties.get('reason')))
        if (!Object.hasOwn(backupRuns.report, name))
          found.push(`${path}:${lineAt(node.start)} report ${name} has no words`);
      continue;
    }
    const check = (kind: Kind, value: unknown): void => {
      const list: Readonly<Record<string, readonly string[]>> = kind === 'reason' ? errorReasons : fieldCodes;
      const given = paramNames(properties.get('params'));
      for (const name of textsOf(value)) {
        const wanted = list[name];
        const at = `${path}:${lineAt(node.start)}`;
        if (wanted === undefined)
          found.push(`${at} ${kind} ${name} is not in ${kind === 'field' ? lists[1] : lists[0]}`);
        else
          for (const param of wanted)
            if (given?.includes(param) === false) found.push(`${at} ${kind} ${name} lacks the parameter ${param}`);
      }
    };
    if (!path.startsWith('shared/')) check('reason', properties.get('reason'));
    if (properties.has('field')) check('field', properties.get('code'));
    if (path.startsWith('shared/')) check('field', properties.get('error'));
  }
  return found;
}

it('every reason and field code of server, agent and contracts stands in the one list, with its parameters', () => {
  expect(product.length).toBeGreaterThan(100);
  expect(product.flatMap(findUnlisted)).toEqual([]);
});

it('the list has no reason and no field code that nothing gives', () => {
  const unused = [...Object.keys(errorReasons), ...Object.keys(fieldCodes)].filter(
    (name) => !product.some(({ text }) => text.includes(`'${name}'`)),
  );
  expect(unused).toEqual([]);
});

it('the lists are sorted', () => {
  const others = Object.fromEntries(Object.entries(errorReasons).filter(([name]) => !(name in dataErrorReasons)));
  for (const list of [dataErrorReasons, others, fieldCodes])
    expect(Object.keys(list)).toEqual(Object.keys(list).sort());
});

it('a planted reason, field code or missing parameter is found', () => {
  const text = `
    throw new AppError('busy', 'x', { reason: 'planted_reason' });
    throw new AppError('busy', 'x', { reason: isA ? 'site_busy' : 'planted_choice' });
    throw new AppError('in_use', 'x', { reason: 'port_taken', params: { port } });
    throw refuseFields([{ field: 'name', code: 'planted_code' }]);
    work.report({ what: 'kept', subject, reason: 'planted_line', params: {} });
  `;
  expect(findUnlisted({ path: 'server/planted.ts', text })).toEqual([
    'server/planted.ts:2 reason planted_reason is not in shared/error-reasons.ts',
    'server/planted.ts:3 reason planted_choice is not in shared/error-reasons.ts',
    'server/planted.ts:4 reason port_taken lacks the parameter process',
    'server/planted.ts:5 field planted_code is not in shared/field-codes.ts',
    'server/planted.ts:6 report planted_line has no words',
  ]);
});
