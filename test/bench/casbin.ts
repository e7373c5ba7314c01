// node-casbin in process, with as many relations as asked: prints how many it enforces in a second.
import { pathToFileURL } from 'node:url';

const [, , path, count] = process.argv;
const { newEnforcer, newModelFromString, StringAdapter } = (await import(
  pathToFileURL(`${path}/lib/cjs/index.js`).href
)) as any;
const rules = Number(count);
const model = newModelFromString(
  '[request_definition]\nr = sub, dom, obj, act\n[policy_definition]\np = sub, dom, obj, act\n[policy_effect]\ne = some(where (p.eft == allow))\n' +
    '[matchers]\nm = r.sub == p.sub && r.dom == p.dom && r.obj == p.obj && r.act == p.act',
);
const policy = Array.from({ length: rules }, (_, n) => `p, p${n}, f${n}, record, read`).join('\n');
const enforcer = await newEnforcer(model, new StringAdapter(policy));
const started = performance.now();
let done = 0;
while (performance.now() - started < 5_000) {
  const n = Math.floor(Math.random() * rules);
  await enforcer.enforce(`p${n}`, `f${n}`, 'record', 'read');
  done += 1;
}
console.log(String(done / ((performance.now() - started) / 1000)));
