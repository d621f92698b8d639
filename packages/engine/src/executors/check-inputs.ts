import { EngineError } from "../errors.ts";
import { type Arrays, type NdArray, type Shape, sizeOf, type Tensors } from "../tensor.ts";

const list = (names: readonly string[]): string =>
  names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");

/**
 * Checks concrete arrays against the symbolic inputs that they are meant for.
 *
 * @throws EngineError `missing-input`, `unknown-input`, `wrong-shape` or `wrong-size`, each naming the input and what was expected.
 */
export function checkInputs(expected: Tensors, arrays: Arrays): void {
  const names = Object.keys(expected);
  for (const name of names) {
    const array = arrays[name];
    if (array === undefined) {
      throw new EngineError(
        "missing-input",
        `Input "${name}" is missing. The program takes ${list(names)}; it was given ${list(Object.keys(arrays))}.`,
      );
    }
    checkArray(name, array, expected[name]!.shape);
  }
  for (const name of Object.keys(arrays)) {
    if (!Object.hasOwn(expected, name)) {
      throw new EngineError("unknown-input", `There is no input "${name}". The program takes ${list(names)}.`);
    }
  }
}

/** Checks one array's shape and size. @throws EngineError `wrong-shape` or `wrong-size`. */
export function checkArray(name: string, array: NdArray, shape: Shape): void {
  if (array.shape.length !== shape.length || array.shape.some((extent, axis) => extent !== shape[axis])) {
    throw new EngineError(
      "wrong-shape",
      `Input "${name}" has shape [${array.shape.join(", ")}]; the program expects [${shape.join(", ")}].`,
    );
  }
  if (array.data.length !== sizeOf(shape)) {
    throw new EngineError(
      "wrong-size",
      `Input "${name}" holds ${array.data.length} numbers; its shape [${shape.join(", ")}] needs ${sizeOf(shape)}.`,
    );
  }
}
