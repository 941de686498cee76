/* Numbers of applications that forms need too: no schema comes with them into the browser. */

/** Further programs of one application. */
export const maxWorkers = 8;

/** So many of one application run at once at most. */
export const maxInstances = 16;

/** Whole parts of a day: each day has them at the same hours. */
export const restartHours = [1, 2, 3, 4, 6, 8, 12] as const;
