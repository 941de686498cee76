/** Why work on files of a site was refused. */
export const fileReasons = {
  file_changed: '⁨{{name}}⁩ has changed since it was opened; nothing was written over. Compare both, then choose.',
  file_condition_missing:
    'It was not said which state of the file shall be replaced, so nothing was written. Send the ETag of the file as If-Match.',
  file_copy_large:
    'More than ⁨{{most}}⁩ things, or more than fits into the time of one copy; nothing was kept. Copy parts of it.',
  file_edit_large:
    '⁨{{name}}⁩ is larger than ⁨{{mostBytes}}⁩ and is not edited here. Download it, change it and upload it.',
  file_exists: 'There is already something named ⁨{{name}}⁩; nothing was changed. Choose another name.',
  file_favourites_full:
    'You have ⁨{{most}}⁩ favourite folders in this site, as many as there may be. Take one of them off first.',
  file_fetch_address:
    '⁨{{host}}⁩ is not on the public internet but in this server, its network or where clouds tell their machines; nothing was fetched. Upload such a file, or use SFTP.',
  file_fetch_cut:
    'The connection ended after ⁨{{receivedBytes}}⁩, before the file was whole; what had come was deleted. Fetch it again.',
  file_fetch_hash:
    'What came has another SHA-256 than the one that was given; it was deleted. Compare the sum with that of its publisher.',
  file_fetch_large:
    'The file is larger than the chosen limit of ⁨{{mostBytes}}⁩, or has no end; what had come was deleted. Choose a higher limit if you trust its server.',
  file_fetch_lookup: 'The name ⁨{{host}}⁩ could not be resolved; nothing was fetched. Check the address.',
  file_fetch_redirect:
    '⁨{{host}}⁩ leads to an address that is not followed: another protocol, one with a password, or plain HTTP after HTTPS. Nothing was fetched.',
  file_fetch_redirects:
    'The address leads on more than ⁨{{most}}⁩ times; nothing was fetched. Give the address where the file is.',
  file_fetch_room:
    'There is no room for the file: ⁨{{freeBytes}}⁩ are free on the disk of the site. What had come was deleted.',
  file_fetch_slow: 'Almost nothing came for a minute, so it was given up; what had come was deleted. Try again later.',
  file_fetch_status:
    '⁨{{host}}⁩ answered with status ⁨{{status}}⁩ and no file; nothing was fetched. Open the address in a browser to see why.',
  file_fetch_time: 'It took longer than ⁨{{hours}}⁩ hours, so it was given up; what had come was deleted.',
  file_fetch_tls: 'The certificate of ⁨{{host}}⁩ is not valid, so it was not asked for the file; nothing was fetched.',
  file_fetch_unreachable: '⁨{{host}}⁩ does not answer; nothing was fetched. Check the address, or try again later.',
  file_forbidden:
    'The Linux user of the site may not do this with ⁨{{name}}⁩; it stays as it was. Look at its owner and mode.',
  file_gone: '⁨{{name}}⁩ is not there (any more); nothing was changed. Refresh the folder.',
  file_into_itself: '⁨{{name}}⁩ cannot go into itself; nothing was moved. Choose another folder.',
  file_link_gone: 'There is no such link any more: it expired or was revoked before.',
  file_links_full:
    'The site has ⁨{{max}}⁩ links to files, and no more fit; nothing was made. Revoke one that nobody needs.',
  file_name_long: 'The name ⁨{{name}}⁩ is longer than ⁨{{most}}⁩ bytes. Choose a shorter one.',
  file_no_room:
    'There is no room for the file on the disk of the site: it needs ⁨{{neededBytes}}⁩ and ⁨{{freeBytes}}⁩ are free. Nothing was sent; free some space first.',
  file_other_disk: '⁨{{name}}⁩ lies on another file system; it stays where it was. Copy it, or delete what is in it.',
  file_pack_large:
    'More than ⁨{{most}}⁩ things or ⁨{{mostBytes}}⁩ do not go into one archive; nothing was made. Pack parts of it.',
  file_remarks_full:
    'There are ⁨{{most}}⁩ remarks in this site, as many as there may be; nothing was written. Take one away first.',
  file_rights_large:
    'More than ⁨{{most}}⁩ files and folders would be changed; nothing was. Choose one folder after the other.',
  file_rights_unknown: 'This change was taken back already, or is not kept any more; nothing was changed.',
  file_search_expression:
    'This regular expression is not valid; nothing was searched. Close its brackets, or turn *Regular expression* off to look for it as it stands.',
  file_search_glob: 'One of the patterns of names is not valid; nothing was searched. Write it like *.php or app/**.',
  file_search_many:
    '\u2068{{most}}\u2069 searches are under way on this server; this one was not begun. Wait for one of them, or stop it.',
  file_search_missing:
    'Searching in files needs ripgrep, which is not on this server. Install it on the page Software.',
  file_unpack_nothing: 'There is nothing in this archive, or nothing of what was chosen; nothing was changed.',
  file_upload_damaged:
    'What arrived is not what was sent (another checksum); it was deleted and nothing was changed. Upload the file again.',
  file_upload_longer:
    'More was sent than the announced ⁨{{sizeBytes}}⁩; nothing was changed. The file may have changed meanwhile: upload it again.',
  file_upload_not_whole: '⁨{{receivedBytes}}⁩ of ⁨{{sizeBytes}}⁩ arrived; the file is not in its place yet. Send the rest.',
  file_upload_offset:
    'The upload is at ⁨{{receivedBytes}}⁩; a piece that begins elsewhere was not taken. Go on from there.',
  file_upload_twice: 'Another connection went on with this upload, so this one ended. What arrived is kept.',
  file_upload_unknown:
    'There is no such upload (any more): one that nobody goes on with is deleted after a day, and when the disk is full. Upload the file again.',
  file_uploads_many:
    '⁨{{most}}⁩ uploads of this site have not ended; this one did not begin. Finish some of them or give them up.',
  file_work_many: '⁨{{most}}⁩ jobs are at work on the files of this site; this one did not begin. Wait for one of them.',
  file_work_stopped: 'This was stopped; what it had made was taken away.',
  files_busy: 'Files of too many sites are being worked on just now; nothing was changed. Try again in a moment.',
  files_failed: 'The work on these files ended early. Refresh the folder to see how far it came.',
  files_no_folder: 'The folder of this site is not on the server, or a link stands in its place; nothing was changed.',
  files_ways_busy: 'Too many files of this site are on their way just now; nothing was changed. Try again in a moment.',
} as const;

export const fileFields = {
  fetch_address_invalid: 'An address such as https://example.com/file.zip, with http or https.',
  fetch_name_missing: 'Give a name: what is replaced is not left to a foreign server.',
  file_archive_name: 'A name that ends with .zip, .tar.gz or .tar.zst.',
  file_folder_closed: 'The owner of a folder must be able to read and enter it: 5 or 7 first.',
  file_glob_invalid: 'A pattern of names such as *.php, which does not begin with !.',
  file_hash_invalid: 'A SHA-256 of 64 hexadecimal digits in lower case.',
  file_name_invalid: 'A name without a slash that is not . or .. ; write a backslash as \\\\.',
  file_path_invalid: 'A path below the site’s folder such as app/public, without .. and without a slash at either end.',
  upload_sum_invalid: 'A checksum: gmac: or sha256:, and 64 hexadecimal digits in lower case.',
} as const;
