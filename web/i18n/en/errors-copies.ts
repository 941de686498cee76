/** Why a copy of a site did not come to be. The site that was copied stays as it is in every case. */
export const copyReasons = {
  batch_no_certificate:
    'It has no certificate yet, so nobody can be sent to HTTPS; it was left as it is. Give it one first.',
  batch_not_php: 'It is not a PHP site; it was left as it is.',
  batch_partly:
    '\u2068{{refused}}\u2069 of \u2068{{total}}\u2069 sites could not be changed and are as they were; the others are changed. The list says why.',
  aapanel_database_invalid:
    'The file \u2068{{path}}\u2069 is no database of aaPanel, or is damaged; nothing was read. Check the folder.',
  aapanel_missing: 'There is no aaPanel at \u2068{{path}}\u2069; nothing was read. Check the folder.',
  aapanel_site_blocked:
    'The site \u2068{{name}}\u2069 cannot be brought over as it is; nothing was done. Look again to see why.',
  aapanel_site_unknown: 'aaPanel has no site \u2068{{name}}\u2069 any more; nothing was done. Look again.',
  copy_failed:
    'The files could not be copied: \u2068{{message}}\u2069. The site stays as it was, and nothing of a copy was kept.',
  copy_interrupted: 'Copying was interrupted several times and given up; nothing was kept. Start it again.',
  copy_no_space:
    'There is not enough room for a copy: \u2068{{neededBytes}}\u2069 are needed and \u2068{{freeBytes}}\u2069 are free. Nothing was copied.',
  copy_not_ready: 'The files are not all there yet, so no site was made. Start the copy again.',
  copy_place_taken:
    'There is a folder at \u2068{{path}}\u2069, where the files would go; nothing was copied. Move it away or choose another first domain.',
  copy_source_changing:
    'The site kept changing while it was copied, at \u2068{{path}}\u2069; nothing was kept. Try again when nobody works on it.',
  copy_under_way: 'The copying has not stopped yet. Try again in a moment.',
  copy_unknown: 'The server knows no such copy; nothing was changed. Start it again.',
  site_export_certificate:
    'The certificate of this site cannot go into the file, so no file was made. Leave it out, or put it right first. Reason: $t(errors.certificate.{{why}})',
  site_export_deployed:
    'The files of this site come from a Git repository, so no file was made of it. Connect the new site with the same repository instead.',
  site_export_failed:
    'The file of the site could not be made; nothing was kept. The log of the job says why. Try again.',
  site_export_gone: 'This file is not there any more: it was thrown away, or a day has gone by. Make it again.',
  site_export_interrupted:
    'Making the file was interrupted several times and given up; nothing was kept. Start it again.',
  site_export_too_large:
    'The site is too large for one file (at most \u2068{{mostBytes}}\u2069 and \u2068{{mostFiles}}\u2069 files); nothing was kept. Use a backup to move it.',
  site_export_under_way: 'A file of this site is being made. Wait until it is there, or cancel its job.',
  site_file_changed:
    'This panel made the file, but somebody has changed it since; nothing was imported. Take the file as it was downloaded.',
  site_file_damaged:
    'The file is damaged or was cut off: its content is not what its list says. Nothing was imported. Download it again.',
  site_file_locked: 'The file is sealed. Enter the passphrase that was given when it was made.',
  site_file_passphrase:
    'This passphrase does not open the file, or the file was changed. Nothing was imported. Try again, or take the file as it was downloaded.',
  site_file_unknown:
    'This is not the file of a site, or a newer panel made it; nothing was imported. Choose a file that ends in .site.tar.',
  rewrite_template_gone: 'This template is not there any more. Sites that took it keep its rules.',
  rewrite_templates_full: 'There are \u2068{{max}}\u2069 templates, and no more fit. Remove one that is not used.',
} as const;
