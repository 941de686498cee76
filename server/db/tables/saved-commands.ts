/** Command books: see `server/features/saved-commands`. */
export type SavedCommandTable = {
  id: string;
  /** Whose it is; goes with them. */
  person_id: string;
  name: string;
  /** Lower case, NFKC; unique for the person. */
  name_key: string;
  command: string;
  created_at: number;
  updated_at: number;
};

export type SavedCommandTables = { saved_command: SavedCommandTable };
