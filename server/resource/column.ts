// The resource column, as it is wired: resources, policies, access lists, API scopes and the
// catalogue; at night the index of policies is compared with them.
import type { Column } from '../platform/column.ts';
import { nightly } from '../platform/job.ts';
import type { Act } from '../platform/act.ts';
import { tagged } from '../platform/http/doors.ts';
import type { Logger } from '../platform/log.ts';
import { membershipOperations } from './access_list/membership_routes.ts';
import { accessListOperations } from './access_list/routes.ts';
import { apiScopeOperations } from './api_scope/routes.ts';
import { metadataOperations } from './catalogue/metadata_routes.ts';
import { mendIndex } from './policy/publish.ts';
import { policyOperations } from './policy/routes.ts';
import { versionOperations } from './policy/versions_routes.ts';
import { resourceServerOperations } from './resource_server/routes.ts';
import { instanceOperations, type InstanceApi } from './registry/instance_routes.ts';
import { registryOperations } from './registry/routes.ts';

interface Needs extends InstanceApi {
  jobAct: () => Act;
  log: Logger;
}

export const resourceColumn = (needs: Needs): Column => ({
  operations: [
    ...tagged('Resources and policies', [
      ...registryOperations(needs),
      ...policyOperations(),
      ...versionOperations(),
      ...instanceOperations(needs),
      ...apiScopeOperations(),
      ...resourceServerOperations(),
    ]),
    ...tagged('Access lists', [...accessListOperations(), ...membershipOperations()]),
    ...tagged('Catalogue', metadataOperations()),
  ],
  jobs: [
    nightly('policy_index.mend', async () => {
      const resources = await mendIndex(needs.jobAct().db);
      if (resources.length)
        needs.log.error({ resources }, 'the index of a policy differed from it');
    }),
  ],
});
