import { appFields, appReasons } from './errors-apps.ts';
import { phpFields, phpReasons } from './errors-php.ts';
import { acmeReasons, certificateFaults } from './errors-certificates.ts';
import { deployFaults, deployReasons } from './errors-deployments.ts';

/*
 * Values in a sentence stand between U+2068 and U+2069 (isolates), so that an Arabic name keeps its own direction.
 */
export const errors = {
  title: 'The request failed',
  /** In the place of a time that has no end. */
  furtherNotice: 'further notice',
  codes: {
    already_exists: 'It exists already; nothing new was made. Choose another name.',
    agent_unavailable:
      'The agent that carries out changes on the server does not answer. Nothing was changed. Try again in a moment.',
    busy: 'Another operation on the same thing is under way; yours was not carried out. Try again in a moment.',
    changed_meanwhile: 'This changed after you opened it; nothing was saved. Look at the new values, then try again.',
    config_rejected:
      'The new configuration was rejected; the old one is still running. Correct the values, then try again.',
    database_unavailable: 'The panel’s database does not answer. Nothing was changed. Try again in a moment.',
    elevation_required: 'This action needs you to confirm your identity first; it has not been carried out.',
    in_use: 'It is in use; nothing was changed. Free it first, then try again.',
    internal: 'An internal error occurred and the operation did not finish. Details are in the panel’s log.',
    invalid_request: 'Some values are not valid; nothing was saved. Correct the marked fields.',
    not_allowed: 'You do not have permission for this; nothing was changed. Ask the owner of the panel.',
    not_found: 'It does not exist; it may have been deleted. Go back to the list and refresh it.',
    not_signed_in: 'Your session has ended. Sign in again.',
    offline: 'The panel cannot be reached. Check your connection; we keep trying.',
    rate_limited: 'Too many tries; the last one was not carried out. Wait a little, then try again.',
    timeout: 'The operation took longer than allowed. Look at the change history before you try again.',
    too_large: 'What was sent is larger than allowed and was not accepted. Send less.',
  },
  reasons: {
    ...acmeReasons,
    ...appReasons,
    ...phpReasons,
    ...deployReasons,
    action_timeout: 'The agent did not finish in time; it stopped and took back what it had changed. Try again.',
    address_not_allowed:
      'The panel is not open to your address; nothing was changed. Come from an allowed address, or have yours added under “Doors”.',
    agent_already_running:
      'Another agent works on the same state folder, so the second did not start. Stop one of them.',
    agent_answer_invalid:
      'The agent gave an answer that the panel does not understand. Bring both to the same version, then look at the change history.',
    agent_busy: 'The agent has too much under way; your request was not started. Try again in a moment.',
    agent_connection_lost:
      'The connection to the agent was lost in the middle. The panel checks the outcome by itself; look at the change history.',
    agent_not_running:
      'The agent is not running; nothing on the server was changed. Start the service aapanel-agent, then try again.',
    agent_timeout:
      'The agent did not answer in time. The panel checks the outcome by itself; look at the change history before you try again.',
    all_sites_needed:
      'Backups hold every site, and your role covers some of them only; nothing was done. Ask somebody who may see all sites.',
    answer_too_large: 'The answer is larger than may be sent and is not shown. Narrow the search or ask for less.',
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
    audit_unavailable:
      'The audit log could not be written, and without it nothing is carried out: nothing was changed. Check the disk and the service aapanel-agent, then try again.',
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
    backup_restore_running:
      'Another restore is under way on this machine; nothing was changed. Wait until it has ended.',
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
    backup_tool_missing:
      '\u2068{{tool}}\u2069 is not installed, so this could not be done. Install it, then try again.',
    backup_wrong_key: 'The key does not open this repository. Nothing was changed.',
    ban_own_address:
      'This would shut out the address you are working from, so nobody was banned. Choose another address or a smaller network.',
    banned:
      'After too many failed tries this address or account is shut out until \u2068{{until}}\u2069. Wait, sign in with a passkey, or lift the ban on the server with: aapanel',
    browser_refused:
      'The agent refused a request that came straight from a browser; nothing was changed. Use the panel.',
    certificate_exists: 'There is a certificate with this id already; nothing was changed. Try again.',
    certificate_in_use:
      'These sites are served with this certificate, so it stays: \u2068{{sites}}\u2069. Give them another one or switch their HTTPS off first.',
    certificate_invalid:
      'The certificate was not accepted, and the present one stays. Give the whole chain and the key that belongs to it. Reason: $t(errors.certificate.{{why}})',
    certificate_issued:
      'This certificate is issued by an authority and renewed, so no other is put in its place. Import yours as a new one.',
    certificate_loses_names:
      'The new certificate is not good for names that the present one covers and sites use: \u2068{{names}}\u2069. The present one stays; ask its issuer for all names.',
    certificate_not_issued: 'This certificate was imported, so the panel cannot renew it. Replace it with a newer one.',
    certificate_unknown: 'There is no such certificate; it may have been removed. Refresh the page.',
    certbot_missing:
      'The tool certbot is missing and could not be installed, so nothing was ordered. Install the package certbot.',
    challenge_void:
      'The question your passkey answered has expired or was used already; nothing was changed. Start once more.',
    change_under_way: 'The change \u2068{{changeId}}\u2069 is still under way. Wait until it ends, then try again.',
    change_unknown: 'There is no such change in the history. Refresh the list.',
    confirm_needs_new_connection:
      'The change is still waiting: it is kept only when you confirm over a new connection, because that proves you can still get in. Open the new address and confirm there.',
    content_type: 'This type of content is not accepted; the request was not carried out. Send JSON.',
    csrf_header_missing:
      'The request was refused because it did not come from the panel’s own pages; nothing was changed. Reload the page, then try again.',
    database_away: 'The panel’s database cannot be reached; nothing was changed. Try again in a moment.',
    database_busy: 'Too many requests wait for the panel’s database; yours was not carried out. Try again in a moment.',
    database_lost:
      'The connection to the panel’s database broke in the middle of the change. Look whether it was made before you try again.',
    deadline_passed: 'The request reached the agent too late and was not carried out. Try again.',
    directive_not_allowed:
      'The directive \u2068{{directive}}\u2069 in line \u2068{{line}}\u2069 is not allowed in a site; nothing was saved. Remove or replace it.',
    directive_syntax:
      'Line \u2068{{line}}\u2069 of the directives is not written correctly; nothing was saved: \u2068{{message}}\u2069',
    disk_full:
      'The disk is full, so the change was taken back and everything is as before. Free some space, then try again.',
    domain_served_elsewhere:
      'The domain \u2068{{domain}}\u2069 is used in the hand-written file \u2068{{file}}\u2069; nothing was changed. Remove it there or choose another domain.',
    domain_taken:
      'The domain \u2068{{domain}}\u2069 is used by the site “\u2068{{site}}\u2069”; nothing was changed. Choose another one or remove it from that site.',
    doors_pending:
      'Another change of the doors still waits to be kept or taken back; yours was not carried out. Decide about that one first.',
    earlier_change_stuck:
      'An earlier change (\u2068{{changeId}}\u2069) could not be taken back yet, so the new one was not started. The agent keeps trying; check the disk and its permissions.',
    elevation_void:
      'Your confirmation has run out or your rights have changed; nothing was done. Confirm your identity once more.',
    factor_unknown: 'This way of signing in is no longer there; nothing was changed. Refresh the page.',
    file_too_large:
      'The file \u2068{{path}}\u2069 is larger than the panel handles and was not touched. Shrink it, then try again.',
    foreign_origin:
      'The request was refused because it came from another address than the panel’s; nothing was changed. Open the panel at its own address.',
    idempotency_answer_gone:
      'This request was carried out before; its answer was too long to keep. Refresh the page to see the result.',
    idempotency_key_invalid:
      'The idempotency key is not valid; the request was not carried out. Use a short text without spaces.',
    idempotency_key_reused:
      'The same idempotency key was used for a different request; the new one was not carried out. Use another key.',
    idempotency_under_way:
      'The same request is still under way and will not be carried out twice. Wait for its result.',
    if_match_invalid: 'The revision that was sent is not valid; nothing was changed. Refresh the page, then try again.',
    install_step_failed:
      'The step “$t(jobs.steps.{{step}})” failed, and the job takes back what it had installed itself. Look at its log, then try again.',
    job_ended: 'The job ended before your request arrived; nothing was changed. Look at its state.',
    job_not_ended: 'The job has not ended yet or has succeeded; only a failed or cancelled job can be started again.',
    job_unknown: 'There is no such job; it may have been removed because of its age. Go back to the list of jobs.',
    json_only: 'The API accepts only JSON; the request was not carried out. Send it in that form.',
    last_factor:
      'This is the last way of signing in that meets the rules of this account, so it stays. Add another one first.',
    last_owner:
      'This is the last owner who can sign in, and a panel needs one; nothing was changed. Make somebody else an owner first.',
    link_void:
      'This link was used before, has expired, or a newer one was made; nothing was changed. Ask for a new one, or as the owner run on the server: aapanel link',
    malformed_json: 'What was sent is not valid JSON; the request was not carried out. Correct it, then try again.',
    malformed_request: 'The request is not well formed and was not carried out. Reload the page, then try again.',
    method_not_allowed: 'This address does not accept this kind of request; nothing was done. See the API reference.',
    more_than_own: 'Nobody can give or take rights they do not have themselves; nothing was changed. Ask an owner.',
    nginx_broken_elsewhere:
      'The present nginx configuration is broken in \u2068{{file}}\u2069, line \u2068{{line}}\u2069, so nothing was changed. Repair it, then try again. nginx said: \u2068{{message}}\u2069',
    nginx_does_not_include:
      'The file \u2068{{file}}\u2069 does not include \u2068conf.d/*.conf\u2069, so the files of sites would not be read; nothing was changed. Add that line, then try again.',
    nginx_rejected:
      'nginx refused the new configuration; the old one is still running. It said: \u2068{{message}}\u2069',
    not_a_file:
      '\u2068{{path}}\u2069 is not a regular file, so the panel did not touch it. Move it away, then try again.',
    not_undoable:
      'This change cannot be taken back because it did not finish or what was before was not kept. Change the values by hand.',
    not_with_token: 'This cannot be done with an API token; nothing was changed. Sign in to the panel and do it there.',
    nothing_to_adopt:
      'The file \u2068{{path}}\u2069 is as the panel wrote it; there is nothing to adopt. Refresh the page.',
    operation_running:
      'The package manager is still at work; your request was not carried out. Wait until it ends, then try again.',
    other_file_system:
      'The two places are on different file systems, so the move cannot happen at once; nothing was changed. Keep them on one disk.',
    outcome_unknown:
      'How the change ended is not known yet. The panel checks it by itself and shows it in the change history; do not try again before that.',
    owner_only: 'Only an owner changes owners; nothing was changed. Ask an owner.',
    package_plan_failed:
      'The package manager cannot install it; nothing was changed. Repair the package sources, then try again. It said: \u2068{{message}}\u2069',
    packages_needed:
      'Other programs need the packages that were installed, so they were left in place. Remove those programs first.',
    passkey_known: 'This passkey is in your account already; nothing was added. Use another device or security key.',
    passkey_limit: 'You have as many passkeys as an account may have; none was added. Remove one first.',
    passkey_place:
      'Passkeys need the panel under a host name over HTTPS; at this address none can be used. Open the panel under its name.',
    path_is_link:
      '\u2068{{path}}\u2069 is a symbolic link, and the panel does not write through links; nothing was changed. Put a real file or folder there.',
    path_occupied: 'Something is at \u2068{{path}}\u2069 already and was not replaced. Move it away, then try again.',
    person_disabled: 'This account is disabled; nothing was done. Enable it first.',
    person_unknown: 'This person does not exist; they may have been removed. Go back to the list of people.',
    port_taken:
      'Port \u2068{{port}}\u2069 is held by the program \u2068{{process}}\u2069; nothing was changed. Stop that program or choose another port.',
    protocol_mismatch:
      'The panel (\u2068{{panel}}\u2069) and the agent (\u2068{{agent}}\u2069) are of different versions; nothing was done. Restart the service aapanel-agent.',
    queue_too_long: 'Earlier changes took too long, so yours was not started. Try again in a moment.',
    read_only_file_system: 'The file system is read-only; nothing was changed. Mount it for writing, then try again.',
    register_not_empty: 'The panel has its owner already, so no first one was made. Sign in.',
    removal_list_changed:
      'The list of what would be deleted changed after it was shown; nothing was deleted. Look at the new list, then confirm.',
    removal_unknown: 'Nothing was kept of this deletion, so it cannot be brought back. Create the site again.',
    request_too_large: 'What was sent is larger than \u2068{{maxBytes}}\u2069 and was not accepted. Send less.',
    revision_changed:
      'Somebody else changed this after you opened it; your change was not saved. Look at the new values, then try again.',
    role_in_use:
      'People still have this role (\u2068{{people}}\u2069), so it was not deleted. Give them another role first.',
    role_name_taken: 'Another role has this name; nothing was saved. Choose another name.',
    rollback_failed:
      'The change \u2068{{changeId}}\u2069 failed and the former state was not restored completely. The agent keeps trying; look at the log and check the disk now.',
    root_occupied:
      'A folder is at \u2068{{path}}\u2069 where the site was, and it was not replaced. Move it away, then undo again.',
    second_factor_needed:
      'Your account must have a second factor before anything else works. Add an authenticator app or a passkey under “My account”.',
    shutting_down: 'The panel is shutting down and did not take the request. Try again when it is back.',
    sign_in_busy: 'Too many sign-ins at the same moment; yours was not checked. Try again in a moment.',
    sign_in_rate_limited:
      'Too many sign-in tries; sign-in is paused for a while. Try again in \u2068{{retryAfterSeconds}}\u2069.',
    sign_in_step_void:
      'This sign-in took too long or was begun anew elsewhere; you are not signed in. Start again with your name and password.',
    site_adopted:
      'This site has a hand-written configuration in \u2068{{path}}\u2069 that the panel does not change. Edit that file, or choose “Overwrite” to get the panel’s text back.',
    site_busy: 'Another change of this site is under way; yours was not carried out. Try again in a moment.',
    site_certificate_invalid:
      'The certificate was not accepted; nothing was stored and sites keep what they have. Reason: $t(errors.certificate.{{why}})',
    site_drift:
      'The file \u2068{{path}}\u2069 was changed by hand and was not silently replaced. Look at the difference, then choose “Adopt” or “Overwrite”.',
    site_not_answering:
      'nginx did not answer for \u2068{{domain}}\u2069 on port \u2068{{port}}\u2069 after the change, so the former state is back. Check nginx, then try again.',
    site_unknown: 'There is no such site; it may have been deleted. Go back to the list of sites.',
    site_without_https: 'This site has no HTTPS to check. Switch it on first.',
    slug_taken:
      'The short name \u2068{{slug}}\u2069 belongs to another site; nothing was changed. Choose another first domain.',
    software_in_use:
      '\u2068{{name}}\u2069 is needed by the site \u2068{{site}}\u2069, so nothing was removed. Give its sites another version first.',
    stronger_factor_needed:
      'Your account has something stronger than a password, and this action asks for it; nothing was done. Confirm with your passkey or your app’s code.',
    ticket_void:
      'The permission for this one action has run out or was used already; nothing was done. Try again and confirm once more.',
    token_rate_limited:
      'This token made too many requests; the last one was not carried out. Go on in \u2068{{retryAfterSeconds}}\u2069.',
    too_many_streams: 'Too many live pages are open; this one was not opened. Close some tabs, then try again.',
    undo_certificate_missing:
      'The certificate of this site was removed while the site was gone. Bring the site back without HTTPS and get another certificate for it, or import the old one again and choose it there.',
    undo_conflict:
      'A later change touched “$t(errors.facts.{{field}})”, so nothing was taken back. Undo the later change first, or change the value by hand.',
    uninstall_failed:
      'The packages that were installed could not be removed; some are still there. Look at the job’s log, then remove them from a terminal.',
    unknown_action:
      'The agent does not know this action; nothing was changed. Update the agent to the panel’s version.',
    user_name_taken: 'Somebody has this user name already; nobody was added. Choose another name.',
    useradd_failed:
      'The site’s Linux user could not be made, so the site was not created. The system said: \u2068{{message}}\u2069',
    useradd_missing:
      'The command useradd is missing on the server, so the site was not created. Install the package passwd, then try again.',
    value_not_allowed:
      'A value contains characters that cannot be written into an nginx configuration; nothing was changed. Correct it, then try again.',
    wrong_credentials: 'The name or the password is wrong. Check both, then try again.',
  },
  fields: {
    ...appFields,
    ...phpFields,
    ...deployFaults,
    access_name_invalid: 'This name or secret has spaces or control characters, or is too long.',
    address_invalid:
      'This is not an address or a network. Examples: \u2068203.0.113.7\u2069, \u206810.0.0.0/8\u2069, \u20682001:db8::/32\u2069.',
    bucket_invalid: 'A bucket has 3 to 63 lower-case letters, digits, dots and hyphens.',
    certificate_not_for_site: 'This certificate is good for none of the site’s names. Choose another one.',
    certificate_unknown: 'This certificate is not there any more. Choose another one.',
    control_characters: 'It contains control characters, such as a line break. Remove them.',
    cron_invalid: 'This is not a cron expression of five fields. Example: \u206830 3 * * *\u2069.',
    database_name_invalid: 'A database name has 1 to 63 characters, without slashes, dots and control characters.',
    dns_server_invalid: 'Enter the name or the IP address of the DNS server, without a port.',
    dns_token_invalid: 'A token has 20 to 200 characters and no blanks.',
    domain_invalid: 'This is not a domain. Examples: \u2068example.com\u2069, \u2068*.example.com:8080\u2069.',
    domain_repeated: 'The domain \u2068{{domain}}\u2069 is there twice. Remove one.',
    domain_taken: '\u2068{{domain}}\u2069 is used by the site “\u2068{{site}}\u2069”. Choose another domain.',
    domain_too_long: 'The domain is longer than 253 characters. Shorten it.',
    email_invalid: 'This is not an e-mail address. Example: \u2068name@example.com\u2069.',
    entry_path_invalid: '8 to 64 characters: Latin letters, digits, hyphen and underscore.',
    header_name_invalid: 'A header’s name has Latin letters, digits and hyphens. Example: \u2068X-Robots-Tag\u2069',
    header_repeated: 'This header is there twice. Remove one.',
    header_reserved: 'The server or another form sets this header. Choose another one.',
    hook_address_refused: 'This is a link-local or metadata address of a cloud; nothing is sent there.',
    hook_secret_invalid: '16 to 256 characters, without line breaks.',
    hook_url_invalid: 'This is not a valid address. Example: \u2068https://ntfy.example.com/backups\u2069',
    hsts_preload_conditions: 'The preload list asks for two years and for all subdomains. Choose both first.',
    hsts_self_signed:
      'Browsers do not trust this certificate, and with HSTS nobody could get past their warning. Use one of a known authority first.',
    index_invalid:
      'Name of one file: Latin letters, digits, dot, hyphen and underscore, for example \u2068index.html\u2069.',
    invalid: 'This value is not valid. Correct it.',
    main_host_unknown: 'The site does not answer to this name. Choose one of its domains.',
    not_a_choice: 'This is not one of the choices. Pick one of them.',
    not_a_number: 'Enter a number.',
    origin_any_alone: '\u2068*\u2069 means every origin, so it stands alone. Remove it or the others.',
    origin_any_credentials: 'Browsers do not send sign-in to a site that is open to every origin. Name the origins.',
    origin_invalid: 'An origin is a scheme and a name, without a path. Example: \u2068https://app.example.com\u2069',
    own_address_missing:
      'You come from \u2068{{address}}\u2069, and no line lets it in: you would shut yourself out. Add it.',
    page_repeated: 'This code has a page already. Change that one.',
    password_common: 'This password is common and easy to guess. Choose another one.',
    password_too_long: 'The password is too long. Use at most 128 characters.',
    password_too_short: 'The password is too short. Use at least 8 characters.',
    password_wrong: 'The current password is wrong. Enter it again.',
    path_invalid: 'This is not a path that can be used: absolute, without \u2068..\u2069 and control characters.',
    pattern_invalid: 'This regular expression cannot be used here. Example: \u2068^/blog/(\\d+)$\u2069',
    plain_value: 'Latin letters, digits and plain signs only, on one line and without \u2068$\u2069.',
    port_in_use: 'Another program listens on this port. Choose another one.',
    port_invalid: 'This port cannot be used here. Enter a number up to 65535; for the panel itself from 1024 on.',
    password_by_hand: 'The custom directives set auth_basic for the whole site. Take it out there first.',
    proxy_path_repeated: 'This path leads somewhere already. Change that rule.',
    proxy_path_root: 'The whole site cannot be a path of it. Make a site of the kind reverse proxy instead.',
    recovery_code_invalid: 'This is not a recovery code. It looks like \u2068abcde-23456\u2069.',
    redirect_capture:
      'Only a regular expression has \u2068$1\u2069 to \u2068$9\u2069, and only as many as it has groups.',
    redirect_loop: 'This redirect leads back to itself, in a circle. Choose another target.',
    redirect_query_and_path: 'A target with \u2068?\u2069 cannot also get the rest of the path. Remove one of them.',
    redirect_target_invalid:
      'A full address or a path of the site. Examples: \u2068https://example.com/new\u2069, \u2068/new\u2069',
    required: 'This field is required.',
    rewrite_capture_path:
      'A part of the address may stand in the path of the target only when no dot can be in any group: (\\d+), (\\w+) or ([a-z0-9_/-]+). In the query it may be anything.',
    rewrite_target_invalid:
      'A path of this site: it begins with one / and may have a query. No quotes, spaces, semicolons or % in the path.',
    role_unknown: 'This role does not exist any more. Choose another one.',
    root_invalid: 'This is not a valid path. Enter a full path of Latin letters and digits, without \u2068..\u2069',
    root_not_a_folder: '\u2068{{path}}\u2069 is not a folder. Choose another one.',
    root_of_other_site: 'This folder belongs to the site “\u2068{{site}}\u2069”. Choose another one.',
    root_outside: 'The folder must be inside \u2068/www/wwwroot\u2069.',
    root_symlink: '\u2068{{path}}\u2069 is a symbolic link. Choose a real folder.',
    rule_agent_short: 'At least two characters, or half of all browsers would be turned away.',
    rule_path_invalid:
      'A path of the site begins with \u2068/\u2069 and is written as people read it: without spaces, \u2068%\u2069, \u2068?\u2069, \u2068$\u2069 and \u2068..\u2069. Example: \u2068/blog/old\u2069',
    rule_path_own: 'Certificates are proven there; no rule may stand in their way. Choose another path.',
    rule_path_repeated: 'This path is there twice. Remove one.',
    rule_realm_invalid:
      'Latin letters, digits and signs, without quotes, backslash or $, and not the word \u2068off\u2069.',
    rule_user_invalid: 'A user name has Latin letters, digits and \u2068. _ - @\u2069, at most 64.',
    rule_user_repeated: 'This user is there twice. Remove one.',
    server_address_invalid:
      'A server is a name or an address with its port. Examples: \u2068127.0.0.1:3000\u2069, \u2068[::1]:3000\u2069',
    server_all_backup: 'One server at least must not be a reserve.',
    server_backup_hash: 'With the same server for each visitor there is no reserve. Choose another way of sharing.',
    site_password_ascii: 'Only Latin letters, digits, signs and spaces: browsers do not agree on how others travel.',
    site_password_unknown: 'This password is no longer known on the machine. Set a new one.',
    site_unknown: 'One of these sites does not exist any more. Take it out.',
    suffix_invalid: 'The end of a file name without its dot: Latin letters and digits. Example: \u2068jpg\u2069',
    time_zone_invalid: 'This time zone is not known. Example: \u2068Asia/Riyadh\u2069.',
    tls_check_address: 'Only hosts of the public internet are checked; this one leads to a private or local address.',
    tls_check_no_address: 'This name has no address in the DNS.',
    tls_check_port: 'Only ports where servers speak TLS are checked, such as \u2068443\u2069 and \u20688443\u2069.',
    tls_needs_web_port: 'None of the site’s domains is on port 80 or 443, so HTTPS has no name to serve.',
    too_few: 'The least number allowed is \u2068{{min}}\u2069.',
    too_high: 'The highest value allowed is \u2068{{max}}\u2069.',
    too_long: 'The text is too long. The most characters allowed: \u2068{{max}}\u2069.',
    too_low: 'The lowest value allowed is \u2068{{min}}\u2069.',
    too_many: 'The greatest number allowed is \u2068{{max}}\u2069.',
    too_short: 'The text is too short. The fewest characters allowed: \u2068{{min}}\u2069.',
    totp_code_invalid: 'Enter the six digits that the app shows.',
    totp_code_wrong:
      'This code is wrong or has run out. Enter the one that the app shows now; if it stays wrong, check the clock of your phone.',
    tsig_name_invalid: 'The name of a key has Latin letters, digits, dots, hyphens and underscores.',
    tsig_secret_invalid: 'The secret of the key is Base64, as \u2068tsig-keygen\u2069 prints it.',
    unknown_field: 'This field is not known. Remove it.',
    upstream_credentials: 'Do not put a name or a password into the address.',
    upstream_invalid: 'This is not a valid address. Example: \u2068http://127.0.0.1:3000\u2069',
    upstream_not_for_kind: 'Only a reverse proxy has an application address. Remove it from this site.',
    upstream_scheme: 'The address must begin with \u2068http://\u2069 or \u2068https://\u2069.',
    url_invalid: 'This is no address of the web. Write it whole, such as \u2068https://example.com/path\u2069.',
    user_name_invalid:
      '3 to 32 characters: lower-case Latin letters, digits, dot and hyphen, beginning with a letter or digit.',
    user_name_taken: 'Somebody has this user name already. Choose another one.',
  },
  /** Names of a site's facts inside these sentences. */
  facts: {
    app: 'application',
    behaviour: 'behaviour',
    category: 'category',
    customDirectives: 'custom nginx directives',
    domains: 'domains',
    isEnabled: 'enabled or not',
    kind: 'kind',
    name: 'name',
    php: 'PHP settings',
    remark: 'remark',
    root: 'folder',
    slug: 'short name',
    tls: 'HTTPS',
    upstream: 'application address',
  },
  certificate: certificateFaults,
} as const;
