/** A site as one file: out and in. */
export const siteFiles = {
  export: {
    title: 'Export \u2068{{name}}\u2069',
    text: 'One file with the settings and all files of the site, and databases of it if you choose them, signed by this panel. It can be brought in here or on another server that runs this panel. The site itself is not touched and goes on answering.',
    action: 'Make the file',
    failed: 'The file could not be made',
    files: 'Files that wait for their download',
    running: 'Being made…',
    progress: 'Progress of \u2068{{name}}\u2069',
    broken: 'Could not be made; its job says why.',
    cancelled: 'Cancelled',
    ready: '\u2068{{size}}\u2069 · \u2068{{files}}\u2069 files · kept until \u2068{{until}}\u2069',
    download: 'Download',
    drop: 'Throw away',
    dropLabel: 'Throw \u2068{{name}}\u2069 away',
  },
  import: {
    title: 'Import a site',
    description: 'Makes a site of one file that this panel, or another one, has exported.',
    file: 'The file',
    fileHint: 'Nothing is made before you have seen what it would be.',
    drop: 'Drop the file of a site here',
    kind: 'A file whose name ends in \u2068{{end}}\u2069 or \u2068{{sealed}}\u2069, up to \u2068{{most}}\u2069',
    sendFailed: 'The file could not be sent',
    dryRun: 'What would be made',
    discard: 'Throw the file away',
    another: 'Import another file',
    refused: 'This file cannot be imported',
    blocked: 'The site cannot be made like this',
    differs: 'What will be different',
    domains: 'Other domains',
    domainsHint: 'One per line. Left empty, the site gets the domains that the file has.',
    name: 'Name',
    nameHint: 'Left empty, it is called as before, or like its first new domain.',
    directives: 'Custom nginx directives of the file',
    directivesHint:
      'Exactly as they are: take them only from somebody whom you trust. You confirm your identity first.',
    failed: 'The site could not be made',
    action: 'Make the site',
    started: 'Started',
  },
  origin: {
    own: 'Made by this panel, and unchanged since',
    other: 'Made on another panel',
  },
  originText: {
    own: 'The signature of its settings holds. Its files are compared with their sum before anything is made.',
    other:
      'Its signature cannot be checked here, so anybody could have written it. It is unpacked with the same care as an archive of a stranger; what its programs do later is up to you.',
  },
  sealed: {
    label: 'Passphrase',
    makeHint:
      'Left empty, anybody who gets hold of the file can read it. With one, the whole file is sealed; it is kept nowhere, and without it nobody opens the file again.',
    short: 'At least \u2068{{least}}\u2069 characters.',
    secrets: 'Secret variables of the application with their values',
    secretsHint: 'You confirm your identity first.',
    secretsNeed: 'Only into a sealed file: give a passphrase first.',
    openHint: 'The file is sealed. Enter the passphrase that was given when it was made.',
    open: 'Open the file',
    bring: 'Secret variables of the application',
    bringHint: 'With the values that the file has. You confirm your identity first.',
  },
  certificate: {
    take: 'The certificate with its private key',
    takeHint: 'As long as it is valid the new site answers over HTTPS at once. You confirm your identity first.',
    takeNeed: 'Only into a sealed file: give a passphrase first. Whoever has the key can pass as this site.',
    takeOver: 'It has expired or was revoked, so it stays. Have a new one issued first to take it along.',
    bring: 'The certificate of the file with its private key',
    bringHint: 'It is put on the shelf of certificates, and the site is served with it over HTTPS from the start.',
    text: '\u2068{{names}}\u2069, valid until \u2068{{until}}\u2069, issued by \u2068{{issuer}}\u2069',
    unreadable: 'It cannot be read',
  },
  databases: {
    title: 'Databases',
    exportHint:
      'A dump of each chosen one goes along, as its own account sees it. The file then holds everything that is in it: keep it as you keep the database.',
    bring: 'Make the database \u2068{{name}}\u2069 anew',
    userHint:
      'It gets a fresh password, which you find on the page of databases. Then correct the configuration files of the site.',
  },
  facts: {
    made: 'Made',
    kind: 'Kind',
    domains: 'Domains',
    root: 'Served folder',
    certificate: 'Certificate',
    content: 'Content',
    contentText: '\u2068{{files}}\u2069 files and folders, \u2068{{size}}\u2069',
  },
  notes: {
    domain_taken:
      'The domain \u2068{{domain}}\u2069 belongs to the site \u2068{{site}}\u2069 already. Give other domains below.',
    php_missing:
      'PHP \u2068{{version}}\u2069 is not installed on this server. Choose another version below, or install it first.',
    directives_left: 'Its custom nginx directives stay in the file unless you take them along below.',
    directives_not_allowed: 'Its custom nginx directives stay in the file: your role does not allow them.',
    database_taken: 'There is a database \u2068{{name}}\u2069 on this server already. Give another name below.',
    database_user_taken:
      'There is a database user \u2068{{user}}\u2069 on this server already. Give another name below.',
    database_server_missing:
      'The server of the database \u2068{{name}}\u2069 does not run here. Install or start it first, or leave the database in the file.',
    databases_left: 'Databases that you do not choose below stay in the file.',
    databases_not_allowed: 'The databases stay in the file: your role does not allow them.',
    certificate_unusable:
      'The site will be made without its certificate, which cannot be used. Order one afterwards. Reason: $t(errors.certificate.{{why}})',
    certificate_names:
      'The site will be made without its certificate, which is not good for \u2068{{names}}\u2069. Order one afterwards.',
    certificate_no_port:
      'The site will be made without its certificate: HTTPS needs a domain at port 80 or 443. Give such a domain below.',
    certificate_left: 'Its certificate stays in the file unless you take it along below.',
    certificate_not_allowed:
      'The site will be made without its certificate: your role does not allow you to bring certificates in.',
    certificate_by_hand:
      'Nobody renews its certificate on this server. Order or import another one before \u2068{{until}}\u2069.',
    redirects_left: 'Some redirects are left out: with these domains they would lead visitors round in a circle.',
  },
  staysTitle: 'What does not come along',
  stays: {
    databases:
      'Databases that were not chosen for the file. A dump of them can be brought in by hand, and the configuration files of the site corrected.',
    certificate:
      'The certificate and its key, unless the file is sealed and they were asked for. Order one for the new site.',
    passwords:
      'Passwords of protected paths. Nobody but the server itself gets into these paths until you set passwords and remove the rule that closes them.',
    secrets: 'Secret variables of the application.',
    keys: 'SFTP keys, and whether it is the default site.',
    port: 'The fixed port of the application: the panel chooses one.',
    default: 'Whether it is the default site.',
    logs: 'Logs and the history of changes, and links that lead out of the folder of the site.',
  },
} as const;
