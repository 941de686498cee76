import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import type { ConfigSource } from './config-type.ts';
import { finding, type Finding } from './findings.ts';
import { variableNames, variables, type Variable, type VariableName } from './variables.ts';

/** A value as text with the layer it came from. */
export type Given = { readonly text: string; readonly source: ConfigSource };
export type GivenValues = { readonly [Name in VariableName]?: Given };

type SourceInput = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
};

/** What was given in file, environment and command line, the later winning. An empty value counts as not given. */
export function readSources(input: SourceInput): { given: GivenValues; findings: Finding[] } {
  const file = readEnvFile(input);
  const cli = readArguments(input.argv);
  const given: Partial<Record<VariableName, Given>> = {};
  for (const name of variableNames) {
    const isVerbatim = (variables[name] as Variable<unknown>).isVerbatim === true;
    const pick = (source: ConfigSource, value: string | undefined): Given | undefined => {
      const text = isVerbatim ? (value ?? '') : (value ?? '').trim();
      return text === '' ? undefined : { text, source };
    };
    const winner = pick('cli', cli[name]) ?? pick('environment', input.env[name]) ?? pick('file', file.values[name]);
    if (winner !== undefined) given[name] = winner;
  }
  return { given, findings: file.findings };
}

/** Command-line options that are settings. Usage errors are the command's business, not ours. */
function readArguments(argv: readonly string[]): Partial<Record<VariableName, string>> {
  const values: Partial<Record<VariableName, string>> = {};
  const named = { '--port': 'PORT', '--host': 'HOST' } as const;
  for (const [index, argument] of argv.entries()) {
    if (argument === '--dev' || argument === '--development') values.ENVIRONMENT = 'development';
    if (argument === '--prod' || argument === '--production') values.ENVIRONMENT = 'production';
    for (const [option, name] of Object.entries(named)) {
      if (argument === option) values[name] = argv[index + 1] ?? '';
      if (argument.startsWith(`${option}=`)) values[name] = argument.slice(option.length + 1);
    }
  }
  return values;
}

function readEnvFile(input: SourceInput): {
  values: Readonly<Record<string, string | undefined>>;
  findings: Finding[];
} {
  const named = input.env['AAPANEL_ENV_FILE']?.trim() ?? '';
  const path = named === '' ? join(input.cwd, '.env') : resolve(input.cwd, named);
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (isMissing && named === '') return { values: {}, findings: [] };
    const code = isMissing ? 'env_file_missing' : 'env_file_unreadable';
    return { values: {}, findings: [finding('error', code, 'AAPANEL_ENV_FILE', { path })] };
  }
  // A byte order mark would become part of the first name.
  const values = parseEnv(content.replace(/^\uFEFF/, ''));
  const findings: Finding[] = [];
  for (const name of Object.keys(values)) {
    if (Object.hasOwn(variables, name)) continue;
    const suggestion = variableNames.find((known) => distance(known, name) <= 2);
    findings.push(
      suggestion === undefined
        ? finding('info', 'unknown_variable', name)
        : finding('warning', 'misspelt_variable', name, { suggestion }),
    );
  }
  return { values, findings };
}

/** Levenshtein distance: how many letters differ. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, letter] of Array.from(left).entries()) {
    const next = [i + 1];
    for (const [j, other] of Array.from(right).entries()) {
      const swap = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(swap, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
