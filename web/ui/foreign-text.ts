/** Characters that draw nothing or move others about: control characters, zero-width and direction marks, separators. */
const hidden = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

export type TextPart = { readonly text: string; readonly isHidden: boolean };

/** A stranger's text in parts: what is seen, and what is not, by its number (`U+202E`). */
export function foreignParts(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  for (const character of text) {
    const isHidden = hidden.test(character);
    const last = parts.at(-1);
    if (!isHidden && last?.isHidden === false) parts[parts.length - 1] = { text: last.text + character, isHidden };
    else if (!isHidden) parts.push({ text: character, isHidden });
    else parts.push({ text: codeOf(character), isHidden });
  }
  return parts;
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

const hiddenInJson = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

/** JSON in which nothing is invisible: what JSON itself leaves as it is becomes `\u202e` too. */
export function hiddenAsEscapes(json: string): string {
  return json.replaceAll(
    hiddenInJson,
    (character) => `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
  );
}
