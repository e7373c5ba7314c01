// Addresses of pages about systems.

/** Where a company sees its systems. */
export const systemsPath = (party: string): string => `/systems?party=${party}`;

/** Where it sees how its systems hear of what happens. */
export const signalsPath = (party: string): string => `/signals?party=${party}`;

/** Where it sees the API scopes that it gives and has. */
export const scopesPath = (party: string): string => `/scopes?party=${party}`;
