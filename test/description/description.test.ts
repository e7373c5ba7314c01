// The description: that it is of what there is, in a form that tools read, and as a page.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { createConfig, lintFromString } from '@redocly/openapi-core';
import { call, world } from '../support/world.ts';

const GOLDEN = new URL('../routes.txt', import.meta.url);
type Described = Record<string, any>;

describe('the description', () => {
  let paths: Record<string, Record<string, Described>>;
  let all: [path: string, method: string, operation: Described][];
  before(async () => {
    paths = (await call('GET', '/openapi.json')).body.paths;
    all = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, one]): (typeof all)[number] => [path, method, one]),
    );
  });

  it('is of every door and no other (test/routes.txt; UPDATE=1 writes it)', () => {
    const doors = all.map(([path, method, operation]) => {
      const scopes = operation.security.flatMap(({ token = [] }) => token);
      return [method.toUpperCase(), path, operation['x-who'], operation['x-limit'], ...scopes].join(
        ' ',
      );
    });
    const found = `${[...doors, ...world.app.pages].sort().join('\n')}\n`;
    if (process.env.UPDATE || !existsSync(GOLDEN)) writeFileSync(GOLDEN, found);
    assert.equal(found, readFileSync(GOLDEN, 'utf8'));
  });

  it('names each operation once, with what it answers', () => {
    const ids = all.map(([, , { operationId }]) => operationId);
    assert.equal(new Set(ids).size, ids.length);
    for (const [path, method, operation] of all) {
      const where = `${method} ${path}`;
      assert.ok(operation.summary && operation.description, where);
      assert.ok(Object.keys(operation.responses).length > 0, where);
      for (const name of path.match(/(?<=\{)\w+/g) ?? []) {
        const declared = operation.parameters.map(({ name: one }: { name: string }) => one);
        assert.ok(declared.includes(name), `${where}: ${name}`);
      }
    }
  });

  it('says of each body that comes in whether another member is refused, as it is', async () => {
    const { schemas } = (await call('GET', '/openapi.json')).body.components;
    const bodies = all.flatMap(([, , { operationId, description, requestBody }]) => {
      const schema = requestBody?.content['application/json']?.schema;
      const whole = schemas[schema?.$ref?.split('/').at(-1)] ?? schema;
      return whole?.type === 'object' ? [{ operationId, description, whole }] : [];
    });
    const wrong = bodies.filter(({ operationId, description, whole }) => {
      // A policy is refused by name wherever it is sent.
      const isStrict = /are refused by name/.test(description) || /^policy_/.test(operationId);
      return isStrict !== (whole.additionalProperties === false);
    });
    assert.deepEqual(
      wrong.map(({ operationId }) => operationId),
      [],
    );
    assert.ok(bodies.some(({ operationId }) => operationId === 'authzen_evaluation'));
  });

  it('has nothing that a linter of such documents complains of', async () => {
    const { text: source } = await call('GET', '/openapi.json');
    // Addresses that Altinn's contract has, where a name may stand in the place of an id.
    const rules = { 'no-ambiguous-paths': 'off', 'operation-tag-defined': 'error' } as const;
    const config = await createConfig({ extends: ['recommended'], rules });
    const found = await lintFromString({ source, absoluteRef: '/openapi.json', config });
    // Discovery refuses nobody, and a register's role is never ended by a call.
    const answers = ['operation-4xx-response', 'operation-2xx-response'];
    const told = found
      .filter(({ ruleId }) => !answers.includes(ruleId))
      .map(({ ruleId, message, location }) => `${ruleId}: ${message} ${location[0]?.pointer}`);
    assert.deepEqual(told, []);
    assert.ok(found.length <= 3, 'and not many of the others');
  });

  it('has examples that fit their schemas', async () => {
    const document = (await call('GET', '/openapi.json')).body;
    const ajv = addFormats.default(new Ajv2020.default({ strict: false }));
    ajv.addSchema({ $id: 'api', ...document });
    const unfit: string[] = [];
    for (const [path, method, operation] of all) {
      const bodies = [operation.requestBody, ...Object.values<any>(operation.responses)];
      for (const { content = {} } of bodies.filter(Boolean)) {
        const { schema, example } = content['application/json'] ?? {};
        if (!schema || example === undefined) continue;
        const inside = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"api#/'));
        if (!ajv.validate(inside, example)) {
          unfit.push(
            `${method} ${path}: ${ajv.errorsText()} ${JSON.stringify(example).slice(0, 150)}`,
          );
        }
      }
    }
    assert.deepEqual(unfit, []);
  });

  it('leaves no object open but those that are named for it', () => {
    const open: string[] = [];
    const walk = (node: any, where: string): void => {
      if (node === null || typeof node !== 'object') return;
      if (node.type === 'object' && !node.properties && !node.additionalProperties) {
        if (!node.patternProperties) open.push(where);
      }
      for (const [name, one] of Object.entries(node))
        if (name !== 'example') walk(one, `${where}/${name}`);
    };
    for (const [path, method, operation] of all) {
      walk(operation.requestBody, `${method} ${path}`);
    }
    assert.deepEqual(
      open.filter((where) => !/resource\//.test(where) && !/resource /.test(where)),
      [],
    );
  });

  it('says whom to tell of a hole (RFC 9116), for a month at a time', async () => {
    const { text, headers } = await call('GET', '/.well-known/security.txt');
    assert.match(headers.get('content-type')!, /^text\/plain/);
    assert.match(text, /^Contact: mailto:security@tillit\.example\n/);
    const [, expires] = /^Expires: (.*)$/m.exec(text)!;
    const days = (Date.parse(expires!) - Date.now()) / 86_400_000;
    assert.ok(days > 29 && days < 31, String(days));
  });

  it('is a page without script, with a call to copy for each operation', async () => {
    const { status, text } = await call('GET', '/docs?lang=en');
    assert.equal(status, 200);
    assert.ok(!/<script|onclick|javascript:/i.test(text));
    const calls = text.match(/curl -s -X/g) ?? [];
    assert.ok(calls.length > 100, String(calls.length));
    assert.match(text, /Bearer \$TOKEN/);
    // Where there is no demo, the token is the reader's own.
    assert.match(text, /In the calls, \$TOKEN is a token of your own/);
    assert.doesNotMatch(text, /demo/);
  });
});
