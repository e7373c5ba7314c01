// The archive of what is erased: a line of JSON for each event, a file a day, on disk before the
// database lets it go. It has the digests' salts too, so that it proves what the log has.
import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { disclosuresOf, leafOf, type LoggedEvent } from '../event/payload_model.ts';

/** Resolves when the events are on disk; a line that is there twice, or cut, was tried twice. */
export async function archive(folder: string, now: Date, events: LoggedEvent[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const name = `erased-${now.toISOString().slice(0, 10)}.jsonl`;
  const lines = events.map((event) => {
    const disclosures = disclosuresOf(event).map(({ text }) => text);
    return `${JSON.stringify({ leaf: leafOf(event), disclosures })}\n`;
  });
  await using file = await open(join(folder, name), 'a', 0o600);
  // A line that a full disk cut short last time is ended first. It throws where not all is written.
  await file.appendFile(`\n${lines.join('')}`);
  await file.sync();
  await using place = await open(folder);
  await place.sync();
}
