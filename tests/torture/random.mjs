// random.mjs - chance that can be repeated: a generator with a seed (mulberry32).

export function random(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const shuffled = (list) => {
    const all = [...list];
    for (let i = all.length - 1; i > 0; i--) {
      const j = Math.floor(next() * (i + 1));
      [all[i], all[j]] = [all[j], all[i]];
    }
    return all;
  };
  return {
    next,
    /** Draws each of `list` once, in any order, before it draws one again. */
    bag(list) {
      let left = [];
      return () => {
        if (!left.length) left = shuffled(list);
        return left.pop();
      };
    },
    /** A whole number from `least` to `most`. */
    whole: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (percent) => next() * 100 < percent,
    pick: (list) => list[Math.floor(next() * list.length)],
    /** One of [[weight, value], ...]. */
    weighted(list) {
      let left = next() * list.reduce((sum, [weight]) => sum + weight, 0);
      return list.find(([weight]) => (left -= weight) < 0)[1];
    },
  };
}
