/** A cycle in a graph of `node -> targets`, as the list of its nodes with the first one again at the end; undefined when there is none. */
export function cycleIn(edges) {
  const state = new Map();
  const path = [];
  const visit = (node) => {
    if (state.get(node) === "done") return undefined;
    if (state.get(node) === "open") return [...path.slice(path.indexOf(node)), node];
    state.set(node, "open");
    path.push(node);
    for (const target of edges.get(node) ?? []) {
      const found = visit(target);
      if (found) return found;
    }
    path.pop();
    state.set(node, "done");
    return undefined;
  };
  for (const node of edges.keys()) {
    const found = visit(node);
    if (found) return found;
  }
  return undefined;
}
