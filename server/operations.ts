// Every operation for machines, each from the table of its noun, and what they may answer. A new
// noun comes in here.
import { requestOperations } from './access_request/routes.ts';
import { draftOperations } from './access_request/draft_routes.ts';
import { packageOperations } from './connection/package_routes.ts';
import { rightsOperations } from './connection/rights_routes.ts';
import { stopOperations } from './connection/suspend_routes.ts';
import { connectionOperations } from './connection/routes.ts';
import { askerOperations } from './consent/own/asker_routes.ts';
import { suspendOperations } from './consent/own/suspend_routes.ts';
import { portalOperations } from './consent/own/portal_routes.ts';
import * as consentProblems from './consent/problems.ts';
import { consentOperations, type ConsentApi } from './consent/ask/routes.ts';
import type { DecisionParts } from './decision/asking.ts';
import { authorizedOperations } from './decision/search/authorized_routes.ts';
import { authzenOperations } from './decision/authzen/routes.ts';
import * as decisionProblems from './decision/problems.ts';
import { explainOperations } from './decision/authzen/explain_routes.ts';
import { xacmlOperations } from './decision/xacml/routes.ts';
import { ownerOperations } from './notice_due/owner_feed_routes.ts';
import { placeEvents } from './notice_due/feed.ts';
import { noticeOperations } from './notice_due/routes.ts';
import { logOperations } from './delegation/log/routes.ts';
import { fallenOperations } from './connection/fallen_routes.ts';
import { whyOperations } from './delegation/why/routes.ts';
import { mandateOperations } from './delegation/mandate_routes.ts';
import * as delegationProblems from './delegation/problems.ts';
import { registrarOperations } from './delegation/give/registrar_routes.ts';
import { agentOperations } from './supplier/agent_routes.ts';
import { customerOperations } from './supplier/customer_routes.ts';
import { scopeFeedOperations } from './supplier/scope_feed_routes.ts';
import { scopeOperations } from './supplier/scope_routes.ts';
import { systemUserOperations } from './supplier/system_user_routes.ts';
import { appOperations } from './oidc/choice/app_routes.ts';
import { oidcOperations } from './oidc/provider/operations.ts';
import { userinfoOperations, type UserinfoApi } from './oidc/provider/userinfo.ts';
import { registerOperations } from './register/routes.ts';
import { FAULTS } from './platform/errors.ts';
import { membershipOperations } from './resource/access_list/membership_routes.ts';
import { accessListOperations } from './resource/access_list/routes.ts';
import { metadataOperations } from './resource/catalogue/metadata_routes.ts';
import { apiScopeOperations } from './resource/api_scope/routes.ts';
import { instanceOperations } from './resource/registry/instance_routes.ts';
import { versionOperations } from './resource/policy/versions_routes.ts';
import { policyOperations } from './resource/policy/routes.ts';
import * as resourceProblems from './resource/problems.ts';
import { registryOperations } from './resource/registry/routes.ts';
import { tagged, type Frame as Doors, type Operation } from './platform/http/doors.ts';
import { validationFault, VALIDATIONS } from './platform/http/validation.ts';
import type { DecisionLog } from './decision/log/log.ts';
import type { Keyring } from './oidc/keys/keys.ts';
import type { RefusalTable } from './description/document_model.ts';
import type { Env } from './platform/env/env.ts';
import type { Numbers } from './caller/numbers.ts';
import type { Limits } from './platform/http/limits.ts';
import type { Metrics } from './platform/metrics.ts';
import type { Registers } from './register/commands.ts';
import type { LiveRegister } from './register/sources.ts';

interface MachineSettings extends UserinfoApi {
  limits: Limits;
  numbers: Numbers;
  keyring: Keyring;
  env: Env;
  metrics: Metrics;
  log: DecisionLog;
  registers: Registers;
  live: LiveRegister[];
}

/** Every operation for machines. */
export function machineOperations(settings: MachineSettings): Operation[] {
  const { env, metrics, log, keyring, registers, live } = settings;
  const { issuer, eventPageSize, eventMinimumAgeSeconds } = env;
  const { limits, numbers } = settings;
  const feed = { eventPageSize, eventMinimumAgeSeconds };
  const consents: ConsentApi = {
    placeEvents,
    metrics,
    numbers,
    issuer,
    quietDays: env.quietDays,
    ...feed,
  };
  const decisions: DecisionParts = { log, issuer, limits, numbers };
  const rights = { issuer, numbers };
  return [
    ...tagged('Tokens', [...oidcOperations(keyring), ...userinfoOperations(settings)]),
    ...tagged('Programs', appOperations()),
    ...tagged('Consent', [...consentOperations(consents), ...askerOperations(consents)]),
    ...tagged('Consent, for the portal', portalOperations(consents)),
    ...tagged('Consent', suspendOperations(consents)),
    ...tagged('Decisions', [
      ...authzenOperations(decisions),
      ...explainOperations(decisions),
      ...xacmlOperations(decisions),
    ]),
    ...tagged('Authorized parties', authorizedOperations({ log, numbers })),
    ...tagged('Mandates', [
      ...mandateOperations(),
      ...whyOperations(),
      ...fallenOperations(),
      ...stopOperations(),
      ...logOperations(),
      ...noticeOperations(),
      ...ownerOperations(),
    ]),
    ...tagged('Connections', [
      ...connectionOperations(),
      ...packageOperations(),
      ...rightsOperations(),
    ]),
    ...tagged('Requests for a right', [...requestOperations(rights), ...draftOperations(rights)]),
    ...tagged('Customers and agents', [...customerOperations(), ...agentOperations()]),
    ...tagged('API scopes', [...scopeOperations(), ...scopeFeedOperations()]),
    ...tagged('Packages given by service owners', registrarOperations(rights)),
    ...tagged('System users', systemUserOperations()),
    ...tagged('Resources and policies', [
      ...registryOperations(rights),
      ...policyOperations(),
      ...versionOperations(),
      ...instanceOperations(rights),
      ...apiScopeOperations(),
    ]),
    ...tagged('Access lists', [...accessListOperations(), ...membershipOperations()]),
    ...tagged('Catalogue', metadataOperations()),
    ...tagged('Registers', registerOperations({ registers, live })),
  ];
}

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
