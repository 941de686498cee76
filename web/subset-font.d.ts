declare module 'subset-font' {
  /** Cuts a font down to the glyphs of `text`. */
  const subsetFont: (
    font: Buffer,
    text: string,
    options: { readonly targetFormat: 'truetype' | 'woff2' },
  ) => Promise<Buffer>;
  export = subsetFont;
}
