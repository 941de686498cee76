export const php = {
  version: {
    label: 'PHP version',
    text: 'Of those that are installed on this machine; it can be changed later without an interruption.',
    none: 'PHP is not installed',
    noneText: 'Install PHP on this machine first; then a version can be chosen here.',
    switchNote: 'The new version answers before the old one is let go; no request is lost.',
    failed: 'The installed versions could not be read',
  },
};
