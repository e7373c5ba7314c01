// `npm run bench NAME`: runs one of the benches, whose names it prints without one.
const NAMES = {
  tokens: 'token, create, approve and introspection beside stock oidc-provider in memory',
  profile: 'where one act spends its time, by layer; acts by name',
  pages: "the portal's pages with three consents and with 10,000",
  party_log: 'the log of a person with 1,000 rows and with 1,000,000',
  decisions: 'decisions at 5,000,000 mandates beside Cerbos and node-casbin',
  import: 'an import of 100,000 records',
  feed: 'how soon after the answer an act can be read in the feed',
  signals: 'how soon an event is with those who hear of it, at a hundred withdrawals a second',
  status_list:
    'a status list of a million consents: its size, its time, what PostgreSQL reads for it',
  outage: 'what is with those who hear of it after a node was killed and receivers were down',
  log: 'how many events get a place in the log, and how long a proof takes',
  sweeps: 'what sweeps remove while rows are made at the top rate',
  stall: 'the longest hold of the thread',
  mutations: 'twenty thousand requests that are almost right',
  laws: 'the laws of test/laws in a thousand worlds',
  races: 'acts of one moment on two nodes, a thousand times each',
  alike: 'how long doors take that answer alike',
};

const [name] = process.argv.splice(2, 1);
if (name && Object.hasOwn(NAMES, name)) await import(`./${name}.ts`);
else {
  console.error('usage: npm run bench NAME');
  for (const [one, about] of Object.entries(NAMES)) console.error(`  ${one.padEnd(10)} ${about}`);
  process.exitCode = 1;
}
