// Addresses of pages about access lists.

/** Where a company that owns services sees its access lists. */
export const listsPath = (party: string): string => `/lists?party=${party}`;

/** Where it sees one of them, by its name. */
export const listPath = (party: string, name: string, act = ''): string =>
  `/lists/${name}${act}?party=${party}`;
