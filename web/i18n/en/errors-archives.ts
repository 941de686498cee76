/** Why an archive was refused or not put into a site. What is there stays in every case. */
export const archiveReasons = {
  archive_compression_layer:
    'The archive is refused: its compression is not one plain stream of gzip, Zstandard or xz (where the server has xz), or asks for too much memory. Nothing was unpacked.',
  archive_damaged_container: 'The archive is damaged or not complete. Nothing was unpacked; get the file again.',
  archive_entry_type:
    'The archive is refused: “\u2068{{name}}\u2069” is neither file, folder nor link. Nothing was unpacked.',
  archive_extractor_failed:
    'The archive could not be unpacked because the program for it ended early. Nothing was kept; try again.',
  archive_hardlink_escape:
    'The archive is refused: it has a hard link to “\u2068{{name}}\u2069”, which is no file of this archive. Nothing was unpacked.',
  archive_header_override:
    'The archive is refused: an extended header (“\u2068{{name}}\u2069”) changes what an entry means. Nothing was unpacked.',
  archive_manifest_mismatch:
    'The archive is not what its signed list says (“\u2068{{name}}\u2069”). Nothing was restored.',
  archive_name_bytes:
    'The archive is refused: the name “\u2068{{name}}\u2069” has characters that cannot be shown. Nothing was unpacked.',
  archive_name_collision:
    'The archive is refused: two of its names stand for the same place (“\u2068{{name}}\u2069”). Nothing was unpacked.',
  archive_name_form:
    'The archive is refused: the name “\u2068{{name}}\u2069” is empty or stands for the whole archive. Nothing was unpacked.',
  archive_path_escape:
    'The archive is refused: “\u2068{{name}}\u2069” would be written outside of the target folder. Nothing was unpacked.',
  archive_resource_exhaustion:
    'The archive is refused: it exceeds a limit on size, number of files, depth or ratio of compression. Nothing was unpacked.',
  archive_size_lie:
    'The archive is refused: the sizes it tells for “\u2068{{name}}\u2069” contradict each other. Nothing was unpacked.',
  archive_symlink_traversal:
    'The archive is refused: the link “\u2068{{name}}\u2069” leads out of it, or something stands below a link. Nothing was unpacked.',
  archive_zip_structure:
    'The archive is refused: its list and its entries do not tell the same, or it is encrypted (“\u2068{{name}}\u2069”). Nothing was unpacked.',
  archive_failed:
    'The archive was not unpacked for a reason of this machine; the site is as it was. The log says more.',
  archive_folder_foreign:
    'The folder \u2068{{path}}\u2069 does not belong to the site, so nothing is put into it; nothing was changed. Choose another folder.',
  archive_interrupted: 'Unpacking was interrupted several times and given up; the site is as it was. Start it again.',
  archive_longer: 'More was sent than the archive is long; nothing was changed. Throw it away and send it again.',
  archive_no_folder: 'The site has no folder of its own on this server; nothing was changed.',
  archive_no_room:
    'The disk has no room for it: \u2068{{neededBytes}}\u2069 are needed and \u2068{{freeBytes}}\u2069 are free. Nothing was changed; make room first.',
  archive_not_whole:
    'Only \u2068{{receivedBytes}}\u2069 of \u2068{{sizeBytes}}\u2069 have arrived; nothing was changed. Choose the same file once more to send the rest.',
  archive_piece_gap:
    'Pieces of the archive are missing after \u2068{{receivedBytes}}\u2069; nothing was changed. Choose the same file once more to send the rest.',
  archive_site_deployed:
    'The files of this site come from its repository, so nothing is unpacked beside them; nothing was changed. Disconnect the repository first.',
  archive_too_many: '\u2068{{most}}\u2069 archives wait for this site already. Unpack one or throw one away.',
  archive_too_many_conflicts:
    'More than \u2068{{most}}\u2069 files would have to give way one by one; the site is as it was. Choose to empty the folder first, or another folder.',
  archive_under_way: 'Another archive is being unpacked into this site. Wait until it has ended.',
  archive_undo_gone:
    'This cannot be taken back any more: something newer stands on it, or what gave way is gone. Nothing was changed.',
  archive_unknown:
    'This archive is not on the server any more; those that nobody unpacks are thrown away after a day. Send it again.',
} as const;

export const archiveFaults = {
  folder_in_site_invalid:
    'A folder below the site’s own, such as blog or app/public: letters, digits, dots, dashes; no part begins with a dot.',
} as const;
