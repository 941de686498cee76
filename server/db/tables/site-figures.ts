/** What was last measured of a site: see `server/features/sites/site-figures.store.ts`. Times are epoch ms. */
export type SiteFigureTable = {
  /** Goes with the site. */
  site_id: string;
  /** Of the last 30 days; null: nothing was counted yet. */
  requests: number | null;
  bytes: number | null;
  counted_until: number | null;
  certificate_ends_at: number | null;
  ends_at: number | null;
  /** 0: the records of backups could not be read. */
  is_backup_known: number;
  backup_at: number | null;
  backup_failed_at: number | null;
  backup_every_minutes: number | null;
  measured_at: number;
};

export type SiteFigureTables = { site_figure: SiteFigureTable };
