import { addColumn, dropColumn, longText, type MigrationDb } from '../ddl.ts';

/** Revision ID: 0006_site_settings. Facts of a site that have a form of their own: `shared/site-settings.ts`. */
export const revision = '0006_site_settings';
export const downRevision = '0005_doors';

export async function up(db: MigrationDb): Promise<void> {
  await addColumn(db, 'site', 'settings_json', longText(db));
}

/** Takes the settings of all sites away. */
export async function down(db: MigrationDb): Promise<void> {
  await dropColumn(db, 'site', 'settings_json');
}
