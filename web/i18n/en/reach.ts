export const reach = {
  title: 'Visitors and time',
  lead: 'By which ways visitors come, and until when.',
  isDefault: 'Answer names that nobody has',
  isDefaultHint:
    'Who asks this server for an unknown name or for its bare address gets this site. One site of a server at most; without one they get nothing of any site.',
  front: 'In front of the site',
  frontHint:
    'Behind a CDN or another proxy all visitors seem to come from it. Name it, and logs, limits and rules see the visitor himself. Only from these servers is the header believed.',
  fronts: { none: 'Nobody', cloudflare: 'Cloudflare', own: 'Own servers' },
  ranges: 'Addresses of these servers',
  rangesHint: 'One address or range in each line, such as 192.0.2.10 or 10.0.0.0/8.',
  header: 'The visitor’s address stands in',
  endsAt: 'The site ends',
  endsAtHint:
    'From this moment visitors are told that the site has ended. Files, database and settings stay, and more time brings it back at once. Empty: never.',
  pageTitle: 'Title of the page that visitors see then',
  pageTitleHint: 'Plain text. Leave title and text empty for the words of the panel, in Arabic and English.',
  pageText: 'Text of this page',
  offPageTitle: 'Title of the page while the site is off',
  offPageTitleHint:
    'Whoever visits the site while it is switched off reads this. Plain text; leave both empty for the words of the panel, in Arabic and English.',
  offPageText: 'Text while the site is off',
  ended: 'Ended',
  endsSoon: 'Ends {{when}}',
  endedTitle: 'The time of this site is over',
  endedText: 'Visitors are told so since {{time}}. Nothing was deleted; give it more time or switch it off.',
  soonTitle: 'The time of this site ends soon',
  soonText: 'On {{time}} visitors will be told that it has ended.',
  extend: 'Change the time',
  default: 'default site',
} as const;
