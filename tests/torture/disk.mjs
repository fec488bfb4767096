// disk.mjs - a file system of limited size that can be filled up; it lives in the run's own namespace.
import { mkdirSync } from 'node:fs';
import { appendFile, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { run } from './processes.mjs';

export async function disk(dir, megabytes) {
  mkdirSync(dir, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0711`, 'tmpfs', dir]);
  const ballast = path.join(dir, 'ballast');

  return {
    /** To the last byte, also when somebody else writes meanwhile. */
    async fill() {
      for (;;) {
        const { bavail, bsize } = await statfs(dir);
        if (!bavail) return;
        try {
          await appendFile(ballast, Buffer.alloc(Math.min(bavail * bsize, 16 << 20)));
        } catch (e) {
          if (e.code !== 'ENOSPC') throw e;
        }
      }
    },
    free: () => rm(ballast, { force: true }),
  };
}
