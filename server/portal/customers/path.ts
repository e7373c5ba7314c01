// Addresses of pages about customers.

/** Where a company sees its customers. */
export const customersPath = (supplier: string): string => `/customers?party=${supplier}`;
