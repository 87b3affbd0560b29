import { NAME_PATTERN } from "../manifest/schema";

/** Characters of a manifest's name. */
const LONGEST = 32;

/**
 * A manifest's name from an endpoint's name or logical id: `ChurnEndpoint` is `churn`, `Fraud_Scorer-prod` is
 * `fraud-scorer-prod`. Names that are taken get a number.
 */
export function manifestName(text: string, taken: ReadonlySet<string>): string {
  const slug = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "");
  const short = slug.replace(/-endpoint$/, "");
  const base = cut(
    [short, slug].find((name) => NAME_PATTERN.test(cut(name, LONGEST))) ?? "endpoint",
    LONGEST,
  );
  for (let number = 2; ; number += 1) {
    const suffix = number === 2 && !taken.has(base) ? "" : `-${number}`;
    const name = `${cut(base, LONGEST - suffix.length)}${suffix}`;
    if (!taken.has(name)) return name;
  }
}

function cut(name: string, length: number): string {
  return name.slice(0, length).replace(/-+$/, "");
}
