/** One way to write a time: milliseconds since 1970 in UTC, or `undefined` for a text that is not written so. */
export type TimeFormat = (text: string) => number | undefined;

const clock = String.raw`(?:[T ,]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?`;
const yearFirst = new RegExp(
  String.raw`^(\d{4})[-/.](\d{1,2})(?:[-/.](\d{1,2})${clock})?\s*(Z|UTC|[+-]\d{2}:?\d{2})?$`,
  "i",
);
const yearLast = new RegExp(String.raw`^(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})${clock}\s*(AM|PM)?$`, "i");
const compact = /^(\d{4})(\d{2})(\d{2})(?:[T ]?(\d{2})(\d{2})(\d{2})?Z?)?$/;

/** 2010-01-31, 2010-01-31T13:00:00Z, 2010/01/31 13:00, 2010-01. Without an offset the time is taken as UTC. */
const iso: TimeFormat = (text) => {
  const found = yearFirst.exec(text);
  if (found === null) return undefined;
  const [, year, month, day = "1", hour = "0", minute = "0", second = "0", fraction = "", zone = "Z"] = found;
  const time = timeOf([year!, month!, day, hour, minute, second].map(Number), fraction);
  return time === undefined ? undefined : time - offsetOf(zone);
};

/** 31.01.2010 13:00, 31/1/10. */
const dayFirst: TimeFormat = (text) => yearLastTime(text, ([first, second]) => [second!, first!]);

/** 1/31/2010 1:00 PM. */
const monthFirst: TimeFormat = (text) => yearLastTime(text, ([first, second]) => [first!, second!]);

/** 20100131, 201001311300, 20100131T130000Z. */
const digitsOnly: TimeFormat = (text) => {
  const found = compact.exec(text);
  if (found === null) return undefined;
  return timeOf(
    found.slice(1, 7).map((part, i) => Number(part ?? (i < 3 ? 1 : 0))),
    "",
  );
};

/** Seconds (10 digits) or milliseconds (13 digits) since 1970. */
const sinceEpoch: TimeFormat = (text) => {
  if (/^\d{10}(\.\d+)?$/.test(text)) return Math.round(Number(text) * 1000);
  return /^\d{13}$/.test(text) ? Number(text) : undefined;
};

/** 2010 */
const yearOnly: TimeFormat = (text) => (/^[12]\d{3}$/.test(text) ? Date.UTC(Number(text), 0) : undefined);

/** Formats that nothing else is written in. */
export const plainFormats: readonly TimeFormat[] = [iso, dayFirst, monthFirst];

/** Formats that other numbers may have too, for columns that are named as times. */
export const numericFormats: readonly TimeFormat[] = [digitsOnly, sinceEpoch, yearOnly];

/** The time that a text says in a plain format. */
export function timeStamp(text: string): number | undefined {
  for (const format of plainFormats) {
    const time = format(text);
    if (time !== undefined) return time;
  }
  return undefined;
}

function yearLastTime(
  text: string,
  monthAndDay: (parts: readonly number[]) => readonly [number, number],
): number | undefined {
  const found = yearLast.exec(text);
  if (found === null) return undefined;
  const [, first, second, year, hour = "0", minute = "0", seconds = "0", fraction = "", half] = found;
  const [month, day] = monthAndDay([Number(first), Number(second)]);
  const century = year!.length === 2 ? (Number(year) < 70 ? 2000 : 1900) : 0;
  const afternoon = half === undefined ? Number(hour) : (Number(hour) % 12) + (half.toUpperCase() === "PM" ? 12 : 0);
  return timeOf([century + Number(year), month, day, afternoon, Number(minute), Number(seconds)], fraction);
}

/** Milliseconds of year, month, day, hour, minute and second; `undefined` for a day or an hour that does not exist. */
function timeOf(parts: readonly number[], fraction: string): number | undefined {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts;
  if (hour > 24 || minute > 59 || second > 60) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  const milliseconds = fraction === "" ? 0 : Math.round(Number(`0.${fraction}`) * 1000);
  return date.getTime() + ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds;
}

/** Milliseconds that a zone such as +02:00 is ahead of UTC. */
function offsetOf(zone: string): number {
  const found = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (found === null) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3]);
  return (found[1] === "-" ? -1 : 1) * minutes * 60_000;
}
