// A process that is started with this before everything else has a clock that runs ahead, by so
// many milliseconds as CLOCK_AHEAD says.
const Real = Date;
const ahead = Number(process.env.CLOCK_AHEAD);

globalThis.Date = new Proxy(Real, {
  construct: (target, given: [], own) =>
    Reflect.construct(target, given.length ? given : [target.now() + ahead], own),
  get: (target, name) =>
    name === 'now' ? () => target.now() + ahead : (Reflect.get(target, name) as unknown),
});
