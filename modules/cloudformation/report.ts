import type { ManifestPath } from "../issues/issue";
import type { Position } from "../manifest/load";

/** A property of a resource, as it is found in the template. */
export interface Place {
  /** Logical id; empty for what belongs to no resource. */
  readonly resource: string;
  /** Below the resource: `Properties.ProductionVariants[0].InstanceType`. Empty for the whole resource. */
  readonly path: string;
  readonly position: Position;
}

/**
 * What it means that something was not carried over: `fill` leaves a gap that the manifest cannot do without, `differs`
 * changes what is deployed, `none` changes nothing.
 */
export type Effect = "fill" | "differs" | "none";

/** Something of the template that stands in the manifest now. */
export interface Carried {
  readonly resource: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** The manifest's field. */
  readonly to: string;
}

/** Something of the template that does not stand in the manifest, or not as it was. */
export interface NotCarried {
  readonly resource: string;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly reason: string;
  readonly effect: Effect;
  /** The manifest's field to fill in. */
  readonly to?: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** The steps of a manifest's path as it is written: `variants[0].image`. Keys have no dots and brackets of their own. */
export function stepsOf(path: string): ManifestPath {
  return [...path.matchAll(/[^.[\]]+|\[(\d+)\]/g)].map(([step, index]) =>
    index === undefined ? step : Number(index),
  );
}

export function placed({ resource, path, position }: Place): Omit<Carried, "to"> {
  return { resource, path, line: position.line, column: position.column };
}

/** `Endpoint.Properties.Tags`, or what there is of it. */
export function nameOf({ resource, path }: { readonly resource: string; readonly path: string }): string {
  return [resource, path].filter((part) => part !== "").join(".");
}

/** In the template's order, which is the one that a reader goes through it. */
export function inOrder<T extends { readonly line: number; readonly column: number }>(
  entries: readonly T[],
): readonly T[] {
  return [...entries].sort((a, b) => a.line - b.line || a.column - b.column);
}
