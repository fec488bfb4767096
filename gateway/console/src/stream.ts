// stream.ts - what happens at the account, as it happens: one stream of server-sent events that resumes
// where it was cut. Read with fetch(), since EventSource sends no Authorization.
import { signal } from '@preact/signals';
import { caller } from './api';

/** `since` is when this page last heard of the gateway; while not `live`, what it shows may be old. null: not yet tried. */
export const line = signal<{ live: boolean | null; since: number }>({ live: null, since: Date.now() });

export interface Heard {
  type: string; // party.changed, message.delivered, ...
  data: unknown; // what it is about, as it is now; null when that is gone
}

export interface Listener {
  heard(event: Heard): void;
  /** Events were missed: all that was read has to be read again. Also at the beginning. */
  missed(): void;
}

const SILENT_MS = 40_000; // the gateway sends something every 15 s
const AGAIN_MS = [500, 1000, 2000, 4000, 8000];

const sleep = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    const now = () => { clearTimeout(timer); resolve(); };
    signal.addEventListener('abort', now);
    addEventListener('online', now, { once: true });
  });

/** Takes complete events off the front of `text`; returns the rest. */
export function takeEvents(text: string, take: (fields: Record<string, string>) => void): string {
  const blocks = text.split('\n\n');
  const rest = blocks.pop() ?? '';
  for (const block of blocks) {
    const fields: Record<string, string> = {};
    for (const row of block.split('\n')) {
      const [, name, value] = /^([a-z]+): ?(.*)$/.exec(row) ?? [];
      if (name) fields[name] = value ?? '';
    }
    take(fields);
  }
  return rest;
}

class Stream {
  private stop = new AbortController();
  private place = '';

  constructor(private listener: Listener) {
    void this.run();
  }

  close() {
    this.stop.abort();
  }

  private heard(): void {
    line.value = { live: true, since: Date.now() };
  }

  private lost(): void {
    if (line.value.live !== false) line.value = { ...line.value, live: false };
  }

  private take(fields: Record<string, string>): void {
    if (fields.id) this.place = fields.id;
    if (fields.event === 'hello' || fields.event === 'reset') this.listener.missed();
    else if (fields.event !== 'end' && fields.data) // after an end, whoever has to leave is told when it asks again
      this.listener.heard(JSON.parse(fields.data) as Heard);
  }

  /** Reads until the stream ends or is silent for too long. */
  private async read(): Promise<void> {
    const cut = new AbortController();
    const end = () => cut.abort();
    let timer = setTimeout(end, SILENT_MS);
    this.stop.signal.addEventListener('abort', end);
    addEventListener('offline', end);
    try {
      const response = await fetch('/v1/events', {
        headers: { authorization: `Bearer ${caller.token}`, ...(this.place && { 'last-event-id': this.place }) },
        signal: cut.signal,
      });
      if (response.status === 401) caller.turnedAway();
      if (!response.ok || !response.body) return;
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return;
        clearTimeout(timer);
        timer = setTimeout(end, SILENT_MS);
        this.heard();
        text = takeEvents(text + value, (fields) => this.take(fields));
      }
    } catch {
      // cut: run() comes back to where it was
    } finally {
      clearTimeout(timer);
      this.stop.signal.removeEventListener('abort', end);
      removeEventListener('offline', end);
    }
  }

  private async run(): Promise<void> {
    for (let tries = 0; !this.stop.signal.aborted; tries++) {
      const began = Date.now();
      await this.read();
      if (this.stop.signal.aborted) return;
      this.lost();
      if (Date.now() - began > 10_000) tries = 0;
      await sleep(AGAIN_MS[Math.min(tries, AGAIN_MS.length - 1)]!, this.stop.signal);
    }
  }
}

/** Listens until close() is called. */
export const listen = (listener: Listener): { close(): void } => new Stream(listener);
