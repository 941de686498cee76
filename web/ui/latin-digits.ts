/** What a person types on an Arabic or Persian keyboard, with the digits that the panel understands. */
export function latinDigits(text: string): string {
  return text.replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String((digit.codePointAt(0) ?? 0) & 0x0f));
}
