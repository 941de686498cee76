/** What is wrong with databases of sites, or with their server. */
export const databaseReasons = {
  database_copy_unknown: 'This copy is no longer kept. Refresh the page.',
  database_export_let_go: 'The connection ended before the file was whole. Export it again.',
  database_export_nothing: 'None of these views can be read any more: what they show is gone.',
  database_export_refused: 'The dump did not come to its end: \u2068{{said}}\u2069. Delete the file: it is not whole.',
  database_export_unknown: 'This export was downloaded already or has waited too long. Start it again.',
  database_exports_busy: 'Three exports are being downloaded already. Wait for one to end, then try again.',
  database_import_archive: 'The archive must hold exactly one .sql file.',
  database_import_client_command:
    'Line \u2068{{line}}\u2069 is no SQL but a command of a client (\u2068{{name}}\u2069), which is not carried out here. Remove it from the file.',
  database_import_cut_off: 'The import was cut off in the middle. Put the copy from before back, then import again.',
  database_import_cut_short:
    'The file ends in the middle of something that begins in line \u2068{{line}}\u2069: it is not whole. Get it again.',
  database_import_denied:
    'Line \u2068{{line}}\u2069 asks for more than the account of this database may: \u2068{{said}}\u2069 (\u2068{{code}}\u2069)',
  database_import_format:
    'This is no text of SQL. Dumps in the custom format of pg_dump and in UTF-16 are not taken; make a plain one.',
  database_import_login:
    'The server does not let \u2068{{user}}\u2069 in with the password that is kept here. Change the password of the database, then try again.',
  database_import_long:
    'The statement in line \u2068{{line}}\u2069 is longer than the server takes (\u2068{{mostBytes}}\u2069). Make the dump with shorter ones.',
  database_import_no_room:
    'There is not enough room on the disk: \u2068{{neededBytes}}\u2069 are needed and \u2068{{freeBytes}}\u2069 are free.',
  database_import_refused:
    'The server does not take line \u2068{{line}}\u2069: \u2068{{said}}\u2069 (\u2068{{code}}\u2069)',
  database_import_several:
    'In line \u2068{{line}}\u2069 a second database begins (\u2068{{name}}\u2069). Make a dump of one database only.',
  database_cursor_invalid: 'This page no longer exists. Go back to the first one.',
  console_busy:
    'Four statements are being run now, which is as many as run at once. Wait until one ends, then try again.',
  database_account_mighty:
    '\u2068{{name}}\u2069 has rights over the whole server, so it does not come into the console. Take FILE, SUPER and roles called pg_* away from it, then try again.',
  database_account_owned:
    '\u2068{{name}}\u2069 belongs to a database of the panel. Its password and its end are on the page of that database.',
  database_account_system: '\u2068{{name}}\u2069 belongs to the server or to the system, so it is not changed here.',
  database_account_unknown: 'This account does not exist any more. Refresh the page.',
  database_exists: 'There is a database called \u2068{{name}}\u2069 already; nothing was changed. Choose another name.',
  database_grant_owner: '\u2068{{name}}\u2069 belongs to this account, so its rights there stay as they are.',
  database_grant_system:
    'The server keeps \u2068{{name}}\u2069 for itself: rights on it would be rights on everything. Nothing was changed.',
  database_filter_invalid:
    'The server cannot compare one of these values with its column. Write it by the type of the column.',
  database_maintenance_partly:
    '\u2068{{failed}}\u2069 of \u2068{{tables}}\u2069 tables are as they were; the log of the job says why.',
  database_not_empty:
    'Something is in \u2068{{name}}\u2069, so it was not taken back. Delete it on the page of databases.',
  database_query_slow:
    'The server took longer than 5 seconds and was stopped; nothing was changed. A view, or a filter on a column without an index, may be the reason.',
  database_owner_engine: 'Only databases of PostgreSQL have an owner. Nothing was changed.',
  database_owner_password:
    'This role is there already, and this is not its password. Enter its password, or choose a name that is free.',
  database_process_gone: 'This connection has ended by itself.',
  database_process_system: 'This is a thread of the server itself, which is left alone.',
  database_removal_unknown: 'Nothing is kept of this deletion. Refresh the page.',
  database_run_failed: 'It did not work; what was before is back. Details are in the log of the job.',
  database_run_interrupted: 'It was cut off several times; it goes on by itself when the server answers again.',
  database_row_changed:
    'Somebody changed this row in the meantime, so nothing was changed. Open it again to see what it is now.',
  database_row_check: 'A rule of the table does not allow these values; nothing was changed. Look at its structure.',
  database_row_denied: 'The user of this database may not change this table; nothing was changed.',
  database_row_exists:
    'Another row has the same value where it must be unique; nothing was changed. Choose another value.',
  database_row_gone: 'This row was deleted, or its key was changed. Reload the page.',
  database_row_invalid:
    'The server does not take one of the values; nothing was changed. Check them against the types of the columns.',
  database_row_locked: 'Somebody else is just changing this row; nothing was changed. Try again in a moment.',
  database_row_not_one:
    'A trigger or rule of the table would have done something else than change this one row, so everything is as it was.',
  database_row_reference:
    'A value refers to a row of another table that is not there; nothing was changed. Add that row first, or choose another value.',
  database_row_referenced:
    'Rows of another table refer to this one, so it stays as it is. Change or delete those first.',
  database_table_fixed:
    'Rows of this table cannot be changed here: it is a view, has no unique key, or its storage engine knows no transactions.',
  database_server_away:
    'The database server does not answer, so nothing was changed. Look at its service, then try again.',
  database_server_denied:
    'The database server does not let its superuser in over its socket, so nothing was changed. Give \u2068root@localhost\u2069 unix_socket back, or \u2068postgres\u2069 the method peer.',
  database_server_missing: 'This database server is not installed. Install it on the page of databases.',
  database_server_unsupported:
    'The panel works with MariaDB from 10.5 and PostgreSQL from 13 on; the server here is another one. It was not touched.',
  database_server_refused:
    'The database server refused it (error \u2068{{code}}\u2069), so everything is as it was. Look into the log of the server.',
  database_settings_changed: 'The settings or their file were changed in the meantime. Look at them again first.',
  database_settings_overridden:
    'Another file of settings says something else of \u2068{{name}}\u2069 and would win, so everything is as it was.',
  database_settings_place: 'This server reads no folder of settings that the panel knows.',
  database_settings_refused: 'The database server does not take these settings, so everything is as it was.',
  database_table_unknown: 'This table is no longer there. Reload the page.',
  database_under_way: 'Something else is under way with this database. Try again when that has ended.',
  database_unknown: 'This database does not exist any more. Refresh the page.',
  database_user_exists:
    'There is a database user called \u2068{{user}}\u2069 already; nothing was changed. Choose another name.',
  database_view_broken:
    'The view \u2068{{view}}\u2069 points to something that is not there, so it could not be made again under the new name. Repair or delete it first.',
  redis_away: 'Redis does not answer. Start its service, then try again.',
  redis_database_unknown: 'Redis has no database of this number.',
  redis_element_exists: 'There is such an element already, and it was left as it is.',
  redis_key_changed:
    'Somebody changed this key meanwhile, so nothing was written. Read it again and repeat your change.',
  redis_key_exists: 'There is a key of this name already, and it was left as it is. Choose another name.',
  redis_key_gone: 'This key does not exist any more: it was deleted, or its time was up.',
  redis_missing: 'Redis is not installed. Install it under Software first.',
  redis_closed:
    'Redis does not let the panel in with what its configuration says: it asks for an account of an ACL file or TLS alone, or another program listens on its port.',
  redis_refused: 'Redis refuses: \u2068{{said}}\u2069',
  redis_too_large: 'The answer of Redis would be longer than the panel takes. Look at it in a terminal.',
  remote_client_missing:
    'The program that talks to this server is not on this machine. Install the package \u2068{{package}}\u2069 of your distribution, then try again.',
  remote_server_exists: 'There is a server called \u2068{{name}}\u2069 already. Choose another name.',
  remote_server_expired:
    'The certificate of \u2068{{host}}\u2069 has expired or is not valid yet, so no password was sent. Renew it there, and look at the clocks of both machines.',
  remote_server_fixed:
    'The panel has made databases there, so the kind of the server and where their users come from stay. Add it as another server.',
  remote_server_full: '\u2068{{most}}\u2069 servers are kept, and no more. Remove one first.',
  remote_server_kind:
    'What answers there is not a server that the panel works with elsewhere: MariaDB from 10.5 or PostgreSQL from 13 on. MySQL is not among them.',
  remote_server_login:
    'The server answers but does not let \u2068{{user}}\u2069 in. Look at name and password, and whether it lets this administrator in from this machine.',
  remote_server_lost:
    'The server broke off in the middle. What was half made is taken back as soon as it answers; look at the list again.',
  remote_server_name_unknown:
    'No address was found for the name \u2068{{host}}\u2069. Look at its spelling and at the name servers of this machine.',
  remote_server_no_tls:
    'The server offers no TLS that this machine accepts, so no password was sent. Switch TLS on there.',
  remote_server_old: 'Version \u2068{{version}}\u2069 is too old: at least \u2068{{least}}\u2069 is needed.',
  remote_server_other_name:
    'The certificate is not for \u2068{{host}}\u2069, so no password was sent. Write the name that the certificate is for.',
  remote_server_refused:
    'Nobody listens at \u2068{{host}}\u2069 on port \u2068{{port}}\u2069. Look at host and port, and whether the server listens to other machines.',
  remote_server_rights: 'This administrator may not do enough there. It lacks: \u2068{{rights}}\u2069',
  remote_server_silent:
    '\u2068{{host}}\u2069 does not answer on port \u2068{{port}}\u2069. A firewall in between may keep it away.',
  remote_server_unknown: 'This server is no longer kept. Reload the page.',
  remote_server_unreachable: 'This machine has no way to \u2068{{host}}\u2069. Look at its network.',
  remote_server_untrusted:
    'The certificate of \u2068{{host}}\u2069 is not signed by anybody this machine trusts, so no password was sent. Give the certificate of its authority.',
} as const;

export const databaseFields = {
  console_statement_long: 'The statement is longer than 100,000 characters. Shorten it, or import a file.',
  console_statement_nul: 'The statement has a NUL character in it. Remove it.',
  database_charset_engine: 'This server has no such character set. Choose one of the list.',
  database_exists: 'There is a database called \u2068{{name}}\u2069 already. Choose another name.',
  database_host_invalid: 'localhost, an address such as 192.0.2.10, a network such as 192.0.2.%, or % for any.',
  database_locale_unknown: 'The server does not know this locale for this encoding. Choose one of the list.',
  database_name_plain:
    'At most 63 Latin letters, digits, _ and -, beginning with a letter. Example: \u2068shop_1\u2069',
  database_name_reserved: 'The database server keeps this name for itself. Choose another one.',
  database_not_for_kind: 'Only sites of the kinds PHP and application come with a database.',
  database_owner_password: 'This role is there already, and this is not its password.',
  database_password_invalid: '8 to 128 Latin letters, digits, signs and spaces, on one line.',
  database_table_unknown: 'There is no such table in this database.',
  database_user_exists: 'There is a database user called \u2068{{user}}\u2069 already. Choose another name.',
  database_user_invalid:
    'At most 32 Latin letters, digits, _ and -, beginning with a letter. Example: \u2068shop\u2069',
  database_user_reserved: 'This name belongs to the system. Choose another one.',
  redis_score_invalid: 'A number such as 12.5, or inf.',
  row_column_fixed: 'The server makes this value itself, or this column is not there any more.',
  row_value_bits: 'Only the digits 0 and 1, at most 64 of them.',
  row_value_bytes: 'Pairs of hexadecimal digits. Example: \u206800FF1A\u2069',
  row_value_decimal: 'Enter a number. Example: \u206812.50\u2069',
  row_value_integer: 'Enter a whole number.',
  row_value_invalid: 'This value does not fit the type of the column.',
  row_value_long: 'This value is longer than the column takes.',
  row_value_needed: 'This column needs a value.',
  row_value_range: 'This number is too large or too small for the column.',
  row_value_rounded: 'The server would store something else, rounded or cut. Write the value as the column holds it.',
  remote_authority_invalid: 'Certificates as PEM, each from -----BEGIN CERTIFICATE----- to its end.',
  remote_host_invalid:
    'A name such as db.example.com or an address such as 192.0.2.10, without a port and without brackets.',
  remote_password_again: 'Write the password again: the one that is kept only goes to the place that it was given for.',
  remote_server_exists: 'There is a server called \u2068{{name}}\u2069 already. Choose another name.',
  remote_user_invalid: 'Latin letters, digits and . _ @ -, beginning with a letter.',
} as const;
