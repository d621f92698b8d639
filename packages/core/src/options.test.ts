import { expect, test } from "vitest";
import { type Checks, checkOptions, flag, integer, listOf, nonEmpty, oneOf, positive, real } from "./options.ts";

interface Options {
  readonly size?: number;
  readonly weight?: number;
  readonly step?: number;
  readonly colour?: boolean;
  readonly path?: string;
  readonly mode?: "skip" | "refuse";
  readonly sizes?: readonly number[];
}

const checks: Checks<Options> = {
  size: integer(1, 9),
  weight: real(0),
  step: positive(),
  colour: flag(),
  path: nonEmpty(),
  mode: oneOf(["skip", "refuse"]),
  sizes: listOf(integer(1), 2),
};
const check = (options: unknown): void => checkOptions("piece", options as Options, checks);

test("accepts what is allowed, and an absent option", () => {
  check({});
  check({ size: 9, weight: 0, step: 0.1, colour: false, path: "a", mode: "skip", sizes: [1, 2] });
  check({ size: undefined });
});

test("an unknown option is named with what there is", () => {
  expect(() => check({ sise: 3 })).toThrow(
    'piece: there is no option "sise". Allowed: size, weight, step, colour, path, mode, sizes.',
  );
  // A name that every object inherits is unknown too.
  expect(() => check({ constructor: 3 })).toThrow('there is no option "constructor"');
});

test.each([
  [{ size: 10 }, 'option "size" must be a whole number from 1 to 9, not 10'],
  [{ size: 1.5 }, 'option "size"'],
  [{ size: "3" }, 'option "size" must be a whole number from 1 to 9, not "3"'],
  [{ weight: -1 }, 'option "weight" must be a number of at least 0'],
  [{ weight: Number.NaN }, 'option "weight"'],
  [{ weight: Number.POSITIVE_INFINITY }, 'option "weight"'],
  [{ step: 0 }, 'option "step" must be a number above 0'],
  [{ colour: 1 }, 'option "colour" must be true or false'],
  [{ path: "" }, 'option "path"'],
  [{ mode: "stop" }, 'option "mode" must be one of "skip", "refuse"'],
  [{ sizes: [3] }, 'option "sizes" must be a list of 2 or more'],
  [{ sizes: [3, "4"] }, 'option "sizes"'],
  [null, "options must be a record"],
  [[], "options must be a record"],
])("refuses %j", (options, message) => {
  expect(() => check(options)).toThrow(
    expect.objectContaining({ code: "bad-option", message: expect.stringContaining(message) }),
  );
});
