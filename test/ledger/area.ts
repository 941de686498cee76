/** A text in both languages. */
export type Bilingual = { readonly en: string; readonly ar: string };

/** Requirements that belong together: one part of a specification document. */
export type RequirementArea = {
  readonly title: Bilingual;
  /** Id → one line of our own on what must be provable. */
  readonly items: Readonly<Record<string, string>>;
};
