export const fileFind = {
  title: 'Find by name',
  name: 'Name or pattern',
  go: 'Find',
  hint: 'Part of a name, or a pattern such as ⁨*.log⁩ or ⁨cache/**⁩.',
  results: 'Found names',
  folder: 'Go to its folder',
  nothing: 'Nothing has such a name',
  nothingText: 'Try fewer letters, a folder further up, or hidden files too.',
  most: 'These are the first 500, and there may be more. Narrow it down by a folder or a longer name.',
  time: 'This took more than 15 seconds and ended; there may be more. Narrow it down by a folder.',
} as const;
