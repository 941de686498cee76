/** Why a certificate is taken back, as authorities have it (RFC 5280). */
export const revocationReasons = ['unspecified', 'key_compromise', 'superseded', 'cessation'] as const;
export type RevocationReason = (typeof revocationReasons)[number];
