import '@mantine/core/styles.css';
import './ui/fonts.css';
import './ui/base.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { whenSignedOut } from './api/client.ts';
import { queryClient } from './api/queries.ts';
import { meQuery } from './api/session.ts';
import { startTexts } from './i18n/i18n.ts';
import { router, startPage } from './routes.tsx';
import { languageOf, storedLook } from './ui/look.ts';
import { LookProvider } from './ui/LookProvider.tsx';

// Off while the files were loaded (look.js).
if ('stackTraceLimit' in Error) Error.stackTraceLimit = 20;

// Asked beside the texts: nothing is drawn before both are there.
void startPage();
await startTexts(languageOf(storedLook()));

// The session ended while the page was open: a fresh load forgets everything and leads to the sign-in screen and back.
// Whoever was not signed in is led there by the router alone.
whenSignedOut(() => {
  if (queryClient.getQueryData(meQuery.queryKey) !== undefined) location.reload();
});

const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no #root');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <LookProvider>
        <RouterProvider router={router} />
      </LookProvider>
    </QueryClientProvider>
  </StrictMode>,
);
