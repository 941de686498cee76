/** Deployments that may be allowed to build at the same time; a form needs it too, and no schema comes with it. */
export const mostBuilds = 16;
