// processes.mjs - programs that a run starts: their output goes into a file, their end is noticed.
import { spawn, execFile } from 'node:child_process';
import { once } from 'node:events';
import { openSync, closeSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

const execute = promisify(execFile);

/** Runs a command to its end; its output without the last line's end. */
export async function run(command, args, { seconds = 90 } = {}) {
  try {
    const { stdout } = await execute(command, args, {
      cwd: root, encoding: 'utf8', timeout: seconds * 1000, maxBuffer: 1 << 30,
    });
    return stdout.trimEnd();
  } catch (e) {
    throw new Error(`${path.basename(command)} ${args.join(' ').slice(0, 300)}: ${e.stderr || e.message}`);
  }
}

/** A program in the background. */
export class Program {
  constructor(log, command, args, env) {
    this.log = log;
    const out = openSync(log, 'a');
    this.child = spawn(command, args, { cwd: root, env, stdio: ['ignore', out, out] });
    closeSync(out);
    this.ended = once(this.child, 'exit').then(([code, signal]) => {
      this.end = { code, signal };
      return this.end;
    });
  }

  get alive() {
    return !this.end;
  }

  signal(name) {
    if (this.alive) this.child.kill(name);
  }

  output() {
    return readFileSync(this.log, 'utf8');
  }
}
