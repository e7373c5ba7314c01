// Settings that people read: where the operator's own pages are, and whom to reach for what.
import { readContact, readPage, readPhone, readExempt, readStaff } from './checks.ts';
import type { Report } from './lists.ts';
import type { SettingsReader } from './reader.ts';

/** The controller in the demo, whose people do not exist. */
const DEMO_CONTROLLER = 'Testdirektoratet (oppdiktet)';
const DEMO_STAFF = '18929514404,10906014381';
const DEMO_CONTACT = 'mailto:sikkerhet@testdirektoratet.example';

/** A setting that is said; nothing of one that is empty. */
const said = <Name extends string>(name: Name, value: string | undefined) =>
  value ? ({ [name]: value } as Record<Name, string>) : {};

/** Where whoever reads our pages finds the operator's own, and whom to reach. */
export const addressesIn = ({ text, list }: SettingsReader, mode: string, fault: Report) => ({
  securityContact: readContact(
    'SECURITY_CONTACT',
    text('SECURITY_CONTACT', mode === 'development' ? DEMO_CONTACT : ''),
    fault,
  ),
  privacy: {
    ...said(
      'controller',
      text('PRIVACY_CONTROLLER', mode === 'development' ? DEMO_CONTROLLER : ''),
    ),
    ...said('basis', text('PRIVACY_BASIS')),
    ...said('contact', readContact('PRIVACY_CONTACT', text('PRIVACY_CONTACT'), fault)),
    ...said('officer', readContact('PRIVACY_OFFICER', text('PRIVACY_OFFICER'), fault)),
  },
  policyUri: readPage('POLICY_URI', text('POLICY_URI'), fault),
  termsUri: readPage('TERMS_URI', text('TERMS_URI'), fault),
  accessibilityUrl: readPage('ACCESSIBILITY_URL', text('ACCESSIBILITY_URL'), fault),
  supportPhone: readPhone(text('SUPPORT_PHONE'), fault),
  supportUrl: readPage('SUPPORT_URL', text('SUPPORT_URL'), fault),
  exemptSearches: readExempt(text('EXEMPT_SEARCHES'), fault),
  supportStaff: readStaff(list('SUPPORT_STAFF', mode === 'development' ? DEMO_STAFF : ''), fault),
});
