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
    if (!said || (trusted.length && !isProxy(socket))) return callerOf(socket);
    if (!trusted.length) {
      // Somebody in front whom nobody vouches for: everybody would be one address.
      if (!told)
        log.warn('a proxy is in front and TRUSTED_PROXIES names none: no limits by address');
      told = true;
      return undefined;
    }
    // From the right: each proxy adds whom it has seen. Beyond the first that is none of ours, all
    // is what that one says.
    const seen = said.split(',').map((one) => plain(withoutPort(one.trim())));
    const first = seen.reverse().find((address) => !isProxy(address));
    return callerOf(first !== undefined && isIP(first) ? first : socket);
  };
}

/** IPv4 as it is, also where a socket writes it as IPv6. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '');

/** `192.0.2.1:4711` and `[2001:db8::1]:443`, as some proxies write. */
const withoutPort = (text: string) =>
  /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;

/** What one caller has: an address, or the 64 bits of a network (RFC 6177). */
function callerOf(address: string): string | undefined {
  if (isIP(address) !== 6) return address || undefined;
  const [head = '', tail = ''] = new URL(`http://[${address.split('%')[0]}]`).hostname
    .slice(1, -1)
    .split('::');
  const [before, after] = [head, tail].map((part) => part.split(':').filter(Boolean));
  const zeros = Array.from({ length: 8 - before!.length - after!.length }, () => '0');
  return `${[...before!, ...zeros, ...after!].slice(0, 4).join(':')}::`;
}
