/** Why a backup or an archive was not made, read or put back. */
export const backupReasons = {
  archive_compression_layer:
    'The archive is refused: its compression is not one plain gzip or Zstandard stream, or asks for too much memory. Nothing was unpacked.',
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
  backup_aside_exists:
    '\u2068{{path}}\u2069 exists already; nothing was restored. Name a folder that does not exist yet.',
  backup_chain_broken:
    'The chain of backups in this target is broken at \u2068{{set}}\u2069 (\u2068{{problem}}\u2069): a backup was removed, put back or exchanged from outside. Do not rely on this target before you know why.',
  backup_database_exists:
    'There is a database \u2068{{database}}\u2069 already; nothing was changed. Choose another name.',
  backup_database_missing:
    'There is no database \u2068{{database}}\u2069 on the server; it may have been dropped meanwhile. Nothing of it was saved.',
  backup_database_open:
    'A program has the database \u2068{{database}}\u2069 open, so it was not replaced. Stop the program, then try again.',
  backup_database_unreachable:
    'The server of the database \u2068{{database}}\u2069 does not answer or does not let the panel in. Check that it runs, then try again.',
  backup_database_used_elsewhere:
    'Tables of \u2068{{other}}\u2069 refer to tables of \u2068{{database}}\u2069, so it cannot be replaced as a whole. Nothing was changed; restore it aside.',
  backup_download_gone: 'The file is no longer kept: it stays for one hour. Fetch it from the backup once more.',
  backup_dump_empty:
    'The dump of \u2068{{subject}}\u2069 came out empty, so the backup failed; nothing was listed as good. Look at the log of the run.',
  backup_dump_failed:
    'The database \u2068{{database}}\u2069 could not be saved or loaded as a whole, so nothing of it counts. The log of the run says more.',
  backup_export_damaged: 'The file is damaged or was changed on the way; nothing was taken from it.',
  backup_export_key: 'The recovery key does not open this file, or its head was changed. Nothing was taken from it.',
  backup_hook_address:
    'Nothing is sent to this address: it is a link-local or metadata address of a cloud. Use another one.',
  backup_hook_name: 'The name in the address is not known. Check how it is written, and the DNS of this server.',
  backup_hook_refused:
    'The other side answered with HTTP status \u2068{{status}}\u2069, so it does not count as delivered. Check the address.',
  backup_hook_timeout: 'The other side did not answer within \u206810\u2069 seconds.',
  backup_hook_tls:
    'The certificate of the other side cannot be trusted, so nothing was sent. Check its name, its date and who issued it.',
  backup_hook_unknown: 'There is no such alert address; it may have been removed. Refresh the page.',
  backup_hook_unreachable: 'No connection to the other side. Check the address, its port and the firewall.',
  backup_hooks_full: 'There are \u2068{{max}}\u2069 alert addresses already, no more fit. Remove one first.',
  backup_interrupted:
    'The run ended without saying how, for example by a power cut. Nothing half done counts; start it again.',
  backup_key_active: 'This key signs new backups, so it stays as it is. Rotate it first, then retire it.',
  backup_key_missing:
    'The backup keys of this panel are missing or damaged. Nothing was changed. Bring them back with the recovery key: aapanel backup recover.',
  backup_key_retired:
    'This backup is signed with the key \u2068{{keyId}}\u2069, which was retired, so it is not taken any more.',
  backup_key_unknown: 'There is no such key; nothing was changed. Refresh the page.',
  backup_keys_in_use:
    'This machine has backups under keys of its own; recovering would lose them. Nothing was changed. Recover on a fresh machine, or import an export.',
  backup_legacy_flag:
    'This is a backup of an earlier panel (\u2068{{format}}\u2069). It is only taken with --allow-\u2068{{format}}\u2069.',
  backup_legacy_form:
    'This is no whole backup of the earlier panel: the archive or its .info file is missing or incomplete.',
  backup_legacy_key:
    'The key of the earlier panel is missing, too short or one that everybody knows; its signature proves nothing. Nothing was unpacked.',
  backup_legacy_mismatch:
    'The archive is not the one that its .info file was made for, or the key is another one. Nothing was unpacked.',
  backup_manifest_invalid: 'The signed list of a backup is damaged or was changed, so that backup is not used.',
  backup_member_unknown: 'The backup has no \u2068{{member}}\u2069; nothing was changed.',
  backup_mismatch:
    'What is stored is not what the signed manifest says (\u2068{{subject}}\u2069). Nothing was changed. Do not trust this backup; use another one.',
  backup_no_space:
    'There is not enough room at \u2068{{path}}\u2069: \u2068{{neededBytes}}\u2069 are needed and \u2068{{freeBytes}}\u2069 are free. Nothing was changed.',
  backup_panel_whole:
    'The panel comes back whole only: its records and its database together. Nothing was changed. Choose both.',
  backup_part_unknown: 'The backup has no part \u2068{{part}}\u2069; nothing was changed.',
  backup_plan_unknown: 'There is no such backup plan; it may have been removed. Refresh the page.',
  backup_proof_failed:
    'The restore test did not pass (\u2068{{reason}}\u2069). Make a new backup and look at the log of the run.',
  backup_recovery_key_invalid:
    'This is no recovery key: a letter is missing or wrong. It starts with AAPR and has 14 groups of four.',
  backup_recovery_missing:
    'There is no recovery key yet; nothing was written. Make one first: it is what opens the file elsewhere.',
  backup_repository_damaged:
    'Stored data of this target is damaged. Nothing was removed; make a new backup in another target and check the disk.',
  backup_restore_running: 'Another restore is under way on this machine; nothing was changed. Wait until it has ended.',
  backup_run_cancelled: 'The run was stopped before it was complete. What was whole before is as it was.',
  backup_run_unknown: 'There is no such run; it may have been removed because of its age. Go back to the list.',
  backup_set_pinned: 'The backup \u2068{{set}}\u2069 is pinned, so nothing was removed. Unpin it first.',
  backup_set_unknown: 'There is no such backup in this target; it may have been removed. Refresh the list.',
  backup_site_refused:
    'The site \u2068{{site}}\u2069 could not be made again (\u2068{{why}}\u2069); its files were not restored. Put right what stands in the way, then try again.',
  backup_source_changing:
    '\u2068{{subject}}\u2069 kept changing while it was saved, so the backup failed. Exclude what changes without end, or try at a quieter time.',
  backup_source_missing: '\u2068{{subject}}\u2069 is not there to be saved.',
  backup_source_refused:
    '\u2068{{path}}\u2069 cannot be saved: it belongs to the system, to the agent or to the backups themselves.',
  backup_source_unreadable: '\u2068{{path}}\u2069 cannot be read, so the backup failed; nothing was listed as good.',
  backup_superuser_needed:
    'The dump of \u2068{{database}}\u2069 has something that only the superuser of the server may make, an event trigger or a function in C for instance, and a dump is loaded with the rights of the database’s owner. Nothing was changed. Export the backup and load it by hand if you trust it.',
  backup_target_busy: 'Another run works on this target, so yours was not started. Wait until it ends.',
  backup_target_full:
    'The target is full. What was complete before stays; make room or lower what is kept, then run it again.',
  backup_target_in_use: 'The plan “\u2068{{plan}}\u2069” saves to this target, so it stays. Change the plan first.',
  backup_target_inside_source:
    'The target \u2068{{path}}\u2069 lies inside a folder that is saved, so it would save itself. Choose another place.',
  backup_target_locked:
    'Another program holds the lock of this repository. Nothing was changed; try again when it has ended.',
  backup_target_place:
    'Backups cannot be kept at \u2068{{path}}\u2069: it is a folder of the panel itself. Choose another place.',
  backup_target_unknown: 'There is no such backup target; it may have been removed. Refresh the page.',
  backup_target_unreachable:
    'The backup target cannot be reached; nothing was saved or removed. Check the connection and the credentials, then try again.',
  backup_tool_failed: '\u2068{{tool}}\u2069 failed, so this was not done. Its own words are in the log of the run.',
  backup_tool_missing: '\u2068{{tool}}\u2069 is not installed, so this could not be done. Install it, then try again.',
  backup_wrong_key: 'The key does not open this repository. Nothing was changed.',
} as const;
