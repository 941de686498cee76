import { databaseVariables } from './variables-database.ts';
import { laterVariables } from './variables-later.ts';
import { serverVariables } from './variables-server.ts';
import type { Rule } from './rules.ts';
import type { Text } from './findings.ts';

/** One environment variable: everything that is known about it stands here once. */
export type Variable<T> = {
  readonly rule: Rule<T>;
  /** Shown as its length only, everywhere. */
  readonly isSecret?: boolean;
  /** Kept as it is, blanks included (passwords). Everything else is trimmed. */
  readonly isVerbatim?: boolean;
  /** Default in development and test; absent: none. */
  readonly development?: string;
  /** Default in production and staging; absent: none. */
  readonly production?: string;
  /** Says how the default is found when it depends on the machine or on other variables. */
  readonly derived?: Text;
  readonly required?: 'production' | 'production_server_database';
  readonly meaning: Text;
  /** Value written into the Docker example instead of the production default. */
  readonly docker?: string;
  /**
   * Set when nothing of the panel reads the value yet: `database container` belongs to the neighbour container,
   * anything else names the coming part that will. It is checked all the same.
   */
  readonly plannedFor?: Text;
};

/** Every variable, in the order of the examples. The only list: validator, boot, examples and documents follow it. */
export const variables = { ...serverVariables, ...databaseVariables, ...laterVariables };

export type VariableName = keyof typeof variables;
export const variableNames = Object.keys(variables) as VariableName[];

type ValueOf<V> = V extends { rule: Rule<infer T> } ? T : never;
/** Parsed values after all layers; undefined where nothing was given and there is no default. */
export type Values = { [Name in VariableName]: ValueOf<(typeof variables)[Name]> | undefined };
