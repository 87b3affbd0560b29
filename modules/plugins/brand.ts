import { version } from "../../package.json";

/** Known to every installed copy of modelport: a plug-in may bring its own. */
const MADE_BY = Symbol.for("modelport.target");

/** Marks a target with the version of the modelport that made it. */
export function branded<T extends object>(target: T): T {
  return Object.assign(target, { [MADE_BY]: version });
}

/** Version of the modelport whose `defineTarget` made a value; undefined for anything else. */
export function madeBy(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const mark: unknown = Reflect.get(value, MADE_BY);
  return typeof mark === "string" ? mark : undefined;
}
