import { formatUsd } from "../../prices/price";

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const TWO_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 2 });
const THREE_DIGITS = new Intl.NumberFormat("en-US", { maximumSignificantDigits: 3 });

/** An amount of USD: `$1,234` from a hundred on, `$12.34` below it, `<$0.01`; `$0` is exactly nothing. */
export function money(usd: number): string {
  if (usd < 0) return `-${money(-usd)}`;
  if (usd === 0) return "$0";
  const cents = Math.round(usd * 100);
  if (cents === 0) return "<$0.01";
  return cents >= 10_000 ? `$${WHOLE.format(usd)}` : `$${CENTS.format(cents / 100)}`;
}

/** The price of one unit, in full: `$0.0000166667`. */
export function price(usd: number): string {
  return `$${formatUsd(usd)}`;
}

/** A quantity of a bill or a figure: whole from a thousand on, four digits below it. */
export function quantity(value: number): string {
  if (Math.abs(value) >= 1000) return WHOLE.format(value);
  return value.toLocaleString("en-US", { maximumSignificantDigits: 4 });
}

/** A number of replicas: `2`, `2.3`. */
export function replicas(value: number): string {
  return value >= 10 ? WHOLE.format(value) : value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

/** A quantity with its unit: `730 hours`, `1 GB-month`. */
export function amount(value: number, unit: string): string {
  const plural = value !== 1 && /[a-rt-z]$/.test(unit) && !unit.includes(" ");
  return `${quantity(value)} ${unit}${plural ? "s" : ""}`;
}

/** Requests per second, to three digits. */
export function rate(value: number): string {
  if (value > 0 && value < 0.001) return "<0.001";
  return THREE_DIGITS.format(value);
}

const LARGE = [
  [1e12, "trillion"],
  [1e9, "billion"],
  [1e6, "million"],
] as const;

/** A large number in words: `51.8 million`. */
export function large(value: number): string {
  const found = LARGE.find(([size]) => value >= size * 0.9995);
  return found === undefined ? quantity(value) : `${THREE_DIGITS.format(value / found[0])} ${found[1]}`;
}

/** A share as percent; only an exact 0 or 1 is said to be 0 % or 100 %. */
export function percent(share: number): string {
  const value = share * 100;
  if (value === 0) return "0 %";
  if (value > 0 && value < 0.01) return "<0.01 %";
  if (value < 100 && value > 99.5) return ">99 %";
  return value < 10 ? `${TWO_DIGITS.format(value)} %` : `${WHOLE.format(value)} %`;
}

/** A latency: `4.5 ms`, `180 ms`, `1.4 s`. */
export function latency(milliseconds: number): string {
  if (milliseconds < 10) return `${TWO_DIGITS.format(milliseconds)} ms`;
  if (milliseconds < 999.5) return `${WHOLE.format(milliseconds)} ms`;
  return milliseconds < 59_950
    ? `${THREE_DIGITS.format(milliseconds / 1000)} s`
    : duration(milliseconds / 1000);
}

/** A time in its two largest units: `1 h 20 min`. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${TWO_DIGITS.format(seconds)} s`;
  const whole = Math.floor(seconds);
  const parts = [
    [Math.floor(whole / 86_400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

const BINARY = [
  [2 ** 30, "GiB"],
  [2 ** 20, "MiB"],
  [2 ** 10, "KiB"],
] as const;

/** A number of bytes: `24 KiB`. */
export function bytes(value: number): string {
  const found = BINARY.find(([size]) => value >= size);
  return found === undefined
    ? `${quantity(value)} B`
    : `${THREE_DIGITS.format(value / found[0])} ${found[1]}`;
}

function plainValue(value: string | number | boolean): string {
  if (typeof value === "number")
    return Number.isInteger(value) ? WHOLE.format(value) : THREE_DIGITS.format(value);
  return typeof value === "boolean" ? (value ? "yes" : "no") : value;
}

/** `1 replica`, `2 replicas`. */
export function counted(number: number, noun: string): string {
  return `${WHOLE.format(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** Named numbers in a line: `cpu percent 62, extra USD 88.2`. */
export function named(numbers: Readonly<Record<string, string | number | boolean>>): string {
  return Object.entries(numbers)
    .map(([name, value]) => `${wordsOf(name)} ${plainValue(value)}`)
    .join(", ");
}

function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replace(/\busd\b/g, "USD");
}
