// Starts the world once for all files, and ends it.
import { startWorld, world } from './world.ts';

export const mochaHooks = {
  async beforeAll() {
    await startWorld();
  },
  async afterAll() {
    await world?.stop();
  },
};
