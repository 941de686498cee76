/* Statements of our own with values of people: the values travel beside the statement and are never read as SQL. */

/** `bytes`: hexadecimal digits. `integer` and `decimal`: digits, checked before. null: NULL. */
export type Bound = null | { readonly type: 'bytes' | 'decimal' | 'integer' | 'text'; readonly value: string };

export type BoundAnswer = {
  /** Each value as text. */
  readonly rows: (string | null)[][];
  /** null: not a statement that changes rows. */
  readonly affectedRows: number | null;
  /** What the server did otherwise than it was asked (MariaDB). */
  readonly warnings: number;
};
