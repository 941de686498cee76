/**
 * Said first in every session of the superuser in a database of somebody's. Its owner says with `alter database … set` what
 * sessions in it begin with: where functions and operators are looked for, and what a backslash in a text means. Neither may
 * decide what the superuser runs.
 */
export const ownSettings = 'set search_path = pg_catalog, pg_temp; set standard_conforming_strings = on;';
