// Settings with which a node works, and that the operator may not have meant.
import type { Env } from './env.ts';

/** The longest name of a site with which each SMS is one part. */
const SHORT_NAME = 14;

export function warningsOf({ production, privacy, accessibilityUrl, issuer, notify }: Env) {
  const { controller, basis, contact, officer } = privacy;
  const pages = {
    ...{ PRIVACY_CONTROLLER: controller, PRIVACY_BASIS: basis, PRIVACY_CONTACT: contact },
    ...{ PRIVACY_OFFICER: officer, ACCESSIBILITY_URL: accessibilityUrl },
  };
  const missing = Object.entries(pages).filter(([, said]) => production && !said);
  const isLong = notify?.sms !== undefined && new URL(issuer).host.length > SHORT_NAME;
  return [
    ...missing.map(([name]) => `${name} is not set, and its page lacks it`),
    ...(isLong ? [`ISSUER has more than ${SHORT_NAME} characters, and an SMS several parts`] : []),
  ];
}
