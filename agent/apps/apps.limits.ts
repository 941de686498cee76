const mib = 1_024 * 1_024;
/** Nobody turns these logs over: a larger one is cut when its application starts, and when the agent does. */
export const largestLog = 64 * mib;
export const keptOfLog = mib;
