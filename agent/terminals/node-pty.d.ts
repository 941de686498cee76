/** Not described by the package itself: loads its compiled part for this machine. */
declare module '@lydell/node-pty/requireBinary.js' {
  export function requireBinary(file: 'pty.node'): unknown;
}
