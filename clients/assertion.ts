// Prints a signed assertion of the demo bank, for use with curl: `clients/assertion.ts SCOPE [CONSENT_ID FROM]`.
import { createPrivateKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { SignJWT } from 'jose';

const [scope = 'altinn:consentrequests.write', id, from] = process.argv.slice(2);
const key = JSON.parse(readFileSync(new URL('./bank/key.json', import.meta.url), 'utf8'));
console.log(await new SignJWT({
  scope, ...(id ? { authorization_details: [{ type: 'urn:altinn:consent', id, from }] } : {}),
}).setProtectedHeader({ alg: 'RS256', kid: key.kid }).setIssuer('eksempelbanken')
  .setAudience(process.env.TILLIT_URL ?? 'http://127.0.0.1:3000').setJti(randomUUID()).setIssuedAt().setExpirationTime('110s')
  .sign(createPrivateKey({ key, format: 'jwk' })));
