// Every refusal that an operation may give, by code, and the words of a wrong shape. A noun with
// refusals of its own comes in here.
import * as consentProblems from './consent/problems.ts';
import * as decisionProblems from './decision/problems.ts';
import * as delegationProblems from './delegation/problems.ts';
import type { RefusalTable } from './description/document_model.ts';
import * as logProblems from './log/problems.ts';
import { FAULTS } from './platform/errors.ts';
import type { Frame as Doors } from './platform/http/doors.ts';
import { validationFault, VALIDATIONS } from './platform/http/validation.ts';
import * as receiptProblems from './receipt/problems.ts';
import * as resourceProblems from './resource/problems.ts';
import * as signalProblems from './signal/problems.ts';
import * as statusProblems from './oidc/status/problems.ts';

const WORDS = {
  ...VALIDATIONS,
  ...consentProblems.VALIDATIONS,
  ...delegationProblems.VALIDATIONS,
  ...resourceProblems.VALIDATIONS,
};

/** Every refusal that an operation may give, by code. */
export const CODES: RefusalTable = {
  ...FAULTS,
  ...consentProblems.PROBLEMS,
  ...delegationProblems.PROBLEMS,
  ...resourceProblems.PROBLEMS,
  ...decisionProblems.PROBLEMS,
  ...logProblems.PROBLEMS,
  ...receiptProblems.PROBLEMS,
  ...signalProblems.PROBLEMS,
  ...statusProblems.PROBLEMS,
  'STD-00000': { status: 400, detail: 'One or more validation errors occurred.' },
  ...Object.fromEntries(
    Object.entries(WORDS).map(([code, detail]) => [code, { status: 400, detail }]),
  ),
  'STD-00001': { status: 400, detail: 'Multiple problems occurred.' },
};

/** Turns a call's wrong shape into the fault that its contract has for it. */
export const invalidShape: Doors['invalid'] = (wrong, { dialect }) =>
  dialect === 'authzen'
    ? decisionProblems.problem('AUTHZ.VLD-00011', {
        members: { paths: wrong.map(({ path }) => path) },
      })
    : validationFault(wrong, WORDS);
