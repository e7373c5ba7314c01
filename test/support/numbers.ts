// Valid test numbers: persons born with month + 80, organisations that start with 2 or 3; never a
// real one, and none of the demo's.
import { readdirSync, readFileSync } from 'node:fs';

const WORLD = new URL('../../clients/world/', import.meta.url);
const taken = new Set(
  readdirSync(WORLD).flatMap(
    (name) => readFileSync(new URL(name, WORLD), 'utf8').match(/\b\d{9}(\d\d)?\b/g) ?? [],
  ),
);

const weighted = (digits: string, weights: number[]) =>
  weights.reduce((sum, weight, index) => sum + weight * Number(digits[index]), 0);
let nextPerson = Math.floor(Math.random() * 50_000_000);
let nextOrganization = 20_000_000 + Math.floor(Math.random() * 15_000_000);

export function personNumber(): string {
  for (;;) {
    nextPerson += 1;
    const day = String(1 + (nextPerson % 28)).padStart(2, '0');
    const month = String(81 + (Math.floor(nextPerson / 28) % 12));
    const year = String(Math.floor(nextPerson / 336) % 100).padStart(2, '0');
    const serial = String(Math.floor(nextPerson / 33_600) % 1000).padStart(3, '0');
    const base = day + month + year + serial;
    const first = (11 - (weighted(base, [3, 7, 6, 1, 8, 9, 4, 5, 2]) % 11)) % 11;
    if (first === 10) continue;
    const second = (11 - (weighted(base + first, [5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
    const number = `${base}${first}${second}`;
    if (second < 10 && !taken.has(number)) return number;
  }
}

export function organizationNumber(): string {
  for (;;) {
    nextOrganization += 1;
    const base = String(nextOrganization);
    const check = (11 - (weighted(base, [3, 2, 7, 6, 5, 4, 3, 2]) % 11)) % 11;
    if (check < 10 && !taken.has(base + check)) return base + check;
  }
}
