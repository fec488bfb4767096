// disk.mjs - a file system of limited size that can be filled up; it lives in the run's own namespace.
import { mkdirSync } from 'node:fs';
import { rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { run } from './processes.mjs';

export async function disk(dir, megabytes) {
  mkdirSync(dir, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tmpfs', dir]);
  const ballast = path.join(dir, 'ballast');

  return {
    async fill() {
      const s = await statfs(dir);
      await run('fallocate', ['-l', `${s.bavail * s.bsize}`, ballast]);
    },
    free: () => rm(ballast, { force: true }),
  };
}
