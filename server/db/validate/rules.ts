import {
  checkDefault,
  checkDrop,
  checkNotNull,
  checkRename,
  checkSqlite,
  checkType,
  checkView,
} from './rules-destructive.ts';
import { checkDown, checkFile, checkName } from './rules-history.ts';
import {
  checkAsync,
  checkBigint,
  checkCharset,
  checkEngine,
  checkForeignKeyIndex,
  checkIdentifier,
  checkPure,
  checkSql,
} from './rules-hygiene.ts';
import {
  checkBatch,
  checkForeignKey,
  checkIndex,
  checkLock,
  checkMix,
  checkSize,
  checkTransaction,
  checkUnique,
} from './rules-locking.ts';
import { ruleTexts, type RuleId } from './rule-texts.ts';
import { engines, type Bilingual, type Check, type EngineName, type Severity } from './rule.ts';

export type Rule = {
  readonly id: RuleId;
  readonly severity: Severity;
  readonly engines: readonly EngineName[];
  /** What is wrong, and why that matters. */
  readonly explanation: Bilingual;
  /** How the same is done without harm. */
  readonly recipe: Bilingual;
  /** undefined: it looks at a history or a live schema instead of a file (rules-history.ts, compat.ts). */
  readonly check: Check | undefined;
  /** What a migration does that opts out of it. */
  readonly effect: 'safe' | 'needs_window' | 'destructive';
};

type Part = [severity: Severity, engines: readonly EngineName[], effect: Rule['effect'], check?: Check];

const pg: readonly EngineName[] = ['postgresql'];
const parts: Readonly<Record<RuleId, Part>> = {
  'V-file': ['error', engines, 'safe', checkFile],
  'V-name': ['error', engines, 'safe', checkName],
  'V-order': ['error', engines, 'safe'],
  'V-sum': ['error', engines, 'safe'],
  'V-gone': ['error', engines, 'safe'],
  'V-down': ['error', engines, 'safe', checkDown],
  'V-roundtrip': ['error', engines, 'safe'],
  'V-drop': ['error', engines, 'destructive', checkDrop],
  'V-rename': ['error', engines, 'destructive', checkRename],
  'V-type': ['error', engines, 'needs_window', checkType],
  'V-notnull': ['error', engines, 'needs_window', checkNotNull],
  'V-default': ['error', engines, 'needs_window', checkDefault],
  'V-index': ['error', pg, 'needs_window', checkIndex],
  'V-fk': ['error', ['mysql', 'postgresql'], 'needs_window', checkForeignKey],
  'V-unique': ['error', engines, 'needs_window', checkUnique],
  'V-tx': ['error', ['mysql'], 'safe', checkTransaction],
  'V-mix': ['error', engines, 'needs_window', checkMix],
  'V-batch': ['error', engines, 'needs_window', checkBatch],
  'V-lock': ['error', engines, 'needs_window', checkLock],
  'V-sql': ['error', engines, 'safe', checkSql],
  'V-pure': ['error', engines, 'safe', checkPure],
  'V-async': ['error', engines, 'safe', checkAsync],
  'V-engine': ['error', engines, 'safe', checkEngine],
  'V-charset': ['error', engines, 'safe', checkCharset],
  'V-bigint': ['error', engines, 'safe', checkBigint],
  'V-fkidx': ['error', engines, 'safe', checkForeignKeyIndex],
  'V-view': ['error', engines, 'destructive', checkView],
  'V-sqlite': ['error', ['sqlite'], 'safe', checkSqlite],
  'V-compat': ['error', engines, 'destructive'],
  'V-size': ['warning', engines, 'needs_window', checkSize],
  'V-ident': ['error', engines, 'safe', checkIdentifier],
};

/** V-file is the door; the thirty others are the rules. */
export const rules: readonly Rule[] = (Object.keys(parts) as RuleId[]).map((id) => {
  const [severity, ofEngines, effect, check] = parts[id];
  return { id, severity, engines: ofEngines, effect, check, ...ruleTexts[id] };
});

export function ruleOf(id: RuleId): Rule {
  const rule = rules.find((one) => one.id === id);
  if (rule === undefined) throw new Error(`there is no rule ${id}`);
  return rule;
}
