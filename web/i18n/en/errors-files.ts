/** Why work on files of a site was refused. */
export const fileReasons = {
  file_copy_large:
    'More than ⁨{{most}}⁩ things, or more than fits into the time of one copy; nothing was kept. Copy parts of it.',
  file_exists: 'There is already something named ⁨{{name}}⁩; nothing was changed. Choose another name.',
  file_forbidden:
    'The Linux user of the site may not do this with ⁨{{name}}⁩; it stays as it was. Look at its owner and mode.',
  file_gone: '⁨{{name}}⁩ is not there (any more); nothing was changed. Refresh the folder.',
  file_into_itself: '⁨{{name}}⁩ cannot go into itself; nothing was moved. Choose another folder.',
  file_name_long: 'The name ⁨{{name}}⁩ is longer than ⁨{{most}}⁩ bytes. Choose a shorter one.',
  file_other_disk: '⁨{{name}}⁩ lies on another file system; it stays where it was. Copy it, or delete what is in it.',
  files_busy: 'Files of too many sites are being worked on just now; nothing was changed. Try again in a moment.',
  files_failed: 'The work on these files ended early. Refresh the folder to see how far it came.',
  files_no_folder: 'The folder of this site is not on the server, or a link stands in its place; nothing was changed.',
} as const;

export const fileFields = {
  file_name_invalid: 'A name without a slash that is not . or .. ; write a backslash as \\\\.',
  file_path_invalid: 'A path below the site’s folder such as app/public, without .. and without a slash at either end.',
} as const;
