// Every operation, driven from the description: who is let in, and what a hostile shape meets.
import assert from 'node:assert/strict';
import { halfOf } from '../support/random.ts';
import { randomUUID } from 'node:crypto';
import Ajv2020 from 'ajv/dist/2020.js';
import {
  call,
  newOrganization,
  newPerson,
  organizationToken,
  personToken,
  type Answer,
} from '../support/world.ts';

interface Door {
  method: string;
  path: string;
  operation: Record<string, any>;
}

const nested = '['.repeat(20_000) + ']'.repeat(20_000);
/** As JSON, since some of it cannot be said otherwise. */
const HOSTILE = [
  'null',
  '0',
  'true',
  '[]',
  '{"toString":1}',
  '{"__proto__":{"admin":true}}',
  '"\\u0000"',
  '"\\ud800"',
  '"-100000-01-01T00:00:00Z"',
  '"2016-12-31T23:59:60Z"',
  '"2027-01-01T00:00:00+01"',
  '"constructor"',
  `"${'x'.repeat(5_000)}"`,
  nested,
];

describe('every door', () => {
  let doors: Door[];
  let components: Record<string, any>;
  let tokens: Record<string, string>;
  let empty: Record<string, string>;
  before(async () => {
    const { body } = await call('GET', '/openapi.json');
    components = body.components.schemas;
    doors = Object.entries(body.paths as Record<string, Record<string, any>>).flatMap(
      ([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          method: method.toUpperCase(),
          path: path.replace(/\{\w+\}/g, randomUUID()),
          operation,
        })),
    );
    const scope = Object.keys(
      body.components.securitySchemes.token.flows.clientCredentials.scopes,
    ).join(' ');
    const [person, organization] = [await newPerson(), await newOrganization()];
    tokens = {
      person: await personToken(person, { scope }),
      organization: await organizationToken(organization, scope),
      any: await organizationToken(organization, scope),
    };
    empty = {
      person: await personToken(person, { scope: 'openid' }),
      organization: await organizationToken(organization, 'openid'),
      any: await organizationToken(organization, 'openid'),
    };
  });

  const guarded = () => doors.filter(({ operation }) => tokens[operation['x-who']]);
  const media = ({ operation }: Door) => operation.requestBody?.content?.['application/json'];
  const schemaOf = (door: Door) => {
    const { schema } = media(door);
    return schema.$ref ? components[schema.$ref.split('/').at(-1)] : schema;
  };

  /** Whatever comes: no fault of ours, and a form that a client can read. */
  function isCivil(answer: Answer, what: string): void {
    assert.ok(answer.status < 500, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
    if (answer.status < 400) return;
    const type = answer.headers.get('content-type') ?? '';
    assert.ok(
      /problem\+json|text\/html/.test(type) || typeof answer.body?.error === 'string',
      `${what}: ${type}`,
    );
  }

  it('is closed without a token', async () => {
    for (const { method, path } of guarded()) {
      const answer = await call(method, path);
      assert.deepEqual([answer.status, answer.body.code], [401, 'TIL-00005'], `${method} ${path}`);
    }
  });

  it('is closed without a scope, which is named in the body and in WWW-Authenticate', async () => {
    for (const { method, path, operation } of guarded()) {
      const answer = await call(method, path, empty[operation['x-who']]);
      assert.equal(answer.status, 403, `${method} ${path}`);
      const scopes = operation.security.flatMap(({ token }: { token: string[] }) => token);
      assert.deepEqual(answer.body.scopes, scopes, `${method} ${path}`);
      const told = answer.headers.get('www-authenticate')!;
      assert.ok(told.includes('insufficient_scope') && told.includes(scopes[0]), told);
    }
  });

  it('is closed to the other kind of caller', async () => {
    const other: Record<string, string> = { person: 'organization', organization: 'person' };
    for (const { method, path, operation } of guarded()) {
      const kind = other[operation['x-who']];
      // `openid` is a scope of our own tokens alone; an outside issuer speaks for no such.
      const scopes = operation.security.flatMap(({ token = [] }) => token);
      if (!kind || scopes.includes('openid')) continue;
      const answer = await call(method, path, tokens[kind]);
      assert.equal(answer.status, 401, `${method} ${path}`);
    }
  });

  it('refuses what is no shape of its own, and never falls over', async () => {
    for (const door of halfOf(
      doors.filter((one) => media(one) && one.operation['x-who'] !== 'client'),
    )) {
      const { method, path, operation } = door;
      const token = tokens[operation['x-who']];
      const { properties = {} } = schemaOf(door);
      const whole = media(door).example;
      for (const name of Object.keys(properties)) {
        for (const value of HOSTILE) {
          const others = Object.entries(Array.isArray(whole) ? {} : (whole ?? {}))
            .filter(([one]) => one !== name)
            .map(([one, told]) => `${JSON.stringify(one)}:${JSON.stringify(told)}`);
          const text = `{${[...others, `${JSON.stringify(name)}:${value}`].join(',')}}`;
          const answer = await call(method, path, token, text);
          isCivil(answer, `${method} ${path} ${name}=${value.slice(0, 40)}`);
        }
      }
      for (const value of HOSTILE) {
        isCivil(await call(method, path, token, value), `${method} ${path} ${value.slice(0, 40)}`);
      }
    }
  });

  it('refuses parameters of the wrong kind, and never falls over', async () => {
    for (const { method, path, operation } of halfOf(
      doors.filter((one) => one.operation['x-limit'] !== 'token'),
    )) {
      const token = tokens[operation['x-who']];
      for (const { name } of operation.parameters.filter(
        (one: { in: string }) => one.in === 'query',
      )) {
        for (const value of [
          '%00',
          '%ED%A0%80',
          '-100000-01-01T00:00:00Z',
          '[object Object]',
          '1e400',
          'x'.repeat(3_000),
        ]) {
          const answer = await call(method, `${path}?${name}=${value}`, token);
          isCivil(answer, `${method} ${path}?${name}=${value.slice(0, 30)}`);
        }
      }
    }
  });

  it('refuses an instant that no clock can hold, wherever one is taken', async () => {
    const isInstant = (schema: unknown) => JSON.stringify(schema ?? {}).includes('"date-time"');
    let tried = 0;
    for (const door of doors.filter((one) => tokens[one.operation['x-who']])) {
      const { method, path, operation } = door;
      const token = tokens[operation['x-who']];
      const named = operation.parameters.filter((one: { in: string }) => one.in === 'query');
      const members = media(door) ? Object.entries<any>(schemaOf(door).properties ?? {}) : [];
      for (const value of ['2016-12-31T23:59:60Z', '2027-01-01T00:00:00+01']) {
        for (const { name } of named.filter((one: { schema: string }) => isInstant(one.schema))) {
          const query = new URLSearchParams({ [name]: value });
          const answer = await call(method, `${path}?${query}`, token);
          assert.equal(answer.status, 400, `${method} ${path}?${query}: ${answer.text}`);
          assert.match(answer.text, new RegExp(`QUERY/${name}`));
          tried += 1;
        }
        for (const [name] of members.filter(([, schema]) => isInstant(schema))) {
          const body = { ...media(door).example, [name]: value };
          const answer = await call(method, path, token, body);
          assert.ok(answer.status === 400 || answer.status === 404, answer.text);
          tried += 1;
        }
      }
    }
    assert.ok(tried > 20, String(tried));
  });

  it('compiles no schema for a call that was made before', async () => {
    const { prototype } = Ajv2020.default;
    const { compile } = prototype;
    let compiled = 0;
    const ask = () => call('GET', `/access/v1/mandates/${randomUUID()}`, tokens.person);
    await ask();
    prototype.compile = function counted(this: unknown, ...args: unknown[]) {
      compiled += 1;
      return (compile as (...all: unknown[]) => unknown).apply(this, args);
    } as typeof compile;
    try {
      for (let n = 0; n < 5; n += 1) await ask();
    } finally {
      prototype.compile = compile;
    }
    assert.equal(compiled, 0);
  });

  it('has nothing at an address with NUL in it', async () => {
    for (const path of ['/resourceregistry/api/v1/resource/ab%00cd', '/access/v1/mandates/%00']) {
      const answer = await call('GET', path, tokens.person);
      assert.deepEqual([answer.status, answer.body.code], [404, 'TIL-00009'], path);
    }
  });

  it('refuses a member or parameter that it does not know, or tells that it was left unread', async () => {
    for (const door of doors.filter((one) => one.operation['x-who'] !== 'client')) {
      const { method, path, operation } = door;
      const isOwn = /refused by name/.test(operation.description);
      const isTold = /Tillit-Ignored/.test(operation.description);
      if (!isOwn && !isTold) continue;
      const token = tokens[operation['x-who']];
      const body = media(door) ? { ...media(door).example, validto: 'x', fødselsår: 1 } : undefined;
      const answer = await call(
        method,
        `${path}?colour=red`,
        token,
        Array.isArray(media(door)?.example) ? undefined : body,
      );
      if (isOwn) {
        // A path that names nothing is 404 before its shape is read.
        if (answer.status === 404) continue;
        const codes = answer.body.validationErrors.map((one: { code: string }) => one.code);
        assert.ok(codes.includes('TIL.VLD-00007'), `${method} ${path}: ${answer.text}`);
      } else if (answer.status < 300) {
        assert.match(answer.headers.get('tillit-ignored') ?? '', /colour/, `${method} ${path}`);
      }
      isCivil(answer, `${method} ${path}`);
    }
  });
});
