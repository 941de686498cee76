/** A part of a line with a colour of its own: from a position up to, not with, another. */
export type Mark = {
  readonly from: number;
  readonly to: number;
  readonly tone: 'good' | 'info' | 'warn' | 'bad' | 'soft';
};

export type Piece = {
  readonly from: number;
  readonly text: string;
  readonly tone: Mark['tone'] | undefined;
  readonly isFound: boolean;
};

/** A line cut where a colour or a place found by the search begins or ends. `search` without regard to case. */
export function piecesOf(text: string, search: string, marks: readonly Mark[]): Piece[] {
  const found = placesOf(text, search);
  const cuts = new Set([0, text.length]);
  for (const { from, to } of [...marks, ...found]) cuts.add(Math.min(from, text.length)).add(Math.min(to, text.length));
  const sorted = [...cuts].sort((one, other) => one - other);
  return sorted.slice(0, -1).map((from, index) => ({
    from,
    text: text.slice(from, sorted[index + 1]),
    tone: marks.find((mark) => mark.from <= from && from < mark.to)?.tone,
    isFound: found.some((place) => place.from <= from && from < place.to),
  }));
}

function placesOf(text: string, search: string): { readonly from: number; readonly to: number }[] {
  const wanted = search.toLowerCase();
  const all = text.toLowerCase();
  // Lower case of another length (such as İ) would mark the wrong letters.
  if (wanted === '' || all.length !== text.length) return [];
  const places: { from: number; to: number }[] = [];
  for (let at = all.indexOf(wanted); at !== -1; at = all.indexOf(wanted, at + wanted.length)) {
    places.push({ from: at, to: at + wanted.length });
  }
  return places;
}
