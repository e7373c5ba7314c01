// The address of the page of those who have left.

/** Where a company sees who has left. */
export const leaversPath = (party: string): string => `/leavers?party=${party}`;
