// Addresses of pages about systems.

/** Where a company sees its systems. */
export const systemsPath = (party: string): string => `/systems?party=${party}`;
