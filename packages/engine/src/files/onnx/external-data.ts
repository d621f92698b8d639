import { closeSync, constants, fstatSync, openSync, readSync, realpathSync } from "node:fs";
import { isAbsolute, relative, resolve, sep } from "node:path";
import { EngineError } from "../../errors.ts";

const refuse = (what: string, reason: string): EngineError =>
  new EngineError("onnx-external", `${what} keeps its data in another file: ${reason}`);

function naturalNumber(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return value;
}

/**
 * Reads the bytes of a tensor that the model keeps in another file (`location`, `offset`, `length`).
 *
 * The location is a path relative to `folder` and must stay inside it after links are followed; only regular files are read, and
 * only as many bytes as the tensor's shape needs.
 *
 * @param size how many bytes the tensor has.
 * @throws EngineError `onnx-external`.
 */
export function readExternal(
  entries: ReadonlyMap<string, string>,
  folder: string | undefined,
  what: string,
  size: number,
): Uint8Array {
  const location = entries.get("location") ?? "";
  if (folder === undefined) {
    throw refuse(
      what,
      `pass the model's folder as \`folder\` to allow reading it, or export the weights inside the model.`,
    );
  }
  const outside = `the path ${JSON.stringify(location.slice(0, 120))} leaves the model's folder, which is not allowed.`;
  if (location === "" || location.includes("\0") || location.includes("\\") || isAbsolute(location)) {
    throw refuse(what, outside);
  }
  let root: string;
  let path: string;
  try {
    root = realpathSync(folder);
    if (leaves(root, resolve(root, location))) throw refuse(what, outside);
    path = realpathSync(resolve(root, location));
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw refuse(what, `${JSON.stringify(location.slice(0, 120))} cannot be found in the model's folder.`);
  }
  if (leaves(root, path)) throw refuse(what, outside);
  const offset = naturalNumber(entries.get("offset"), 0);
  const length = naturalNumber(entries.get("length"), size);
  if (Number.isNaN(offset) || length !== size) {
    throw refuse(
      what,
      `it claims ${entries.get("length")} bytes at ${entries.get("offset")}, where its shape needs ${size}.`,
    );
  }
  return readPart(path, offset, size, what);
}

const leaves = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way === "" || way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way);
};

function readPart(path: string, offset: number, size: number, what: string): Uint8Array {
  let file: number | undefined;
  try {
    // Without O_NONBLOCK, opening a pipe would wait for a writer for ever; some platforms know neither flag.
    file = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0));
    const status = fstatSync(file);
    if (!status.isFile() || offset + size > status.size) {
      throw refuse(what, `it needs ${size} bytes at ${offset}, but the file has ${status.isFile() ? status.size : 0}.`);
    }
    const bytes = new Uint8Array(size);
    let done = 0;
    while (done < size) {
      const read = readSync(file, bytes, done, Math.min(size - done, 2 ** 30), offset + done);
      if (read === 0) throw refuse(what, "the file ended while it was read.");
      done += read;
    }
    return bytes;
  } catch (error) {
    if (error instanceof EngineError) throw error;
    throw refuse(
      what,
      `it cannot be read (${error instanceof Error && "code" in error ? error.code : "unknown reason"}).`,
    );
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
