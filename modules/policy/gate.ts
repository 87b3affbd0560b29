import { type App, Aspects, type TerraformStack } from "cdktf";
import type { JsonObject } from "../conformance/document";
import { formatPath, type Issue, ManifestError, type ManifestPath } from "../issues/issue";
import type { EnvironmentPlan, TargetPlan } from "../plan/plan";
import { evaluatePolicies, type PolicyFinding, type SuppressedFinding } from "./evaluate";
import type { Policy } from "./policy";
import { PolicyStack } from "./policy-stack";
import type { Suppression } from "./suppression";

/** One manifest of one environment, whose stacks must pass. */
export interface GatedManifest {
  readonly plan: EnvironmentPlan;
  readonly targets: readonly TargetPlan<unknown>[];
  readonly stacks: readonly (TerraformStack & { readonly component: string })[];
  readonly suppressions: readonly Suppression[];
  /** Whether every target that the manifest declares was synthesized: only then a suppression can be without use. */
  readonly complete: boolean;
  /** The organisation's policies, beside modelport's own. */
  readonly policies: readonly Policy[];
  /** Finds a field of the manifest. */
  readonly locate: (path: ManifestPath) => Pick<Issue, "file" | "line" | "column">;
}

/** A violation that a manifest lets go, as commands show it. */
export interface SuppressedViolation {
  readonly file: string;
  readonly environment: string;
  readonly stack: string | null;
  readonly code: string;
  readonly address: string;
  readonly message: string;
  /** The manifest's reason. */
  readonly reason: string;
}

/** What the policies say of an app. */
export interface PolicyReport {
  /** Warnings; what is an error stops the synthesis. */
  readonly issues: readonly Issue[];
  readonly suppressed: readonly SuppressedViolation[];
}

const gates = new WeakMap<App, PolicyGate>();

/**
 * What every stack of an app passes on its way to its file: all are asked together, so that every violation of every
 * manifest is reported at once, and nothing is written where one is an error.
 */
export class PolicyGate {
  readonly #manifests: GatedManifest[] = [];
  readonly #stacks = new Set<TerraformStack>();
  readonly #documents = new Map<TerraformStack, object>();
  #collecting = false;
  #alone = false;
  #open = false;
  #report: PolicyReport = { issues: [], suppressed: [] };

  private constructor(private readonly app: App) {}

  static of(app: App): PolicyGate {
    const gate = gates.get(app) ?? new PolicyGate(app);
    gates.set(app, gate);
    return gate;
  }

  /** Announces stacks that must pass. */
  expect(manifest: GatedManifest): void {
    this.#manifests.push(manifest);
    for (const stack of manifest.stacks) this.#stacks.add(stack);
  }

  /** Lets everything pass from now on. */
  open(): void {
    this.#open = true;
  }

  /** What the policies said at the last synthesis. */
  get report(): PolicyReport {
    return this.#report;
  }

  /**
   * The document of a stack that is about to be written.
   * @param make renders the stack.
   * @throws {ManifestError} with every error and warning of every manifest.
   */
  pass(stack: TerraformStack, make: () => object): object {
    if (this.#open || this.#collecting || !this.#stacks.has(stack)) return make();
    if (this.#documents.size === 0) this.#alone = this.hasAspects();
    if (this.#alone) return this.passAlone(stack, make);
    if (!this.#documents.has(stack)) this.collect();
    const document = this.#documents.get(stack);
    this.#documents.delete(stack);
    return document ?? make();
  }

  /** The first stack that is written brings all others along; each is rendered once. */
  private collect(): void {
    this.#documents.clear();
    this.#collecting = true;
    try {
      // By the public method, around which others may have put something.
      for (const stack of this.#stacks) this.#documents.set(stack, stack.toTerraform() as object);
      this.judge();
    } catch (error) {
      this.#documents.clear();
      throw error;
    } finally {
      this.#collecting = false;
    }
  }

  /** An aspect may change a stack right before it is written, so that each is only known when its turn comes. */
  private passAlone(stack: TerraformStack, make: () => object): object {
    const document = make();
    this.#documents.set(stack, document);
    if (this.#documents.size < this.#stacks.size) return document;
    try {
      this.judge();
    } finally {
      this.#documents.clear();
    }
    return document;
  }

  private hasAspects(): boolean {
    return this.app.node.findAll().some((node) => Aspects.of(node).all.length > 0);
  }

  private judge(): void {
    const issues: Issue[] = [];
    const suppressed: SuppressedViolation[] = [];
    for (const manifest of this.#manifests) {
      const verdict = evaluatePolicies([...builtInPolicies(), ...manifest.policies], {
        plan: manifest.plan,
        targets: manifest.targets,
        suppressions: manifest.suppressions,
        stacks: manifest.stacks.map(
          (stack) =>
            new PolicyStack(stack.node.id, stack.component, this.#documents.get(stack) as JsonObject),
        ),
      });
      issues.push(...verdict.findings.map((finding) => findingIssue(finding, manifest)));
      if (manifest.complete) issues.push(...verdict.unused.map((index) => unusedIssue(index, manifest)));
      suppressed.push(...verdict.suppressed.map((finding) => shown(finding, manifest)));
    }
    if (issues.some(({ severity }) => severity === "error")) throw new ManifestError(issues);
    this.#report = { issues, suppressed };
  }
}

function builtInPolicies(): readonly Policy[] {
  // Loaded when the first stack is written: nothing else needs them.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  return (require("../../policies") as typeof import("../../policies")).policies;
}

function findingIssue(finding: PolicyFinding, { locate }: GatedManifest): Issue {
  const { code, severity, stack, component, address, message, title, fix, field } = finding;
  const place = stack === null ? address : `${stack} ${address}`;
  return {
    ...(field === null ? { ...locate([]), line: 0, column: 0 } : locate(field)),
    path: field === null ? "" : formatPath(field),
    code,
    severity,
    message: `${place}: ${message}`,
    allowed: title,
    fix: `${fix === null ? "" : `${fix}, or `}suppress it with a reason: policies.suppress: [{ code: ${code}, address: ${address}, reason: ... }]`,
    ...(component === "foundation" ? {} : { target: component }),
  };
}

function unusedIssue(index: number, { locate, suppressions }: GatedManifest): Issue {
  const path: ManifestPath = ["policies", "suppress", index];
  const { code = "", address = null } = suppressions[index] ?? {};
  return {
    ...locate(path),
    path: formatPath(path),
    code: "SUPPRESSION_UNUSED",
    severity: "warning",
    message: `nothing breaks ${code}${address === null ? "" : ` at ${address}`}`,
    fix: "remove it: an exception that nobody needs hides what comes later",
  };
}

function shown(finding: SuppressedFinding, { plan, locate }: GatedManifest): SuppressedViolation {
  const { stack, code, address, message, why } = finding;
  return { file: locate([]).file, environment: plan.environment, stack, code, address, message, reason: why };
}

/** What the policies said of an app when it was last synthesized. */
export function policyReport(app: App): PolicyReport {
  return PolicyGate.of(app).report;
}

/** Lets the stacks of an app be what they are: for what was written, and perhaps deployed, before. */
export function withoutPolicies(app: App): void {
  PolicyGate.of(app).open();
}
