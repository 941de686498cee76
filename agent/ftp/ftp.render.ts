import { ftpPassivePorts } from '#shared/ftp.ts';

/*
 * vsftpd.conf(5) of Debian's 3.0.3 and 3.0.5: a word that one of them does not know keeps it from starting. Nobody but whom
 * the list names; each in its own home, which it may write: after the sign-in no part of the session stays root, since neither
 * port 20 nor changing owners is asked for. Data goes where the sign-in came from (TLS sessions are used again), passively only.
 */

export const ftpPaths = {
  main: '/etc/vsftpd.conf',
  users: '/etc/vsftpd.aapanel-users',
  pair: '/etc/ssl/private/aapanel-ftp.pem',
} as const;

/** By which a file of ours is known. */
export const ftpMark = '# Of aaPanel: written anew with each change. Settings: Software, FTP.\n';
/** Of plain FTP, so that it is read back as it was written. */
export const plainLine = 'force_local_logins_ssl=NO';

export function renderFtp(requiresTls: boolean): string {
  const force = requiresTls ? 'YES' : 'NO';
  const lines = [
    'listen=NO',
    'listen_ipv6=YES',
    'background=NO',
    'anonymous_enable=NO',
    'local_enable=YES',
    'write_enable=YES',
    'local_umask=022',
    'pam_service_name=vsftpd',
    'userlist_enable=YES',
    'userlist_deny=NO',
    `userlist_file=${ftpPaths.users}`,
    'chroot_local_user=YES',
    'allow_writeable_chroot=YES',
    'secure_chroot_dir=/var/run/vsftpd/empty',
    'hide_ids=YES',
    'port_enable=NO',
    'connect_from_port_20=NO',
    `pasv_min_port=${ftpPassivePorts.least}`,
    `pasv_max_port=${ftpPassivePorts.most}`,
    'ssl_enable=YES',
    `force_local_logins_ssl=${force}`,
    `force_local_data_ssl=${force}`,
    'ssl_sslv2=NO',
    'ssl_sslv3=NO',
    'ssl_tlsv1=NO',
    'ssl_ciphers=HIGH',
    'require_ssl_reuse=YES',
    `rsa_cert_file=${ftpPaths.pair}`,
    `rsa_private_key_file=${ftpPaths.pair}`,
    'max_clients=100',
    'max_per_ip=20',
    'xferlog_enable=YES',
    'xferlog_std_format=NO',
    'vsftpd_log_file=/var/log/vsftpd.log',
    'use_localtime=YES',
  ];
  return `${ftpMark}${lines.join('\n')}\n`;
}
