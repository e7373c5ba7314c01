// `npm run bench stall`: how long the server's thread is held, and how long a stranger's health
// check waits, while requests that were made to stop it and the largest batches that are allowed
// run on PostgreSQL. Prints a table of medians; asserts nothing.
import { randomUUID } from 'node:crypto';
import { bearer, issuer, median, PORT, stage } from './tools.ts';

const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5);
const OWNER = '211104015';
const consumer = { consumer: { authority: 'iso6523-actorid-upis', ID: `0192:${OWNER}` } };
const headersOf = async (scope: string) => {
  const [name, value] = (await bearer({ scope, ...consumer })).split(': ') as [string, string];
  return { [name]: value };
};

interface Attack {
  name: string;
  method: string;
  path: string;
  type: string;
  body: string | undefined;
  headers: Record<string, string>;
  /** How many at once; one unless said. */
  times?: number;
}

async function send({
  method,
  path,
  type,
  body,
  headers,
}: Attack): Promise<{ status: number; bytes: number }> {
  const answer = await fetch(issuer + path, {
    method,
    headers: { ...headers, 'content-type': type, accept: 'application/xml' },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, bytes: (await answer.arrayBuffer()).byteLength };
}

async function measure(): Promise<void> {
  console.log(
    '| request | answer | thread held, ms: median, longest | health check, ms: median, longest |\n|---|---|---|---|',
  );
  // A fresh node's first request of a kind comes once, before anything else has warmed it.
  for (const attack of strangers()) await row({ ...attack, name: `first: ${attack.name}` }, 1);
  await row(undefined);
  for (const attack of [...strangers(), ...(await attacks())]) await row(attack);
  for (const attack of strangers())
    await row({ ...attack, name: `${attack.name}, twenty at once`, times: 20 });
}

/** A line of the table; of an idle server's own longest where nothing is sent. */
async function row(attack: Attack | undefined, rounds = ROUNDS): Promise<void> {
  const held: number[] = [];
  const waited: number[] = [];
  let answer = { status: 0, bytes: 0 };
  for (let round = 0; round < rounds; round += 1) {
    await longest();
    const health = watch();
    if (attack) {
      const sent = Array.from({ length: attack.times ?? 1 }, () => send(attack));
      [answer] = (await Promise.all(sent)) as [typeof answer];
    } else await new Promise((done) => setTimeout(done, 300));
    waited.push(await health());
    held.push(await longest());
  }
  const both = (millis: number[]) =>
    `${median(millis).toFixed(0)}, ${Math.max(...millis).toFixed(0)}`;
  const told = attack ? `${answer.status}, ${Math.round(answer.bytes / 1024)} kB` : '';
  console.log(`| ${attack?.name ?? 'nothing'} | ${told} | ${both(held)} | ${both(waited)} |`);
}

/** Requests of nobody who is known. */
function strangers(): Attack[] {
  const form = 'application/x-www-form-urlencoded';
  const get = (name: string, path: string): Attack => ({
    name,
    method: 'GET',
    path,
    type: form,
    body: undefined,
    headers: {},
  });
  const pairs = Array.from({ length: 3_700 }, (_, at) => `${at % 2 ? 'a' : 'b'}=`).join('&');
  const many = (count: number) =>
    Array.from({ length: count }, (_, at) => `n${at}=${at}`).join('&');
  const post = (name: string, path: string, body: string): Attack => ({
    name,
    method: 'POST',
    path,
    type: form,
    body,
    headers: {},
  });
  return [
    get('/docs', '/docs'),
    get('/openapi.json', '/openapi.json'),
    get('the front page', '/'),
    get('an address of 15 kB of parameters', `/authorize?${pairs}`),
    get('an address of 100 parameters', `/authorize?${many(100)}`),
    post('a form of 55 kB with 5,500 names', '/token', many(5_500).slice(0, 55_000)),
    post('a form of 1,000 names', '/token', many(1_000)),
    post('an authorization of 1,000 names', '/authorize', many(1_000)),
    {
      ...post(
        'the same subject 1,000 times',
        '/resourceregistry/api/v1/resource/bysubjects',
        JSON.stringify(Array.from({ length: 1_000 }, () => 'urn:altinn:rolecode:dagl')),
      ),
      type: 'application/json',
    },
  ];
}

const longest = async () =>
  ((await (await fetch(`http://127.0.0.1:${PORT + 2}`)).json()) as { longest: number }).longest;

/**
 * Asks for the server's health every few milliseconds; the longest wait, once it is told to stop.
 */
function watch(): () => Promise<number> {
  let stopped = false;
  let worst = 0;
  const done = (async () => {
    while (!stopped) {
      const started = performance.now();
      await (await fetch(`${issuer}/health/live`)).arrayBuffer();
      worst = Math.max(worst, performance.now() - started);
      await new Promise((next) => setTimeout(next, 5));
    }
  })();
  return async () => {
    stopped = true;
    await done;
    return worst;
  };
}

const NAMESPACE = 'urn:oasis:names:tc:xacml:3.0:core:schema:wd-17';
const POLICY = `<Policy xmlns="${NAMESPACE}" PolicyId="p" Version="1.0" RuleCombiningAlgId="urn:oasis:names:tc:xacml:3.0:rule-combining-algorithm:deny-overrides">`;
const match = (value: number) =>
  '<Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal"><AttributeValue DataType="http://www.w3.org/2001/XMLSchema#string">' +
  `${value}</AttributeValue><AttributeDesignator AttributeId="a" Category="urn:oasis:names:tc:xacml:3.0:attribute-category:resource" DataType="http://www.w3.org/2001/XMLSchema#string"/></Match>`;
const anyOf = (count: number, of: (value: number) => string = match) =>
  `<AnyOf>${Array.from({ length: count }, (_, index) => `<AllOf>${of(index)}</AllOf>`).join('')}</AnyOf>`;
/** An organisation as a subject, written as short as can be. */
const firm = (value: number) =>
  '<Match MatchId="urn:oasis:names:tc:xacml:1.0:function:string-equal">' +
  `<AttributeValue>${200_000_000 + value}</AttributeValue><AttributeDesignator AttributeId="urn:altinn:organizationnumber" Category="urn:oasis:names:tc:xacml:1.0:subject-category:access-subject"/></Match>`;

async function attacks(): Promise<Attack[]> {
  const registry = await headersOf('altinn:resourceregistry/resource.write');
  const decisions = await headersOf('altinn:authorization/authorize.admin');
  const json = 'application/json';
  const register = async (rules: object[]) => {
    const identifier = `stall-${randomUUID()}`;
    const entry = {
      identifier,
      resourceType: 'GenericAccessResource',
      title: { nb: 'x', nn: 'x' },
      rightDescription: { nb: 'x' },
      rules,
    };
    const answer = await fetch(`${issuer}/resourceregistry/api/v1/resource`, {
      method: 'POST',
      headers: { ...registry, 'content-type': json },
      body: JSON.stringify(entry),
    });
    if (answer.status !== 201) throw new Error(await answer.text());
    return identifier;
  };
  const seven = await register([
    { action: 'read', subjects: [Array.from({ length: 7 }, () => 'keyrole')] },
  ]);
  const [plain, other] = [
    await register([{ action: 'read', subjects: ['dagl'] }]),
    await register([{ action: 'read', subjects: ['dagl'] }]),
  ];
  const wide = {
    actions: Array.from({ length: 50 }, (_, index) => `a${index}`),
    subjects: Array.from({ length: 200 }, (_, index) => `organization:${200_000_000 + index}`),
  };
  const largest = await register([wide, wide]);
  const pattern = await register([
    {
      action: 'read',
      subjects: ['anyone'],
      when: [
        {
          category: 'resource',
          name: 't',
          values: ['^(a|a)*$', '(.?){100}x', '(a?){50}b'],
          match: 'regexp',
        },
      ],
    },
  ]);
  const company = '310200018';
  const subject = { type: 'party', id: randomUUID() };
  const properties = Object.fromEntries(
    Array.from({ length: 99 }, (_, index) => [`p${index}`, Array.from({ length: 100 }, String)]),
  );
  const resource = (id: string, more: object = {}) => ({
    type: 'resource',
    id,
    properties: { party: company, ...more },
  });
  const many = <Item>(make: (index: number) => Item, count = 10_000) =>
    Array.from({ length: count }, (_, index) => make(index));
  const put = (name: string, id: string, body: string): Attack => ({
    name,
    method: 'PUT',
    path: `/resourceregistry/api/v1/resource/${id}/policy`,
    type: 'application/xml',
    body,
    headers: registry,
  });
  const get = (name: string, path: string): Attack => ({
    name,
    method: 'GET',
    path: `/resourceregistry/api/v1/resource/${path}`,
    type: json,
    body: undefined,
    headers: {},
  });
  const ask = (name: string, path: string, body: object): Attack => ({
    name,
    method: 'POST',
    path,
    type: json,
    body: JSON.stringify(body),
    headers: decisions,
  });
  const attribute = (AttributeId: string, Value: unknown) => ({
    AttributeId,
    Value,
    IncludeInResult: true,
  });
  return [
    get('a rule of seven key roles as XML', `${seven}/policy`),
    get('the largest policy as XML', `${largest}/policy`),
    get("the largest policy's rules as JSON", `${largest}/policy/rules`),
    put(
      'two AnyOf of 70 in the policy, 100 rules',
      other,
      `${POLICY}<Target>${anyOf(70)}${anyOf(70)}</Target>${many((index) => `<Rule RuleId="${index}" Effect="Permit"/>`, 100).join('')}</Policy>`,
    ),
    put(
      'one rule of 70 × 70 alternatives',
      other,
      `${POLICY}<Target>${anyOf(70)}${anyOf(70)}</Target><Rule RuleId="1" Effect="Permit"/></Policy>`,
    ),
    put(
      'one rule of 70 × 70 subjects',
      other,
      `${POLICY}<Target>${anyOf(70, firm)}${anyOf(70, (value) => firm(value + 100))}</Target><Rule RuleId="1" Effect="Permit"/></Policy>`,
    ),
    put(
      '100 rules of 7 × 7 subjects',
      other,
      `${POLICY}${many(
        (index) =>
          `<Rule RuleId="${index}" Effect="Permit"><Target>${anyOf(7, (value) => firm(value + index))}${anyOf(7, (value) => firm(value + index + 200))}</Target></Rule>`,
        100,
      ).join('')}</Policy>`,
    ),
    put(
      'XML of 490 kB',
      other,
      `${POLICY}<Target>${anyOf(1_200)}</Target><Rule RuleId="1" Effect="Permit"/></Policy>`,
    ),
    put('XML nested 60,000 deep', other, '<a xmlns="x">'.repeat(35_000)),
    ask('three patterns on 100 values of 499 characters', '/access/v1/evaluation', {
      subject,
      action: { name: 'read' },
      resource: resource(pattern, { t: many((index) => `${'a'.repeat(495)}${index}`, 100) }),
    }),
    ask('10,000 evaluations that share 99 × 100 attributes', '/access/v1/evaluations', {
      subject: { ...subject, properties },
      action: { name: 'read' },
      resource: resource(plain, properties),
      evaluations: many(() => ({})),
    }),
    ask('10,000 evaluations of the largest policy', '/access/v1/evaluations', {
      subject,
      action: { name: 'read' },
      resource: resource(largest),
      evaluations: many(() => ({})),
    }),
    ask('10,000 evaluations of 10,000 subjects', '/access/v1/evaluations', {
      action: { name: 'read' },
      resource: resource(plain),
      evaluations: many(() => ({ subject: { type: 'party', id: randomUUID() } })),
    }),
    ask('10,000 XACML requests that repeat their attributes', '/authorization/api/v1/authorize', {
      Request: {
        AccessSubject: many((index) => ({
          Id: `s${index}`,
          Attribute: [attribute('urn:altinn:party:uuid', randomUUID())],
        })),
        Action: [
          {
            Id: 'a',
            Attribute: [attribute('urn:oasis:names:tc:xacml:1.0:action:action-id', 'read')],
          },
        ],
        Resource: [
          {
            Id: 'r',
            Attribute: [
              attribute('urn:altinn:resource', plain),
              attribute('urn:altinn:organization:identifier-no', company),
            ],
          },
        ],
        MultiRequests: {
          RequestReference: many((index) => ({ ReferenceId: [`s${index}`, 'a', 'r'] })),
        },
      },
    }),
    ask(
      '1,000 names by subject',
      '/resourceregistry/api/v1/resource/bysubjects',
      many((index) => `organization:${200_000_000 + index}`, 1_000),
    ),
    ask('500,000 members in one object', '/access/v1/evaluation', {
      x: Object.fromEntries(many((index) => [`k${index}`, 1], 500_000)),
    }),
    ask('8 MB of small objects, each of its own shape', '/access/v1/evaluation', {
      x: many((list) => many((index) => ({ [`a${list}x${index}`]: 1 }), 19_000), 25),
    }),
    {
      ...put('6,000 subjects of which each fits no alternative', other, ''),
      type: json,
      body: JSON.stringify({
        rules: many(() => ({ action: 'read', subjects: many(() => ({ a: 1 }), 200) }), 30),
      }),
    },
    ask('8 MB of escaped text', '/access/v1/evaluation', {
      subject,
      action: { name: 'read' },
      resource: resource(plain, {}),
      x: '\u0001'.repeat(1_300_000),
    }),
  ];
}

const set = await stage({ preload: new URL('./stall_watch.ts', import.meta.url).href });
try {
  await measure();
} finally {
  await set.end();
}
