/** Why PHP of a site was not taken. */
export const phpReasons = {
  php_broken_elsewhere:
    'Another configuration file of PHP-FPM \u2068{{version}}\u2069 is broken, so nothing was changed. Repair it, then try again. PHP-FPM said: \u2068{{message}}\u2069',
  php_does_not_include:
    'The file \u2068{{file}}\u2069 does not include \u2068pool.d/*.conf\u2069, so the pools of sites would not be read; nothing was changed. Add that line, then try again.',
  php_not_answering:
    'PHP-FPM \u2068{{version}}\u2069 did not answer for this site after the change, so everything went back to what it was. Look into its log, then try again.',
  php_rejected: 'PHP-FPM refused the new configuration; the old one is still running. It said: \u2068{{message}}\u2069',
  php_version_missing:
    'PHP \u2068{{version}}\u2069 is not installed on this machine, so nothing was changed. Install it under Software, or choose another version.',
} as const;

/** Why a setting of PHP was not taken. */
export const phpFields = {
  php_folder_invalid:
    'Write the folder as it stands in addresses, without a slash at its end. Example: \u2068/uploads\u2069',
  php_function_invalid: 'This is not the name of a PHP function. Example: \u2068exec\u2069',
  php_not_for_kind: 'Only a PHP site has PHP settings. Remove them from this site.',
  php_open_folder_invalid: 'Write the whole path below \u2068/www/wwwroot\u2069, without \u2068..\u2069',
  php_open_folder_outside: 'This folder is not below the folder of this site. Choose one that is.',
  php_post_too_small: 'A request must hold at least one upload: not less than the largest upload.',
  php_spare_order: 'Not less than the smallest number of waiting processes.',
  php_spare_too_many: 'Not more than the largest number of processes.',
  php_version_invalid: 'This is not a version of PHP. Example: \u20688.2\u2069',
} as const;
