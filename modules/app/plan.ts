import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { readPlanFile } from "../changes/plan-file";
import type { PlanReport, StackPlan } from "../changes/report";
import { summarize } from "../changes/summary";
import { type FoundationMember, foundationGroups } from "../foundation/members";
import { ExternalError } from "../issues/external-error";
import { formatIssue, ManifestError } from "../issues/issue";
import type { RehearsedStack } from "../offline";
import { type ManyOptions, synthesizeMany } from "../synthesis/many";
import { findTerraform, terraformCommands, type TerraformBinary } from "../terraform/binary";
import type { LivePlan } from "../terraform/live-plan";
import { type Base, findBase } from "./base";
import { isOneManifest, matchManifests } from "./inputs";
import { synthesizeFoundations, synthesizeManifests } from "./synthesize";
import { NOTHING_SYNTHESIZED, type Synthesized, type WrittenStack } from "./synthesized";

export interface PlanOptions extends ManyOptions {
  /** Whether stand-ins take the place of providers, credentials and state. */
  readonly offline: boolean;
  /** A manifest's file or a git revision to compare with; only offline. */
  readonly base: string | null;
  /** What the guard lets go, see {@link GuardOptions}. */
  readonly allow: readonly string[];
  /** Whether Terraform's own text of each plan is wanted. */
  readonly withText: boolean;
  /** Told how far it is. */
  readonly onProgress?: (done: number, stacks: number) => void;
}

/**
 * Synthesizes manifests, lets Terraform plan the stacks, and sums the plans up.
 * @throws {ManifestError} with every issue at once, or where the base cannot be read.
 * @throws {ExternalError} where no Terraform is installed.
 */
export async function planManifests(options: PlanOptions): Promise<PlanReport> {
  const work = mkdtempSync(join(tmpdir(), "modelport-"));
  try {
    const base =
      options.base === null ? null : await findBase(options.base, options.manifests, join(work, "base"));
    const { stacks, leftOut, issues, suppressed, members } = await synthesize(options, base);
    const before = base === null ? null : synthesizeBase(options, base, join(work, "base-out"));
    const terraform = await requireTerraform();
    const progress = progressOf(options, stacks.length);
    const common = { command: terraform.command, withText: options.withText, onStack: progress };
    const { results, filledIn }: Results = options.offline
      ? await offline(stacks, before?.stacks ?? null, join(work, "stages"), common)
      : { results: await live(stacks, common), filledIn: [] };
    return {
      offline: options.offline,
      base: base === null ? null : { name: base.name, commit: base.commit },
      terraform: { product: terraform.product, version: terraform.version },
      stacks: results.map((result) =>
        stackPlan(result, written(result.stack, stacks, before?.stacks ?? []), options.allow),
      ),
      leftOut,
      issues,
      notes: [
        ...(before?.notes ?? []),
        ...suppressedNotes(suppressed),
        ...aloneNotes(options, members),
        ...(filledIn.includes("image_digest")
          ? [PLACEHOLDER_NOTE[base === null ? "plan" : "comparison"]]
          : []),
      ],
    };
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const PLACEHOLDER_NOTE = {
  plan: "a placeholder stands in for the digest of the image that is yet to be built; give it with --image-digest",
  comparison:
    "a placeholder stands in for the digest of the image that is yet to be built, on both sides: a new image does not show unless it is given with --image-digest",
} as const;

/** What the manifests let go is said with the plan, so that whoever reviews the one sees the other. */
function suppressedNotes(suppressed: Synthesized["suppressed"]): readonly string[] {
  if (suppressed.length === 0) return [];
  const codes = [...new Set(suppressed.map(({ code }) => code))].sort();
  const number = `${suppressed.length} policy violation${suppressed.length === 1 ? "" : "s"}`;
  return [`${number} suppressed by the manifest: ${codes.join(", ")}`];
}

/** What one manifest tells of a foundation is not all that is in it. */
function aloneNotes(
  { offline, manifests }: PlanOptions,
  members: readonly FoundationMember[],
): readonly string[] {
  if (!isOneManifest(manifests)) return [];
  return [...foundationGroups(members).keys()].map((stack) =>
    offline
      ? `${stack} is planned as if this manifest were alone in it; other models share it`
      : `${stack} is left out, because other models share it: plan their folder to see it`,
  );
}

/** A manifest that only the base has is one whose stacks are no longer made. */
async function synthesize(options: PlanOptions, base: Base | null): Promise<Synthesized> {
  const manifests = options.manifests.filter(
    (pattern) => matchManifests([pattern]).files.length > 0 || !(base?.matched.includes(pattern) ?? false),
  );
  if (manifests.length === 0) return NOTHING_SYNTHESIZED;
  // Offline, a stack is planned with what its foundation would put out; a live one has been applied.
  return synthesizeMany({ ...options, manifests, ...(options.offline ? { sharedFoundations: "make" } : {}) });
}

/** A base that this release does not accept is none to compare with: said, and everything is planned as new. */
function synthesizeBase(
  options: PlanOptions,
  base: Base,
  outdir: string,
): { readonly stacks: readonly WrittenStack[]; readonly notes: readonly string[] } {
  const rest = { ...options, judged: false, sharedFoundations: "leave" as const };
  // The digest is that of the image to come.
  Reflect.deleteProperty(rest, "imageDigest");
  const stacks: WrittenStack[] = [];
  const notes: string[] = [];
  const members: FoundationMember[] = [];
  for (const [index, file] of base.manifests.entries()) {
    try {
      const made = synthesizeManifests({ ...rest, manifests: [file], outdir: join(outdir, String(index)) });
      stacks.push(...made.stacks.map((stack) => ({ ...stack, manifest: base.nameOf(file) })));
      members.push(...made.members);
    } catch (error) {
      if (!(error instanceof ManifestError)) throw error;
      const [first] = error.issues.filter(({ severity }) => severity === "error");
      const why = first === undefined ? "" : `: ${formatIssue({ ...first, file: base.nameOf(file) })}`;
      notes.push(
        `${base.nameOf(file)} is no valid manifest, so what it made is not compared with, and shows as new${why}`,
      );
    }
  }
  if (members.length > 0) {
    const shared = synthesizeFoundations(members, { ...rest, outdir: join(outdir, "foundations") });
    stacks.push(...shared.stacks.map((stack) => ({ ...stack, manifest: base.nameOf(stack.manifest) })));
  }
  return { stacks, notes };
}

async function requireTerraform(): Promise<TerraformBinary> {
  const found = await findTerraform();
  if (found !== null) return found;
  throw new ExternalError(
    `no Terraform was found: ${terraformCommands(process.env).join(" and ")} did not start`,
    "install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu, or name it in TERRAFORM_BINARY_NAME",
  );
}

interface Common {
  readonly command: string;
  readonly withText: boolean;
  readonly onStack: () => void;
}

interface Results {
  readonly results: readonly (RehearsedStack | LivePlan)[];
  readonly filledIn: readonly string[];
}

async function offline(
  stacks: readonly WrittenStack[],
  base: readonly WrittenStack[] | null,
  workDir: string,
  common: Common,
): Promise<Results> {
  const { rehearse, schemaCacheDir, startOfflineProviders } =
    require("../offline") as typeof import("../offline");
  const session = await startOfflineProviders({ cacheDir: schemaCacheDir() });
  try {
    const rehearsal = await rehearse({
      ...common,
      session,
      stacks: stacks.map(folderOf),
      base: base?.map(folderOf) ?? null,
      workDir,
    });
    return { results: rehearsal.stacks, filledIn: rehearsal.filledIn };
  } finally {
    await session.dispose();
  }
}

function live(stacks: readonly WrittenStack[], common: Common): Promise<readonly LivePlan[]> {
  const { planLive } = require("../terraform/live-plan") as typeof import("../terraform/live-plan");
  return planLive({ ...common, stacks: stacks.map(folderOf) });
}

function folderOf({ file }: WrittenStack): string {
  return dirname(file);
}

function written(
  name: string,
  stacks: readonly WrittenStack[],
  before: readonly WrittenStack[],
): WrittenStack {
  const found = [...stacks, ...before].find(({ stack }) => stack === name);
  if (found === undefined) throw new Error(`no stack ${name} was written`);
  return found;
}

function stackPlan(
  result: RehearsedStack | LivePlan,
  { stack, component, manifest, environment }: WrittenStack,
  allow: readonly string[],
): StackPlan {
  const removed = "removed" in result && result.removed;
  const identity = { stack, target: component, manifest, environment, removed };
  const nothing = { create: 0, update: 0, replace: 0, delete: 0, outputs: [], changes: [], guard: [] };
  switch (result.outcome) {
    case "unchanged":
      return { ...identity, ...nothing, error: null, text: null };
    case "failed":
      return { ...identity, ...nothing, error: terraformMessage(result.message), text: null };
    case "blocked":
      return {
        ...identity,
        ...nothing,
        error:
          "reads outputs that another stack has yet to make: apply the foundation stack first, or plan --offline",
        text: null,
      };
    case "planned": {
      const changes = summarize(readPlanFile(result.plan), {
        stack,
        allow,
        preventDestroy: "preventDestroy" in result ? result.preventDestroy : [],
      });
      // No apply destroys a stack that is no longer made: its own `terraform destroy` has to be asked for.
      return {
        ...identity,
        ...changes,
        ...(removed ? { guard: [] } : {}),
        error: null,
        text: result.text,
      };
    }
  }
}

/** Terraform's diagnostics without their frame, and without the folder of the copy that it ran in. */
function terraformMessage(stderr: string): string {
  return stderr
    .split("\n")
    .map((line) => line.replace(/^[│╷╵] ?/, "").trimEnd())
    .join("\n")
    .trim();
}

function progressOf({ onProgress }: PlanOptions, stacks: number): () => void {
  let done = 0;
  return () => onProgress?.(++done, stacks);
}
