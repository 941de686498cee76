/**
 * Remembers `process.env`. The returned function puts it back and throws when it was changed: a test that leaves it
 * changed would change the tests after it. The message holds names only, values could be secrets.
 */
export function guardEnvironment(): () => void {
  const before = { ...process.env };
  return () => {
    const names = new Set([...Object.keys(before), ...Object.keys(process.env)]);
    const changed = [...names].filter((name) => before[name] !== process.env[name]);
    for (const name of changed) {
      const value = before[name];
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    if (changed.length > 0) throw new Error(`process.env was left changed: ${changed.sort().join(', ')}`);
  };
}
