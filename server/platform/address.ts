// The address that a request comes from: the socket's, or what a proxy says that the operator
// trusts. What nobody vouches for is no address.
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Logger } from './log.ts';

export type AddressOf = (request: IncomingMessage) => string | undefined;

/** `trusted` are addresses and networks (CIDR). */
export function createAddressOf(trusted: string[], log: Logger): AddressOf {
  const proxies = new BlockList();
  for (const one of trusted) {
    const [address = '', bits] = one.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) proxies.addAddress(address, family);
    else proxies.addSubnet(address, Number(bits), family);
  }
  const isProxy = (address: string) =>
    isIP(address) !== 0 && proxies.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
  let told = false;
  return (request) => {
    const socket = plain(request.socket.remoteAddress ?? '');
    const said = String(request.headers['x-forwarded-for'] ?? '');
    if (!said) return socket || undefined;
    if (!isProxy(socket)) {
      // Somebody in front whom nobody vouches for: everybody would be one address.
      if (!told)
        log.warn('a proxy is in front and TRUSTED_PROXIES names none: no limits by address');
      told = true;
      return undefined;
    }
    // From the right: each proxy adds whom it has seen.
    const seen = said.split(',').map((one) => plain(one.trim()));
    return seen.reverse().find((address) => !isProxy(address) && isIP(address) !== 0) ?? socket;
  };
}

/** IPv4 as it is, also where a socket writes it as IPv6. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');
