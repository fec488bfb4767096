// diary.mjs - what was done to the system, when, and how often: the log that a story quotes.

export function diary() {
  const start = Date.now();
  const entries = [];
  const counts = new Map();

  return {
    start,
    entries,
    counts,
    seconds: () => (Date.now() - start) / 1000,

    note(what) {
      entries.push({ at: Date.now(), what });
    },

    /** Counts a fault of that kind, and notes it. */
    struck(kind, detail = '') {
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      this.note(detail ? `${kind}: ${detail}` : kind);
    },

    /** The lines between two times (Unix ms), as text. */
    between(from, until) {
      return entries.filter((e) => e.at >= from && e.at <= until)
        .map((e) => `${new Date(e.at).toISOString()} ${e.what}`);
    },
  };
}
