// The stand-ins that have no public format: lines in Tillit's feed format, and a health register
// that is asked live about powers of attorney it keeps for itself.
import type { Answer } from './shapes.ts';

export interface Line {
  seq: number;
  op: string;
  from: string;
  to?: string;
  code: string;
  validFrom?: string;
  validTo?: string;
  omfang?: string;
  type?: string;
  /** For `rettslig-handleevne`: the task that it is about. */
  matter?: string;
}

export class Feed {
  readonly lines: Line[] = [];

  /** A line that happens now; with `seq` as it is given, to play a feed that is wrong. */
  append({ seq, ...line }: Omit<Line, 'seq'> & { seq?: number }): void {
    this.lines.push({ seq: seq ?? (this.lines.at(-1)?.seq ?? 0) + 1, ...line });
  }

  /** The lines that hold now for a party: the last of each that did not end. */
  private holding(party: string | null): Line[] {
    const last = new Map<string, Line>();
    for (const line of this.lines)
      if (line.from === party) last.set([line.to, line.code, line.matter].join(' '), line);
    return [...last.values()].filter(({ op }) => op === 'upsert');
  }

  get(path: string, query: URLSearchParams): Answer {
    switch (path) {
      case '/health':
        return { body: { healthy: true } };
      case '/latest':
        return { body: { seq: this.lines.at(-1)?.seq ?? 0 } };
      case '/feed':
        return {
          body: {
            lines: this.lines
              .filter((line) => line.seq > Number(query.get('after') ?? 0))
              .slice(0, Number(query.get('limit') ?? 500)),
          },
        };
      case '/parties':
        return {
          body: {
            parties: [...new Set(this.lines.map(({ from }) => from))]
              .filter((one) => typeof one === 'string' && one > (query.get('after') ?? ''))
              .filter((one) => this.holding(one).length)
              .sort()
              .slice(0, Number(query.get('limit') ?? 1_000)),
          },
        };
      case '/lookup':
        return { body: { lines: this.holding(query.get('party')) } };
      default:
        return { status: 404 };
    }
  }
}

export interface HealthMandate {
  from: string;
  to: string;
  code: string;
  text: string;
}

export class Health {
  mandates: HealthMandate[] = [];

  change({ mandates }: { mandates: HealthMandate[] }): void {
    this.mandates = mandates;
  }

  post(path: string, { from, to, code, party }: Record<string, string>): Answer {
    if (path === '/decide')
      return {
        body: {
          permit: this.mandates.some(
            (one) => one.from === from && one.to === to && one.code === code,
          ),
        },
      };
    if (path === '/describe')
      return {
        body: {
          mandates: this.mandates
            .filter((one) => one.from === party || one.to === party)
            .map((one) => ({ ...one, editUrl: 'http://127.0.0.1:3004/helse' })),
        },
      };
    return { status: 404 };
  }
}
