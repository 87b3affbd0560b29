import type { FoundationMember } from "../foundation/members";
import type { Issue } from "../issues/issue";
import type { SuppressedViolation } from "../policy/gate";

/** A stack as it was written. */
export interface WrittenStack {
  readonly stack: string;
  /** The target's kind, or `foundation`. */
  readonly component: string;
  /** The manifest that it comes from. */
  readonly manifest: string;
  readonly environment: string;
  /** Path of its JSON. */
  readonly file: string;
  readonly resources: number;
}

/** A target that `all` left out of a manifest, because it cannot carry it. */
export interface LeftOut {
  readonly manifest: string;
  readonly target: string;
}

/** What is needed to tell later whether a manifest would still lead to the same. */
export interface SynthesizedSource {
  readonly manifest: string;
  readonly nameAt: Pick<Issue, "file" | "line" | "column">;
  /** Files and folders of this machine that it names. */
  readonly inputs: readonly string[];
}

/** What was synthesized. */
export interface Synthesized {
  readonly stacks: readonly WrittenStack[];
  readonly leftOut: readonly LeftOut[];
  readonly issues: readonly Issue[];
  /** Violations of policies that the manifests let go. */
  readonly suppressed: readonly SuppressedViolation[];
  readonly sources: readonly SynthesizedSource[];
  /** What the manifests bring to the foundations that they share. */
  readonly members: readonly FoundationMember[];
  /** Names of the foundations that they share and that are not made, because one manifest does not tell what is in them. */
  readonly leftAlone: readonly string[];
}

/** Nothing at all. */
export const NOTHING_SYNTHESIZED: Synthesized = Object.freeze({
  stacks: [],
  leftOut: [],
  issues: [],
  suppressed: [],
  sources: [],
  members: [],
  leftAlone: [],
});
