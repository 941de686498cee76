export const fileFavourites = {
  title: 'Favourite folders',
  star: 'Make this folder a favourite',
  unstar: 'Take this folder off the favourites',
  remove: 'Take \u2068{{path}}\u2069 off the favourites',
  gone: 'is not there any more',
  empty: 'No folder is a favourite yet. Open one and press its star; only you see it.',
} as const;
