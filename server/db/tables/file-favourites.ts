/** Folders that people have starred: see `server/features/files/file-favourites.ts`. */
export type FileFavouriteTable = {
  /** Of person, site and path: the same folder twice is one row. */
  id: string;
  person_id: string;
  site_id: string;
  path: string;
  created_at: number;
};

export type FileFavouriteTables = { file_favourite: FileFavouriteTable };
