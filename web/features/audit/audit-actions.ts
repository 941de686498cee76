import type { TFunction } from 'i18next';
import type { ar } from '../../i18n/ar/ar.ts';

/** Every action that has a title: the changing operations, and what the console does. A test compares it with the API. */
export const auditActions = [
  'cancelJob',
  'changePassword',
  'createOwner',
  'createSite',
  'deleteSite',
  'installSoftware',
  'newSignInLink',
  'resetPassword',
  'resolveSiteDrift',
  'retryJob',
  'setPreferences',
  'setSettings',
  'setSiteCustomDirectives',
  'signIn',
  'signInWithLink',
  'signOut',
  'undoSiteChange',
  'updateSite',
] as const satisfies readonly (keyof (typeof ar)['audit']['actions'])[];

/** The action in words; undefined for one that this version does not know (a log is read by later versions too). */
export function actionTitle(t: TFunction, action: string): string | undefined {
  const known = auditActions.find((each) => each === action);
  return known === undefined ? undefined : t(`audit.actions.${known}`);
}
