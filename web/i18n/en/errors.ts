import { appFields, appReasons } from './errors-apps.ts';
import { backupReasons } from './errors-backups.ts';
import { accessFields, accessReasons } from './errors-access.ts';
import { phpFields, phpReasons } from './errors-php.ts';
import { accountReasons } from './errors-accounts.ts';
import { serviceReasons } from './errors-services.ts';
import { acmeReasons, certificateFaults } from './errors-certificates.ts';
import { archiveFaults, archiveReasons } from './errors-archives.ts';
import { copyReasons } from './errors-copies.ts';
import { cronFields, cronReasons } from './errors-cron.ts';
import { databaseFields, databaseReasons } from './errors-databases.ts';
import { dependencyFields, dependencyReasons } from './errors-dependencies.ts';
import { deployFaults, deployReasons } from './errors-deployments.ts';
import { fileFields, fileReasons } from './errors-files.ts';
import { siteFields } from './errors-sites.ts';
import { terminalFields, terminalReasons } from './errors-terminals.ts';
import { wordpressFaults, wordpressReasons } from './errors-wordpress.ts';

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
    offline: 'The panel cannot be reached. Check your connection and try again.',
    rate_limited: 'Too many tries; the last one was not carried out. Wait a little, then try again.',
    timeout: 'The operation took longer than allowed. Look at the change history before you try again.',
    too_large: 'What was sent is larger than allowed and was not accepted. Send less.',
  },
  reasons: {
    ...acmeReasons,
    ...appReasons,
    ...phpReasons,
    ...accessReasons,
    ...archiveReasons,
    ...copyReasons,
    ...fileReasons,
    ...wordpressReasons,
    ...accountReasons,
    ...serviceReasons,
    ...terminalReasons,
    ...dependencyReasons,
    ...deployReasons,
    ...backupReasons,
    ...cronReasons,
    ...databaseReasons,
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
    audit_unavailable:
      'The audit log could not be written, and without it nothing is carried out: nothing was changed. Check the disk and the service aapanel-agent, then try again.',
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
    domain_of_panel:
      'The panel itself answers on the port of \u2068{{domain}}\u2069; nothing was changed. Choose another port for the site, or move the panel’s doors first.',
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
    kept_account_unknown: 'This account is not kept any more; nothing was changed. Refresh the page.',
    length_required: 'The length of the body was not announced; the request was not carried out. Send Content-Length.',
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
    recycled_files_unknown:
      'The files of this site are no longer in the recycle bin; nothing was changed. Refresh the page.',
    recycled_place_taken: 'Something stands at \u2068{{path}}\u2069, and it was not touched. Name another folder.',
    recycled_still_used: 'Programs of the deleted site still run, so its files were not moved. Try again in a minute.',
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
      '\u2068{{name}}\u2069 is needed by the site \u2068{{site}}\u2069, so nothing was removed. Change that in its sites first.',
    stronger_factor_needed:
      'Your account has something stronger than a password, and this action asks for it; nothing was done. Confirm with your passkey or your app’s code.',
    sury_debian_only:
      'packages.sury.org has packages for Debian 12 and 13 only; nothing was changed. On Ubuntu the PHP of the distribution stays the choice.',
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
    full_name_invalid: 'A full name has no colon, comma or equals sign.',
    account_name_reserved: 'This name is kept for the system, the panel or its sites. Choose another one.',
    account_name_invalid:
      'Small Latin letters, digits, hyphen and underscore, beginning with a letter, at most 32 characters.',
    ...appFields,
    ...dependencyFields,
    ...phpFields,
    ...accessFields,
    ...archiveFaults,
    ...fileFields,
    ...wordpressFaults,
    ...deployFaults,
    ...cronFields,
    ...databaseFields,
    ...siteFields,
    ...terminalFields,
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
    email_invalid: 'This is not an e-mail address. Example: \u2068name@example.com\u2069.',
    entry_path_invalid: '8 to 64 characters: Latin letters, digits, hyphen and underscore.',
    hook_address_refused: 'This is a link-local or metadata address of a cloud; nothing is sent there.',
    hook_secret_invalid: '16 to 256 characters, without line breaks.',
    hook_url_invalid: 'This is not a valid address. Example: \u2068https://ntfy.example.com/backups\u2069',
    invalid: 'This value is not valid. Correct it.',
    not_a_choice: 'This is not one of the choices. Pick one of them.',
    not_a_number: 'Enter a number.',
    own_address_missing:
      'You come from \u2068{{address}}\u2069, and no line lets it in: you would shut yourself out. Add it.',
    password_common: 'This password is common and easy to guess. Choose another one.',
    password_too_long: 'The password is too long. Use at most 128 characters.',
    password_too_short: 'The password is too short. Use at least 8 characters.',
    password_wrong: 'The current password is wrong. Enter it again.',
    path_invalid: 'This is not a path that can be used: absolute, without \u2068..\u2069 and control characters.',
    plain_value: 'Latin letters, digits and plain signs only, on one line and without \u2068$\u2069.',
    not_a_name_of_panel: 'The panel is not opened under this name.',
    port_in_use: 'Another program listens on this port. Choose another one.',
    port_invalid: 'This port cannot be used here. Enter a number up to 65535; for the panel itself from 1024 on.',
    recovery_code_invalid: 'This is not a recovery code. It looks like \u2068abcde-23456\u2069.',
    required: 'This field is required.',
    role_unknown: 'This role does not exist any more. Choose another one.',
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
    reach: 'visitors and time',
    root: 'folder',
    sftp: 'access by SFTP',
    slug: 'short name',
    tls: 'HTTPS',
    upstream: 'application address',
  },
  certificate: certificateFaults,
} as const;
