/** Sentences of `aapanel tls`. */
export const tlsTexts = {
  tlsVersions: { ar: 'الإصدارات', en: 'versions' },
  tlsNames: { ar: 'الأسماء', en: 'names' },
  tlsIssuer: { ar: 'المُصدر', en: 'issuer' },
  tlsUntil: { ar: 'تنتهي', en: 'valid until' },
  tlsDays: { ar: 'الأيام الباقية: {days}', en: 'days left: {days}' },
  tlsWell: { ar: 'لا عيب يراه الزوار', en: 'nothing wrong that visitors would meet' },
  tls_unreachable: { ar: 'لا مصافحة TLS على هذا العنوان', en: 'no TLS handshake at this address' },
  tls_untrusted: { ar: 'لا تثق بها البرامج: {why}', en: 'programs do not trust it: {why}' },
  tls_expired: { ar: 'انتهت صلاحية الشهادة', en: 'the certificate has expired' },
  tls_ends_soon: { ar: 'تنتهي الشهادة خلال أيام', en: 'the certificate ends within days' },
  tls_old_versions: { ar: 'يقبل إصدارات قديمة: TLS 1.0 أو 1.1', en: 'old versions are accepted: TLS 1.0 or 1.1' },
  tls_no_modern_version: { ar: 'لا يقبل TLS 1.2 ولا 1.3', en: 'neither TLS 1.2 nor 1.3 is accepted' },
  tls_no_hsts: { ar: 'لا ترويسة HSTS', en: 'no HSTS header' },
} as const satisfies Record<string, Record<'ar' | 'en', string>>;
