export const software = {} as const;
