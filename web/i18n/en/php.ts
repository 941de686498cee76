export const php = {
  version: {
    label: 'PHP version',
    text: 'Of those that are installed on this machine; it can be changed later without an interruption.',
    none: 'PHP is not installed',
    noneText: 'It is installed from the distribution in about a minute; then go on here.',
    switchNote: 'The new version answers before the old one is let go; no request is lost.',
    failed: 'The installed versions could not be read',
  },
  software: {
    title: 'PHP',
    text: 'Several versions live side by side; each site chooses its own.',
    none: 'The distribution of this machine has no PHP that the panel knows.',
    running: 'PHP-FPM runs',
    stopped: 'PHP-FPM is stopped',
    available: 'In the distribution, with the usual extensions',
    sites_one: '1 site uses it',
    sites_other: '{{value}} sites use it',
    install: 'Install PHP {{version}}',
    remove: 'Remove PHP {{version}}',
    needed: 'Sites use it. Give them another version first.',
    removeTitle: 'Remove PHP {{version}}?',
    removeText:
      'Its packages are removed; its configuration files stay, so that installing it again brings the same back. No site uses it.',
    removeConfirm: 'Remove',
    removeFailed: 'The removal could not be started',
  },
} as const;
