// A plausible value of a schema, for examples: what must be there, with the first of what may be.

interface Node {
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  format?: string;
  pattern?: string;
  anyOf?: Node[];
  items?: Node;
  not?: Node;
  properties?: Record<string, Node>;
  required?: string[];
  minimum?: number;
  minItems?: number;
}

const FORMATS: Record<string, string> = {
  uuid: '7a0c3f52-9a4e-4c0e-8a55-0c6f2f0f3b11',
  'date-time': '2030-01-01T12:00:00Z',
  date: '2030-01-01',
  uri: 'https://example.org/',
};

export function sampleOf(schema: unknown): unknown {
  const node = schema as Node;
  if (node.const !== undefined) return node.const;
  if (node.default !== undefined) return node.default;
  if (node.enum) return node.enum[0];
  if (node.anyOf) return sampleOf(node.anyOf[0]);
  switch ([node.type].flat()[0]) {
    case 'object':
      return Object.fromEntries(
        (node.required ?? []).map((name) => [name, sampleOf(node.properties?.[name] ?? {})]),
      );
    case 'array':
      return node.items && !node.items.not ? [sampleOf(node.items)] : [];
    case 'integer':
    case 'number':
      return node.minimum ?? 1;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return FORMATS[node.format ?? ''] ?? 'text';
  }
}
