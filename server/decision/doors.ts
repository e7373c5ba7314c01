// Operations whose act may ask the decision point.
import { operationsWith } from '../caller/doors.ts';
import type { Deciding } from './act.ts';

export const operation = operationsWith<Deciding>();
