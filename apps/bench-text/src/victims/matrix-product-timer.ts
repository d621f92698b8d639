import { type Executor, graph, input, matmul } from "@recon/engine";

const extent = 1024;

/** Times the product of two 1024 × 1024 matrices: what a machine makes of its cores at the moment. */
export async function matrixProductTimer(
  executor: Executor,
): Promise<{ readonly time: () => Promise<number>; readonly dispose: () => Promise<void> }> {
  const [a, b] = [input("a", [extent, extent]), input("b", [extent, extent])];
  const program = await executor.compile(graph({ a, b }, { product: matmul(a, b) }));
  const data = Float32Array.from({ length: extent * extent }, (_, i) => ((i * 7919) % 1013) / 1013 - 0.5);
  const values = { a: { shape: [extent, extent], data }, b: { shape: [extent, extent], data } };
  await program.run(values);
  return {
    time: async () => {
      const started = performance.now();
      await program.run(values);
      return performance.now() - started;
    },
    dispose: () => program.dispose(),
  };
}
