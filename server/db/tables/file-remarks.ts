/** Remarks on files and folders of sites: see `server/features/files/file-remarks.ts`. */
export type FileRemarkTable = {
  /** Of site, bin and path: one remark for each thing. */
  id: string;
  site_id: string;
  /** Below the site's folder; of what lies in the recycle bin, where it was. */
  path: string;
  /** `` unless it lies in the recycle bin. */
  bin_id: string;
  remark: string;
};

export type FileRemarkTables = { file_remark: FileRemarkTable };
