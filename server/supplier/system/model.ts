// Systems as vendors register them, and what a vendor asks a customer about one. Pure.
import { redirectFault } from '../../platform/http/redirect.ts';
import type { Translated } from '../../platform/locale.ts';

/** Acts for the organisation that has it, or for that organisation's customers. */
export const SYSTEM_KINDS = ['standard', 'agent'] as const;
export type SystemKind = (typeof SYSTEM_KINDS)[number];

/** `<organisation number>_<name>`: the vendor answers for its systems. */
export const SYSTEM_ID = '^[0-9]{9}_[\\p{L}0-9_.-]{1,100}$';

/** The organisation number of the vendor that a system's id names. */
export const vendorNoOf = (systemId: string): string => systemId.slice(0, 9);

/** The part of a system's id that its vendor chose. */
export const ownName = (systemId: string): string => systemId.slice(10);

/** Things that a system may do. */
export interface SystemRights {
  packages: string[];
  resources: string[];
}

/** A system as its vendor describes it. */
export interface SystemWords extends SystemRights {
  name: Required<Translated>;
  kind: SystemKind;
  redirectOrigins: string[];
}

export interface VendorSystem extends SystemWords {
  id: string;
  vendor: string;
  vendorNo: string;
  vendorName: string;
  /** Whether customers may let it in no more. */
  ended: boolean;
}

/** Days that a customer has to answer. */
export const ANSWER_DAYS = 10;

export interface SystemRequest extends SystemRights {
  id: string;
  system: VendorSystem;
  customer: string;
  customerNo: string;
  /** The name by which the vendor knows it; empty where it has none. */
  externalRef: string;
  /** The system user to be changed, or that the yes made. */
  systemUser: string | null;
  isChange: boolean;
  endPackages: string[];
  endResources: string[];
  redirectUrl: string | null;
  state: 'created' | 'accepted' | 'rejected' | 'withdrawn';
  createdAt: Date;
  changedAt: Date;
  /** The name of the system user, where there is one, and whether it has ended since. */
  userName: string | null;
  userEnded: boolean;
}

/** The states of the contract. */
export const REQUEST_STATES = ['Created', 'Accepted', 'Rejected', 'TimedOut'] as const;
export type RequestStanding = (typeof REQUEST_STATES)[number];

/** When a request that nobody has answered runs out. */
export const runsOutAt = ({ createdAt }: Pick<SystemRequest, 'createdAt'>): Date =>
  new Date(createdAt.getTime() + ANSWER_DAYS * 86_400_000);

/** How a request stands; undefined for one that its vendor has withdrawn. */
export function requestStanding(
  request: Pick<SystemRequest, 'state' | 'createdAt'>,
  now: Date,
): RequestStanding | undefined {
  switch (request.state) {
    case 'accepted':
      return 'Accepted';
    case 'rejected':
      return 'Rejected';
    case 'withdrawn':
      return undefined;
    case 'created':
      return runsOutAt(request) > now ? 'Created' : 'TimedOut';
  }
}

/** Whether two lists name the same, in whatever order. */
const isSame = (one: string[], other: string[]): boolean =>
  one.length === other.length && one.every((value) => other.includes(value));

/** Whether a request asks for what another one does. */
export const asksTheSame = (
  one: Omit<WantedOfCustomer, 'customer'>,
  other: Omit<WantedOfCustomer, 'customer'>,
): boolean =>
  one.systemUser === other.systemUser &&
  one.redirectUrl === other.redirectUrl &&
  (['packages', 'resources', 'endPackages', 'endResources'] as const).every((list) =>
    isSame(one[list], other[list]),
  );

/**
 * Whether a request asks for no more than its system is registered to do; a vendor may have
 * described it anew since.
 */
export const isOfSystem = ({ packages, resources }: SystemRights, system: SystemRights): boolean =>
  packages.every((code) => system.packages.includes(code)) &&
  resources.every((id) => system.resources.includes(id));

/** So many requests of one vendor wait for a customer at most. */
export const MOST_WAITING = 10;

/** The request of a vendor, before it is stored. */
export type WantedOfCustomer = Pick<
  SystemRequest,
  | ('customer' | 'externalRef' | 'systemUser' | 'redirectUrl')
  | ('packages' | 'resources' | 'endPackages' | 'endResources')
>;

/** Whether a customer may be sent there after the answer: only to origins that are registered. */
export const mayReturnTo = (url: string, { redirectOrigins }: SystemWords): boolean =>
  redirectFault(url, redirectOrigins) === undefined && redirectOrigins.length > 0;

/** The address of the page on which a customer answers. */
export const answerPath = (id: string): string => `/systems/requests/${id}`;
