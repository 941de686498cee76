/** Why a service or a process was left as it is. */
export const serviceReasons = {
  ftp_foreign:
    'The FTP server has a file /etc/vsftpd.conf that the panel did not write, so it is left alone. Change it by hand.',
  ftp_missing: 'The FTP server is not installed. Install it under Software first.',
  ftp_rejected: 'The FTP server did not start with these settings, so the former ones are back. Its journal says why.',
  ftp_user_unfit:
    'The user \u2068{{name}}\u2069 cannot sign in over FTP: it is no person, or has no password or no shell. Nothing was changed.',
  plain_ftp_unconfirmed:
    'Without TLS passwords travel readable. That was not confirmed, so nothing was changed. Use SFTP or keep TLS.',
  plan_changed: 'It would change something else than what was shown, so nothing was started. Look at it again.',
  process_gone: 'This process has ended already, so nothing was done.',
  process_not_ours: 'The agent runs without root here and may only end its own processes. Nothing was done.',
  process_of_kernel: 'This is a part of the kernel and cannot be ended.',
  process_of_panel: 'The panel needs this process, so it was left alone. Start the panel anew under Services instead.',
  service_masked:
    'The service \u2068{{unit}}\u2069 is masked: somebody has made sure that it never starts. Unmask it in a terminal first.',
  service_no_reload: 'This service cannot read its configuration again while it runs. Restart it instead.',
  service_not_for_boot: 'Whether this service starts is decided by others, so it cannot be set here.',
  service_of_panel: 'The panel needs this service, so it was left alone. It can only be restarted.',
  service_of_site: 'This is the application of a site. Start and stop it on the page of that site.',
  service_unknown: 'There is no such service on this machine any more.',
  swap_no_room: 'The disk has no room for so large a swap file: at most \u2068{{mib}}\u2069 MiB, with 1 GiB left free.',
  swap_no_root: 'The agent runs without root here and cannot change swap.',
  swap_refused: 'The system refuses this swap, and everything is as before: \u2068{{message}}\u2069',
  swap_unfit: 'The file system here cannot hold a swap file. ext4 and XFS can.',
  updates_not_installed: 'The package unattended-upgrades is not installed. Install it first.',
  updates_overruled:
    'Another file in /etc/apt/apt.conf.d that is read after ours says otherwise, so nothing was changed.',
  zone_unknown:
    'The server does not know the time zone \u2068{{zone}}\u2069. Install the package tzdata or choose another one.',
  nginx_file_unreadable:
    'The file \u2068{{file}}\u2069 cannot be read as nginx reads it, so nothing was changed. Mend it by hand first.',
  nginx_missing: 'nginx is not installed.',
} as const;
