import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');

/** Runs one test file with the real setup file; gives exit code and output. */
function runVitest(source: string): { code: number | null; output: string } {
  const folder = mkdtempSync(join(tmpdir(), 'aapanel-guard-'));
  try {
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(join(folder, 'planted.test.ts'), `import { expect, it } from 'vitest';\n${source}`);
    const setup = JSON.stringify(join(root, 'test', 'setup.ts'));
    writeFileSync(join(folder, 'vitest.config.mjs'), `export default { test: { setupFiles: [${setup}] } };`);
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
    const result = spawnSync(process.execPath, [vitest, 'run', '--root', folder], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    return { code: result.status, output: `${result.stdout}${result.stderr}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it('P1.3-5 a test that leaves process.env changed fails, and the test after it does not see the change', () => {
  const { code, output } = runVitest(`
    it('guilty', () => { process.env.PLANTED = 'secret value'; });
    it('next', () => { expect(process.env.PLANTED).toBeUndefined(); });
  `);
  expect(code).toBe(1);
  expect(output).toContain('process.env was left changed: PLANTED');
  expect(output).not.toContain('secret value\n');
  expect(output).toMatch(/1 failed.*1 passed/);
});

it('P1.3-5 a test that puts process.env back passes', () => {
  const { code } = runVitest(`
    it('clean', () => { process.env.PLANTED = 'x'; delete process.env.PLANTED; expect(1).toBe(1); });
  `);
  expect(code).toBe(0);
});
