// Preloaded by `npm run mutants:rules`: serves one file with one rule of it taken out.
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

const { file, from, to } = JSON.parse(process.env.RULE_OUT!) as Record<string, string>;

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    if (!url.startsWith('file:') || !fileURLToPath(url.split('?')[0]!).endsWith(`/${file}`))
      return loaded;
    const source = String(loaded.source);
    if (!source.includes(from!)) throw new Error(`${file} does not have ${from}`);
    return { ...loaded, source: source.replace(from!, () => to!) };
  },
});
