import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';
import { noChunkCircles } from './chunk-circles.config.ts';
import { contractsOnly } from './contracts.config.ts';
import { fontSubsets } from './fonts.config.ts';
import { mantineStyles } from './mantine-styles.config.ts';
import { xtermStyles } from './xterm-styles.config.ts';

const outDir = resolve(import.meta.dirname, '../dist/web');
/** Smaller files gain nothing. */
const leastBytes = 1024;

/** Puts a brotli and a gzip variant beside each text file, so that the server never compresses. */
function compressed(): Plugin {
  let folder = outDir;
  return {
    name: 'compressed',
    apply: 'build',
    configResolved({ root, build }) {
      folder = resolve(root, build.outDir);
    },
    async closeBundle() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true });
      await Promise.all(
        entries.map(async (entry) => {
          if (!entry.isFile() || !/\.(js|css|svg|json|webmanifest)$/.test(entry.name)) return;
          const path = join(entry.parentPath, entry.name);
          const bytes = await readFile(path);
          if (bytes.length < leastBytes) return;
          const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } };
          await writeFile(`${path}.br`, await promisify(brotliCompress)(bytes, quality));
          await writeFile(`${path}.gz`, await promisify(gzip)(bytes, { level: 9 }));
        }),
      );
    },
  };
}

/** The page's own letters are asked for with the page: drawn once, in their final widths. */
function fontsFirst(): Plugin {
  return {
    name: 'fonts-first',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle = {} }) =>
        Object.keys(bundle)
          .filter((name) => /\/(arabic|latin)-\d00-[^/]*\.woff2$/.test(name))
          .map((name) => ({
            tag: 'link',
            attrs: { rel: 'preload', href: `/${name}`, as: 'font', type: 'font/woff2', crossorigin: true },
            injectTo: 'head',
          })),
    },
  };
}

/** Shared parts carry the names of all their users otherwise. */
function shortName(name: string): string {
  return name.startsWith('shared~') ? 'shared' : name;
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  html: { cspNonce: '__CSP_NONCE__' },
  plugins: [
    react(),
    contractsOnly(),
    fontSubsets(),
    mantineStyles(),
    xtermStyles(),
    noChunkCircles(),
    fontsFirst(),
    compressed(),
  ],
  resolve: { alias: { zod: resolve(import.meta.dirname, 'schemas-unused.ts') } },
  build: {
    outDir,
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    sourcemap: false,
    chunkSizeWarningLimit: 700,
    rolldownOptions: {
      // Contracts are data: those that nobody reads are left out, with all they name.
      treeshake: {
        moduleSideEffects: [
          { test: /\/shared\/[^/]+/, sideEffects: false },
          { test: /./, sideEffects: true },
        ],
      },
      output: {
        chunkFileNames: ({ name }) => `assets/${shortName(name)}-[hash].js`,
        assetFileNames: ({ names }) => {
          const [, name = 'file', ending = ''] = /^(.*)(\.\w+)$/.exec(names[0] ?? '') ?? [];
          return `assets/${shortName(name)}-[hash]${ending}`;
        },
        codeSplitting: {
          groups: [
            // What every page needs, in one file; what several pages share, in a few: a hundred files of an icon each
            // would weigh more in headers than in code.
            { name: 'initial', tags: ['$initial'], priority: 4 },
            // With the first page, in one file.
            { name: 'chart', test: /\/(uplot|web\/ui\/(Chart|chart-options))/, priority: 3 },
            // Packages apart from our own files: these need those and never the other way round, so that no two files of
            // the output need each other.
            {
              name: 'shared',
              test: /node_modules/,
              minShareCount: 2,
              entriesAware: true,
              entriesAwareMergeThreshold: 24 * 1024,
              priority: 2,
            },
            // The same between the pieces that know no feature and the features.
            {
              name: 'shared',
              test: /\/(web\/(ui|api)|shared)\//,
              minShareCount: 2,
              entriesAware: true,
              entriesAwareMergeThreshold: 24 * 1024,
              priority: 2,
            },
            // Not merged: what one screen does not need must not come with it, styles least of all.
            { name: 'shared', test: /\/web\/features\//, minShareCount: 2, entriesAware: true, priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: { '/api': 'http://127.0.0.1:5000', '/health': 'http://127.0.0.1:5000' },
  },
});
