import type { Insertable, Selectable } from 'kysely';
import { sql, type RawBuilder } from 'kysely';
import type { FigureSort, SiteFigures } from '#shared/site-columns.ts';
import type { Db } from '../../db/schema.ts';
import type { SiteFigureTable } from '../../db/tables/site-figures.ts';

type FigureRow = Selectable<SiteFigureTable>;

/** Later than anything, and a number that all databases and JavaScript know exactly. */
const never = Number.MAX_SAFE_INTEGER;

/**
 * What the list is ordered by when it is ordered by figures. What never ends comes after what does; sites that were never
 * saved before those that were; those that nobody counted before those without visitors.
 */
export const figureOrder: Readonly<Record<FigureSort, RawBuilder<number>>> = {
  tls: sql`coalesce(site_figure.certificate_ends_at, ${never})`,
  backup: sql`coalesce(site_figure.backup_at, 0)`,
  requests: sql`coalesce(site_figure.requests, -1)`,
  bytes: sql`coalesce(site_figure.bytes, -1)`,
  endsAt: sql`coalesce(site_figure.ends_at, ${never})`,
};

/** Figures of these sites by their ids; sites that were never measured are missing. */
export async function findFigures(db: Db, ids: readonly string[]): Promise<Map<string, SiteFigures>> {
  if (ids.length === 0) return new Map();
  const rows = await db.selectFrom('site_figure').selectAll().where('site_id', 'in', ids).execute();
  return new Map(rows.map((row) => [row.site_id, toFigures(row)]));
}

function toFigures(row: FigureRow): SiteFigures {
  return {
    requests: row.requests,
    bytes: row.bytes,
    countedUntil: instantOf(row.counted_until),
    certificateEndsAt: instantOf(row.certificate_ends_at),
    backup:
      row.is_backup_known === 0
        ? null
        : {
            at: instantOf(row.backup_at),
            failedAt: instantOf(row.backup_failed_at),
            everyMinutes: row.backup_every_minutes,
          },
    measuredAt: new Date(row.measured_at).toISOString(),
  };
}

const instantOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

/** Puts these rows in the place of those before them. Rows of sites that are gone meanwhile are left out. */
export async function putFigures(db: Db, rows: readonly Insertable<SiteFigureTable>[]): Promise<void> {
  if (rows.length === 0) return;
  const ids = rows.map(({ site_id }) => site_id);
  await db.transaction().execute(async (transaction) => {
    const present = await transaction.selectFrom('site').select('id').where('id', 'in', ids).execute();
    const known = new Set(present.map(({ id }) => id));
    const kept = rows.filter(({ site_id }) => known.has(site_id));
    await transaction.deleteFrom('site_figure').where('site_id', 'in', ids).execute();
    if (kept.length > 0) await transaction.insertInto('site_figure').values(kept).execute();
  });
}

/** When sites were measured last, by whichever panel; null: never. */
export async function lastMeasured(db: Db): Promise<number | null> {
  const { at } = await db
    .selectFrom('site_figure')
    .select(({ fn }) => fn.max('measured_at').as('at'))
    .executeTakeFirstOrThrow();
  // The driver of PostgreSQL answers what is computed as text.
  return at === null ? null : Number(at);
}

/** When a site was changed last; 0: there is none. */
export async function lastSiteChange(db: Db): Promise<number> {
  const row = await db
    .selectFrom('site')
    .select('updated_at')
    .orderBy('updated_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row?.updated_at ?? 0;
}
