import { preferences, type Preferences } from '#shared/settings.ts';

/*
 * Preferences as they are stored. What was added later has a column of its own: during an upgrade the older version reads
 * the same rows, and refuses names that it does not know.
 */

type Stored = { readonly preferences_json: string; readonly site_columns_json: string | null };

/** Columns of a person with these preferences. */
export function storePreferences({ siteColumns, ...older }: Preferences): Stored {
  return { preferences_json: JSON.stringify(older), site_columns_json: JSON.stringify(siteColumns) };
}

/** The preferences of a row; what was never chosen has its default. */
export function readPreferences({ preferences_json, site_columns_json }: Stored): Preferences {
  const older = JSON.parse(preferences_json) as object;
  const siteColumns = site_columns_json === null ? {} : { siteColumns: JSON.parse(site_columns_json) as unknown };
  return preferences.parse({ ...older, ...siteColumns });
}
