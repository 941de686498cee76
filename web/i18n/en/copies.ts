/** Copying a site under other names. */
export const copies = {
  title: 'Copy \u2068{{name}}\u2069',
  text: 'A new site with the same settings and files, run by a Linux user of its own. The site itself is not touched and goes on answering.',
  domains: 'Domains of the copy',
  domainsHint: 'One per line. The first one names its folder.',
  name: 'Name of the copy',
  nameHint: 'Left empty, it is called like its first domain.',
  choices: 'Taken along on request',
  secrets: 'Secret variables of the application',
  secretsHint: 'Their values are copied on the server; nobody sees them. You confirm your identity first.',
  directives: 'Custom nginx directives',
  directivesHint: 'Exactly as they are: paths in them still lead to the old folder. You confirm your identity first.',
  directivesNotAllowed: 'Your role does not allow custom directives, so they stay.',
  staysTitle: 'What does not come along',
  stays: {
    certificate: 'The certificate, unless it is good for every new domain. Order one for the copy afterwards.',
    deployKey: 'The deploy key. The copy is connected with the same repository; make a key of its own for it.',
    webhook: 'The webhook address and its secret.',
    secrets: 'Secret variables of the application.',
    directives: 'Custom nginx directives.',
    port: 'The fixed port of the application: the panel chooses one for the copy.',
    logs: 'Logs and the history of changes.',
    paths:
      'Nothing inside the files is rewritten: a database, an address or a path in a configuration file (such as wp-config.php or .env) is still that of the old site. Correct it before you use the copy, or both write to the same database.',
  },
  action: 'Start copying',
  failed: 'The site could not be copied',
} as const;
