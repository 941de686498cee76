/** Why WordPress was not installed. Files and database are as before in every case. */
export const wordpressReasons = {
  download_missing: '\u2068{{host}}\u2069 has no such file; nothing was changed. Check the version.',
  download_refused:
    'What was to be fetched from \u2068{{host}}\u2069 lies at an address that is not asked, such as one of the inner network; nothing was changed. Give the archive by hand.',
  download_unreachable:
    '\u2068{{host}}\u2069 cannot be reached from this server; nothing was changed. Try again later, or give the archive by hand.',
  wordpress_extensions_missing:
    'PHP lacks extensions that you may not install: \u2068{{names}}\u2069. Nothing was changed; ask an administrator to install them.',
  wordpress_folder_used:
    'Something stands in the folder of the site already; nothing was changed there. WordPress needs an empty one: take away what is there, or make another site.',
  wordpress_has_config:
    'The archive has a wp-config.php of its own: it is the copy of a site, not WordPress as its makers give it. Nothing was changed; put it into the site in the tab Upload.',
  wordpress_needs_php: 'WordPress needs a PHP site; nothing was changed.',
  wordpress_not_in_archive:
    'This archive holds no WordPress; nothing was changed. Take the zip or tar.gz of wordpress.org.',
  wordpress_other_database: 'This database does not belong to the site; nothing was changed.',
  wordpress_size:
    'The server tells an impossible size of the release; nothing was kept. Try again later, or give the archive by hand.',
  wordpress_sum_differs:
    'What arrived is not what its makers published: the SHA-1 sums differ. Nothing of it was kept. Try again; if it stays so, somebody stands in between.',
  wordpress_sum_unreadable:
    'The published sum of the release cannot be read; nothing was fetched. Try again later, or give the archive by hand.',
  wordpress_under_way: 'WordPress is being installed in this site already. Wait until it has ended.',
} as const;

export const wordpressFaults = {
  table_prefix_invalid: 'One letter, then letters and digits, and _ at the end: wp_',
  wordpress_version_invalid: '“latest”, or a release such as 6.8.1.',
} as const;
