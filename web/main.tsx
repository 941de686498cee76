import './trusted-types.ts';
import '@mantine/core/styles.css';
import './ui/fonts.css';
import './ui/base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { startTransition, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { accountsApi } from '#shared/accounts.ts';
import { call, whenSecondFactorIsNeeded, whenSignedOut } from './api/client.ts';
import { queryClient } from './api/queries.ts';
import { meQuery } from './api/session.ts';
import { startTexts } from './i18n/i18n.ts';
import { router, startPage } from './routes.tsx';
import { languageOf, needsPanelLanguage, setPanelLanguage, storedLook } from './ui/look.ts';
import { LookProvider } from './ui/LookProvider.tsx';

// Off while the files were loaded (look.js).
if ('stackTraceLimit' in Error) Error.stackTraceLimit = 20;

// Asked beside the texts: nothing is drawn before both are there.
void startPage();
// Not awaited by this file: the parts that are loaded later import from it, and would wait for its end.
void start();

async function start(): Promise<void> {
  // Nothing here says which language: the panel's own, before anything is drawn. Without an answer it stays Arabic.
  if (needsPanelLanguage(storedLook())) {
    const state = await call(accountsApi.signInState, {}).catch(() => undefined);
    if (state !== undefined) setPanelLanguage(state.defaultLanguage);
  }
  const language = languageOf(storedLook());
  document.documentElement.lang = language;
  document.documentElement.dir = language === 'ar' ? 'rtl' : 'ltr';
  await startTexts(language);
  // The first drawing is that of the page, and one that can be made in small steps. A screen brings its texts with it.
  await router.load().catch(() => undefined);

  // The session ended while the page was open: a fresh load forgets everything and leads to the sign-in screen and back.
  // Whoever was not signed in is led there by the router alone.
  whenSignedOut(() => {
    if (queryClient.getQueryData(meQuery.queryKey) !== undefined) location.reload();
  });

  // An administrator has asked for it meanwhile: what the person sees follows.
  whenSecondFactorIsNeeded(() => void queryClient.invalidateQueries({ queryKey: meQuery.queryKey }));

  const place = document.getElementById('root');
  if (place === null) throw new Error('index.html has no #root');
  const page = createRoot(place);
  // In small steps: the browser answers in between.
  startTransition(() =>
    page.render(
      <StrictMode>
        <QueryClientProvider client={queryClient}>
          <LookProvider>
            <RouterProvider router={router} />
          </LookProvider>
        </QueryClientProvider>
      </StrictMode>,
    ),
  );
}
