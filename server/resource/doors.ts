// Operations whose act knows the catalogue.
import { operationsWith } from '../caller/doors.ts';
import type { Knowing } from './catalogue/catalogue.ts';

export const operation = operationsWith<Knowing>();
