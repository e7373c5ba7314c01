// The address that a request comes from: the socket's, or the one that proxies of the operator's
// have seen. It believes nobody else.
import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddr from '@fastify/proxy-addr';
import ipaddr from 'ipaddr.js';
import { LRUCache } from 'lru-cache';

export type AddressOf = (request: IncomingMessage) => string | undefined;

/** `trusted` are addresses and networks (CIDR) of proxies whose X-Forwarded-For is believed. */
export function createAddressOf(trusted: string[]): AddressOf {
  // A caller comes from one address, many times.
  const read = new LRUCache<string, string>({ max: 10_000, memoMethod: readCaller });
  const callerOf = (text: string) => read.memo(text);
  // Without a proxy nobody names another address; a socket that is closed has none.
  if (!trusted.length)
    return ({ socket: { remoteAddress } }) => remoteAddress && callerOf(remoteAddress);
  const isOfTrusted = proxyAddr.compile(trusted);
  const isProxy = (address: string, at: number) => isOfTrusted(withoutPort(address), at);
  return (request) => {
    if (!request.socket.remoteAddress) return undefined;
    const seen = withoutPort(proxyAddr(request, isProxy));
    return callerOf(isIP(seen) ? seen : request.socket.remoteAddress);
  };
}

/** `192.0.2.1:4711` and `[2001:db8::1]:443`, as some proxies write. */
const withoutPort = (text: string) =>
  /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? /^([\d.]+):\d+$/.exec(text)?.[1] ?? text;

/** One caller has an address, or the 64 bits of a network (RFC 6177). */
function readCaller(text: string): string {
  const address = ipaddr.process(text);
  if (!(address instanceof ipaddr.IPv6)) return address.toString();
  const network = new ipaddr.IPv6([...address.parts.slice(0, 4), 0, 0, 0, 0]);
  return network.toString();
}
