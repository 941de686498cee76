/** Public links to files of sites: see `server/features/files/file-links.logic.ts`. */
export type FileLinkTable = {
  id: string;
  /** Goes with the site. */
  site_id: string;
  /** Who made it, and as whom the file is read; goes with them. */
  person_id: string;
  /** SHA-256 of the token, hexadecimal; unique. */
  token_hash: string;
  /** Below the site's folder, as everywhere in the files of sites. */
  path: string;
  /** argon2id in the PHC form; null: none is asked for. */
  password_hash: string | null;
  /** null: as often as anybody likes, until it expires. */
  most_downloads: number | null;
  downloads: number;
  last_used_at: number | null;
  created_at: number;
  expires_at: number;
};

export type FileLinkTables = { file_link: FileLinkTable };
