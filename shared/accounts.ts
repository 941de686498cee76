import { z } from 'zod';
import { permissions, roles } from './access.ts';
import { id, instant, line, type Operation } from './http.ts';
import { preferences } from './settings.ts';

/** 3 to 32 of a-z, 0-9, dot, hyphen, underscore; compared in lower case so that two people never share a form. */
export const userName = z
  .string()
  .max(64)
  .transform((text) => text.trim().toLowerCase())
  .pipe(z.string().regex(/^[a-z0-9][a-z0-9._-]{2,31}$/, { error: 'user_name_invalid' }));

/** 8 to 128 characters (NFKC), no composition rules; common passwords are refused by the server. */
export const newPassword = z
  .string()
  .max(512)
  .transform((text) => text.normalize('NFKC'))
  .pipe(z.string().min(8, { error: 'password_too_short' }).max(128, { error: 'password_too_long' }));

export const person = z.object({
  id,
  name: z.string(),
  displayName: z.string(),
  role: z.enum(roles),
  createdAt: instant,
});

/** Who is looking at the panel. */
export const me = z.object({
  person,
  permissions: z.array(z.enum(permissions)),
  preferences,
  session: z.object({ id, createdAt: instant, expiresAt: instant }),
});
export type Me = z.infer<typeof me>;

export const accountsApi = {
  /** Never says whether a name exists. `isFirstRun` is true until the owner exists; `panelName` is `` unless set. */
  signInState: {
    id: 'getSignInState',
    method: 'GET',
    path: '/api/v1/sign-in',
    access: 'public',
    summary: 'What the sign-in screen needs',
    response: z.object({
      isFirstRun: z.boolean(),
      isSignedIn: z.boolean(),
      version: z.string(),
      panelName: z.string(),
    }),
  },
  signIn: {
    id: 'signIn',
    method: 'POST',
    path: '/api/v1/sign-in',
    access: 'public',
    summary: 'Sign in with name and password',
    body: z.strictObject({ name: z.string().min(1).max(128), password: z.string().min(1).max(512) }),
    response: me,
  },
  signOut: {
    id: 'signOut',
    method: 'POST',
    path: '/api/v1/sign-out',
    access: 'signedIn',
    summary: 'End this session',
    response: z.undefined(),
    status: 204,
  },
  /** `token` is the one-time secret of the printed link; sent in the body, never in a URL the server sees. */
  createOwner: {
    id: 'createOwner',
    method: 'POST',
    path: '/api/v1/first-run',
    access: 'public',
    summary: 'Create the owner with the one-time link',
    body: z.strictObject({
      token: z.string().min(1).max(200),
      name: userName,
      displayName: line(80).default(''),
      password: newPassword,
    }),
    response: me,
    status: 201,
  },
  /** Same one-time secret, for an owner who already exists (printed by `aapanel link`). */
  signInWithLink: {
    id: 'signInWithLink',
    method: 'POST',
    path: '/api/v1/sign-in/link',
    access: 'public',
    summary: 'Sign in with a one-time link',
    body: z.strictObject({ token: z.string().min(1).max(200) }),
    response: me,
  },
  me: {
    id: 'getMe',
    method: 'GET',
    path: '/api/v1/me',
    access: 'signedIn',
    summary: 'The signed-in person',
    response: me,
  },
  setPreferences: {
    id: 'setPreferences',
    method: 'PUT',
    path: '/api/v1/me/preferences',
    access: 'signedIn',
    summary: 'Language, theme, digits, time zone',
    body: preferences,
    response: me,
  },
  changePassword: {
    id: 'changePassword',
    method: 'POST',
    path: '/api/v1/me/password',
    access: 'signedIn',
    summary: 'Change the own password; ends all other sessions',
    body: z.strictObject({ current: z.string().min(1).max(512), next: newPassword }),
    response: z.undefined(),
    status: 204,
  },
} as const satisfies Record<string, Operation>;
