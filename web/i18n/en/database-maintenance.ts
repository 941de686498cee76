export const databaseMaintenance = {
  open: 'Look after tables',
  title: 'Look after tables of {{name}}',
  lead: 'One statement for each table, as the user of this database. It goes on when the browser is closed; the log of the job has the outcome of every table.',
  what: 'What is done',
  start: 'Start',
  failed: 'It did not begin',
  locks:
    'While it lasts, the site cannot write into the table, or even read it. It needs as much free space as the table has.',
  minutes: 'Minutes for each table',
  minutesHint: 'A table that takes longer is stopped and stays as it was.',
  charsetHint: 'Of the chosen tables, and of tables made later. Letters that it does not have stop the table.',
  kinds: {
    analyze: 'Analyse',
    check: 'Check',
    optimize: 'Optimise',
    repair: 'Repair',
    convert_storage: 'Convert to InnoDB',
    convert_charset: 'Change the character set',
    reindex: 'Build the indexes anew',
    vacuum: 'Clean up (VACUUM)',
  },
  hints: {
    mariadb: {
      analyze: 'Counts values anew, so that queries find the better way.',
      check: 'Looks for damage. Nothing is changed.',
      optimize: 'Writes the table anew and gives unused space back.',
      repair: 'For damaged tables of MyISAM and Aria; InnoDB repairs itself.',
      convert_storage: 'For tables of MyISAM and Aria: rows can be changed in transactions then.',
      convert_charset: 'Of all texts in the table.',
    },
    postgresql: {
      analyze: 'Counts values anew, so that queries find the better way.',
      vacuum: 'Makes the space of deleted rows usable again. The site goes on meanwhile.',
      reindex: 'For indexes that are damaged or have grown too large.',
      optimize: 'Writes the table anew and gives unused space back (VACUUM FULL).',
    },
  },
} as const;
