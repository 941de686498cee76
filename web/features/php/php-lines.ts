/** One thing per line, or apart by commas and spaces; each once. */
export function linesOf(text: string): string[] {
  return [...new Set(text.split(/[\s,،]+/).filter((line) => line !== ''))];
}

export function textOf(lines: readonly string[]): string {
  return lines.join('\n');
}
