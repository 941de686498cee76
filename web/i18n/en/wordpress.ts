export const wordpress = {
  card: 'WordPress',
  cardText: 'A PHP site with WordPress in it, and a database of its own.',
  planNote:
    'WordPress is fetched from wordpress.org and compared with the published sum; it gets a database of MariaDB with a random password. If any step fails, everything goes back to what it was.',
  otherKind: 'WordPress needs a PHP site of its own',
  otherKindText: 'Make a new site of the kind WordPress, or a PHP site whose files do not come from a repository.',
  notStarted: 'The site is there, WordPress is not yet',
  unfinished: {
    text: 'Visitors see the first page of the panel. Begin the installation again below, or remove the site.',
    stays: 'The site is there without WordPress, and visitors see the first page of the panel.',
    remove: 'Remove the site',
  },
  form: {
    title: 'Install WordPress',
    text: 'In one step: a database with a user of its own, the files, and a configuration with new keys. What fails is taken back. The folder of the site must be empty.',
    source: 'Where it comes from',
    sources: { download: 'wordpress.org', archive: 'An archive that I have' },
    sourceTexts: {
      download: 'Fetched over HTTPS and compared with the published sum.',
      archive: 'For machines without a way out: the zip or tar.gz of wordpress.org, sent from here.',
    },
    language: 'Language',
    languages: { ar: 'العربية', en: 'English' },
    version: 'Version',
    versionHint: 'Empty for the newest one',
    archive: 'Archive',
    extensions: 'Extensions of PHP that are installed with it: {{names}}.',
    failed: 'The installation did not begin',
    installServer: 'Install MariaDB',
    byHand: 'Give an archive',
    install: 'Install WordPress',
  },
  job: {
    title: 'WordPress',
    log: 'Log',
    done: 'WordPress is in its place',
    doneText:
      'Choose a title, a name and a password in the browser: until then nobody has an account there. Do it now, whoever comes first becomes its owner.',
    doneTextPlain:
      'Choose a title, a name and a password in the browser: until then nobody has an account there. Get a certificate in the tab HTTPS before, so that the password does not travel in the open; then do it at once, whoever comes first becomes its owner.',
    finish: 'Finish in the browser',
    failed: 'WordPress was not installed',
    cancelled: 'The installation was cancelled',
    takenBack: 'Files and database were taken back.',
    again: 'Try again',
  },
} as const;
