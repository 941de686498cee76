export const databaseChanges = {
  rename: {
    open: 'Rename…',
    title: 'Rename \u2068{{name}}\u2069',
    lead: 'Tables, views, triggers, routines, events and rights move to the new name. If it cannot be done, everything gets its old name again.',
    name: 'New name',
    start: 'Rename',
    failed: 'It was not renamed',
    cutTitle: 'The site loses its connection',
    cutText:
      'Nobody comes in meanwhile, and until the new name stands in the settings of the application, it cannot reach its database. Backup plans follow by themselves.',
  },
  owner: {
    open: 'Change the owner…',
    title: 'Owner of \u2068{{name}}\u2069',
    lead: 'The database, and everything in it that belongs to \u2068{{user}}\u2069, gets another owner: all of it or nothing. Where \u2068{{user}}\u2069 has nothing else, the role is deleted.',
    user: 'New owner',
    userHint: 'A role of this name that is there already needs its password; otherwise one is made.',
    isThere: 'The role is there already',
    isThereHint: 'Then its password is needed, so that the panel can go on working with this database.',
    password: 'Password of the role',
    start: 'Change the owner',
    failed: 'The owner is the same as before',
    done: '\u2068{{name}}\u2069 belongs to \u2068{{user}}\u2069 now',
    cutText:
      'Until user and password of the new owner stand in the settings of the application, it cannot reach its database.',
  },
} as const;
