// node scripts/screenshots.ts - makes docs/images anew; build the browser application first (npm run build).
await import('../test/e2e/readme-pictures.ts');
