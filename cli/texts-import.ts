/** Sentences of `aapanel import`. */
export const importTexts = {
  importOnlyDry: {
    ar: 'هنا التجربة فقط (--dry-run)؛ أما النقل نفسه فمن اللوحة: المواقع ← استيراد من aaPanel.',
    en: 'Only the dry run is done here (--dry-run); bringing sites over is done in the panel: Sites → Import from aaPanel.',
  },
  importSummary: {
    ar: '{ready} من {all} من المواقع يمكن نقلها. لم يُكتب شيء.',
    en: '{ready} of {all} sites can be brought over. Nothing was written.',
  },
  importReady: { ar: 'كما هو', en: 'as it is' },
  importDiffers: { ar: 'مع فروق', en: 'with differences' },
  importBlocked: { ar: 'غير ممكن', en: 'not possible' },
} as const satisfies Record<string, Record<'ar' | 'en', string>>;
