export const software = {
  title: 'Software',
  description: 'What the panel manages on this server, installed from the distribution.',
  names: {
    nginx: 'The web server that answers for every site',
  },
  states: {
    running: 'Running',
    stopped: 'Stopped',
    notInstalled: 'Not installed',
    installing: 'Installing',
  },
  version: 'Version',
  source: 'Source',
  distribution: 'Distribution packages',
  config: {
    title: 'Configuration check',
    good: 'Valid',
    bad: 'Has an error',
    unknown: 'Not checked',
    goodText: 'The present configuration passed the program’s own check.',
    badText: 'What runs now keeps running, but changes are refused until the error is repaired.',
    badHint:
      'If the error is in the file of a site, the next change of any site sets that file aside and marks its site, and the rest goes on. If it is in another file, repair it by hand.',
    unknownText: 'The program could not be asked about its configuration. Check again in a moment.',
    words: 'What the program said',
    check: 'Check again',
  },
  port80: {
    title: 'Another program holds port 80',
    text: 'nginx cannot answer for the sites because {{program}} listens there. Stop that program or move it to another port, then start nginx.',
  },
  isolated: {
    title: 'Sites that were set aside',
    text: 'nginx refused their files, so they were set aside to keep the others running; they are not served now. Correct each site’s configuration to bring it back:',
  },
  stopped: 'It is installed but stopped, so no site answers. Start it from a terminal:',
  install: {
    action: 'Install',
    lead: 'No site answers before it is installed. That usually takes less than a minute.',
    what: 'What will happen',
    packages: 'The package is installed from the distribution; nothing is downloaded from anywhere else.',
    configure: 'One file of the panel is added; other nginx files are not changed.',
    start: 'The service is started and checked to answer.',
    undo: 'If you cancel the job or it fails, what it installed is taken back.',
    follow: 'Follow the installation',
    failed: 'The installation could not be started',
  },
} as const;
