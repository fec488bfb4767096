// vnodes.ts - Preact 10 copies a component's node when the component renders again by itself; the first copy stays in
// its parent's props, and with it, by the links between them, every tree that was drawn since. This lets them go.
import { options } from 'preact';

/** By the names of Preact's package (mangle.json): the same in all of 10, and what @preact/signals builds on. */
interface Node { __c?: { __v: Node } | null; __k: unknown }
interface Hooks { __b?(node: Node): void; diffed?(node: Node): void }

const hooks = options as unknown as Hooks;
const { __b: begin, diffed } = hooks;
const before = new WeakMap<Node, Node>();

hooks.__b = (node) => {
  const old = node.__c?.__v; // only of one that renders by itself
  if (old && old !== node) before.set(node, old);
  begin?.(node);
};

hooks.diffed = (node) => {
  diffed?.(node);
  const old = before.get(node);
  if (old && old.__k !== node.__k) old.__k = null;
  before.delete(node);
};
