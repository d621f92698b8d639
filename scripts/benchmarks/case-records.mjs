/**
 * What is kept of a run of a benchmark: one record a case, made of its lines, so that tables need no others.
 *
 * @param {string} text the JSON lines of one call with `--json` or `--save`
 * @param {object} facts what the lines do not know: date, commit, machine
 * @returns {object[]} the summary of every case with its attack, floor, certificates and errors
 */
export function caseRecords(text, facts) {
  const records = [];
  let items = [];
  for (const line of parsed(text)) {
    if (!line.summary) {
      if (items[0] !== undefined && items[0].case !== line.case) items = [];
      items.push(line);
      continue;
    }
    if (line.quick) throw new RangeError(`${line.case} was run with --quick, which measures nothing.`);
    records.push({ ...line, ...factsOfItems(items), ...facts });
    items = [];
  }
  return records;
}

/** @param {string} text */
export function parsed(text) {
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line));
}

/** New records take the place of old ones of the same case and observation; the order is that of the new ones, then what is left. */
export function replaced(old, records) {
  const key = (record) => `${record.suite} ${record.case} ${record.observation}`;
  const names = new Set(records.map(key));
  return [...records, ...old.filter((record) => !names.has(key(record)))];
}

function factsOfItems(items) {
  if (items.length === 0) return {};
  const done = items.filter(({ error }) => error === undefined);
  const certificates = {};
  for (const { certificate } of done) certificates[certificate] = (certificates[certificate] ?? 0) + 1;
  const floors = Object.fromEntries(
    Object.keys(done[0]?.floor ?? {}).map((name) => [
      name,
      median(done.map(({ floor }) => floor?.[name] ?? Number.NaN)),
    ]),
  );
  const floorNames = distinct(done.map(({ floor_name }) => floor_name));
  const errors = distinct(items.map(({ error }) => error));
  return {
    attack: distinct(items.map(({ attack }) => attack)).join(", "),
    certificates,
    ...(Object.keys(floors).length > 0 && { floor: floors }),
    ...(floorNames.length > 0 && { floor_names: floorNames }),
    ...(errors.length > 0 && { failed: items.length - done.length, errors }),
  };
}

const distinct = (values) => [...new Set(values.filter((value) => value !== undefined && value !== ""))];

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
}
