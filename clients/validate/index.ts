// Checks consent tokens at the API that gives the data: by itself, or as middleware.
export * from './refusal.ts';
export type { StatusOptions } from './status.ts';
export * from './verify.ts';
export * from './middleware.ts';
