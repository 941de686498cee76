/** Why the access to a site's files by SFTP was not taken. */
export const accessReasons = {
  default_site_taken:
    'The site \u2068{{slug}}\u2069 answers names that nobody has. Switch that off there first; nothing was changed.',
  sftp_overruled:
    'Settings of the SSH server that somebody made stand before those of the panel (\u2068{{name}}\u2069), so the site would get another access than this one; nothing was changed. Look into \u2068/etc/ssh/sshd_config\u2069 and \u2068sshd_config.d\u2069.',
  sftp_rejected:
    'The SSH server refused the new settings; the old ones are still in force. It said: \u2068{{message}}\u2069',
  sftp_sshd_broken:
    'The present settings of the SSH server are broken, so nothing was changed. Repair them, then try again. It said: \u2068{{message}}\u2069',
  sftp_sshd_missing: 'This machine has no SSH server. Install \u2068openssh-server\u2069, then try again.',
} as const;

/** What is wrong with a public key. */
export const accessFields = {
  front_range_wide: 'This range is too wide: everybody in it could pretend to be anybody. Name the servers themselves.',
  ssh_key_invalid: 'This is not a public key. Paste the one line of a file like \u2068id_ed25519.pub\u2069.',
  ssh_key_kind: 'Keys of this kind are not taken. Use Ed25519, ECDSA, or RSA.',
  ssh_key_private:
    'This is a private key: show it to nobody. Paste the public one, from the file that ends in \u2068.pub\u2069.',
  ssh_key_twice: 'This key is there already.',
  ssh_key_weak: 'This RSA key is shorter than 3072 bits. Make a new one: \u2068ssh-keygen -t ed25519\u2069',
} as const;
