import { EngineError } from "../errors.ts";
import { type Arrays, type DType, type NdArray, type Shape, sizeOf, type Tensors } from "../tensor.ts";

const list = (names: readonly string[]): string =>
  names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");

/**
 * Checks concrete arrays against the symbolic inputs that they are meant for.
 *
 * @throws EngineError `missing-input`, `unknown-input`, `wrong-shape`, `wrong-size` or `wrong-dtype`, each naming the input and what was expected.
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
    checkNumbers(name, array, expected[name]!.dtype);
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

/** What the numbers of an input must be, and whether one is. */
const numbersOf: Readonly<Record<DType, { readonly are: string; readonly holds: (value: number) => boolean }>> = {
  float: { are: "numbers in a Float32Array or Float64Array", holds: () => true },
  int: { are: "whole numbers", holds: Number.isSafeInteger },
  bool: { are: "truth values, 0 or 1", holds: (value) => value === 0 || value === 1 },
};

/** Checks that an array holds what its type can express. @throws EngineError `wrong-dtype`. */
function checkNumbers(name: string, { data }: NdArray, dtype: DType): void {
  const { are, holds } = numbersOf[dtype];
  const refuse = (found: string): never => {
    throw new EngineError(
      "wrong-dtype",
      `Input "${name}" has dtype ${dtype}, so it takes ${are}; it was given ${found}.`,
    );
  };
  // JavaScript callers may hand over anything; 64-bit integers cannot become floating-point numbers by themselves.
  const kind: string = Object.prototype.toString.call(data).slice(8, -1);
  if (!/^(?:Float32Array|Float64Array|U?Int\d+Array|Uint8ClampedArray)$/.test(kind)) refuse(`a value of type ${kind}`);
  if (dtype === "float") return;
  const wrong = data.findIndex((value) => !holds(value));
  if (wrong >= 0) refuse(`${data[wrong]} at position ${wrong}`);
}
