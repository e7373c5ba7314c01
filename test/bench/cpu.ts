// How much CPU processes have used, as the kernel counts it (proc(5)). Linux only.
import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of one tick of the kernel's count: USER_HZ is 100 on every architecture. */
const TICK_MILLIS = 10;

const statOf = (pid: string | number): string[] | undefined => {
  try {
    // After the name, which may have spaces.
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
  } catch {
    return undefined;
  }
};

/** Milliseconds that these processes have used so far, all their threads. */
export const cpuOf = (pids: (string | number)[]): number =>
  pids.reduce<number>((sum, pid) => {
    const stat = statOf(pid);
    return sum + (stat ? (Number(stat[11]) + Number(stat[12])) * TICK_MILLIS : 0);
  }, 0);

/** Every process of a PostgreSQL on this machine. */
export const postgresProcesses = (): string[] =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/comm`, 'utf8').trim() === 'postgres';
    } catch {
      return false;
    }
  });
