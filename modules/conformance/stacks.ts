import { homedir } from "node:os";
import type { TargetPlan } from "../plan/plan";
import { FOUNDATION, stackName } from "../stack/names";
import { escapeTemplate } from "../stack/seal";
import { blocks, objectAt, resourcesOf, type StackDocument } from "./document";
import type { Problem } from "./problem";

/** What the checks of a synthesized manifest know of it. */
export interface Expected {
  readonly plan: TargetPlan<unknown>;
  /** Folders of this machine, none of which may show in the output. */
  readonly folders: readonly string[];
}

/** The stack of the target, and beside it at most the foundation. */
export function* stackNames(stacks: readonly StackDocument[], { plan }: Expected): Iterable<Problem> {
  const named = (component: string) => stackName(plan.name, plan.environment, component);
  const own = named(plan.target);
  const at = own;
  if (!stacks.some(({ name }) => name === own))
    yield { check: "stack-names", at, message: "the target's stack is missing" };
  for (const { name } of stacks) {
    if (name === own || name === named(FOUNDATION)) continue;
    yield {
      check: "stack-names",
      at: name,
      message: `is neither the target's stack ${own} nor the foundation's`,
    };
  }
}

/** Nothing of the machine that it was written on. */
export function* machinePaths(stack: StackDocument, { folders }: Expected): Iterable<Problem> {
  for (const folder of [process.cwd(), `${homedir()}/`, ...folders]) {
    const index = folder === "/" ? -1 : stack.text.indexOf(folder);
    if (index < 0) continue;
    const around = stack.text.slice(Math.max(0, index - 40), index + folder.length + 40);
    yield {
      check: "machine-paths",
      at: stack.name,
      message: `names a path of this machine: ${JSON.stringify(around)}`,
    };
  }
}

/** Every provider that is used is required in exactly one version. */
export function* pinnedProviders(stack: StackDocument): Iterable<Problem> {
  const required = objectAt(stack.document, "terraform", "required_providers");
  for (const [name, settings] of Object.entries(required)) {
    const { version } = objectAt(settings);
    if (typeof version === "string" && /^(?:= ?)?\d+\.\d+\.\d+$/.test(version)) continue;
    const message = `the provider ${name} is not pinned to one version: ${JSON.stringify(version)}`;
    yield { check: "pinned-providers", at: stack.name, message };
  }
  const used = new Set(resourcesOf(stack).map(({ type }) => type.slice(0, type.indexOf("_"))));
  for (const name of used) {
    if (Object.hasOwn(required, name)) continue;
    yield {
      check: "pinned-providers",
      at: stack.name,
      message: `the provider ${name} is used, but not required`,
    };
  }
}

/** State in a file beside the project, by a relative path, or in S3. */
export function* portableBackend(stack: StackDocument): Iterable<Problem> {
  const backend = objectAt(stack.document, "terraform", "backend");
  const { path } = objectAt(backend, "local");
  const kinds = Object.keys(backend).join();
  if (kinds === "s3") return;
  if (kinds === "local" && typeof path === "string" && path.startsWith("../") && path.endsWith(".tfstate"))
    return;
  const message = `the backend is ${JSON.stringify(backend)}, not a file of a relative path`;
  yield { check: "portable-backend", at: stack.name, message };
}

/** A data source would need an account to plan; only other stacks' states are read. */
export function* noDataSources(stack: StackDocument): Iterable<Problem> {
  for (const type of Object.keys(objectAt(stack.document, "data"))) {
    if (type === "terraform_remote_state") continue;
    yield { check: "no-data-sources", at: stack.name, message: `reads ${type}, which needs an account` };
  }
}

/** The manifest's tags, and modelport's own, on everything that the AWS provider makes. */
export function* defaultTags(stack: StackDocument, { plan }: Expected): Iterable<Problem> {
  const component = stack.name.slice(`${plan.name}-${plan.environment}-`.length);
  const expected = {
    ...Object.fromEntries(
      Object.entries(plan.tags).map(([key, value]) => [escapeTemplate(key), escapeTemplate(value)]),
    ),
    "modelport:model": plan.name,
    "modelport:environment": plan.environment,
    "modelport:component": component,
  };
  for (const provider of blocks(objectAt(stack.document, "provider").aws)) {
    const tags = blocks(provider.default_tags).reduce(
      (all, block) => ({ ...all, ...objectAt(block.tags) }),
      {},
    );
    for (const [key, value] of Object.entries(expected)) {
      if (objectAt(tags)[key] === value) continue;
      yield {
        check: "default-tags",
        at: `${stack.name} provider.aws`,
        message: `lacks the tag ${key}: ${value}`,
      };
    }
  }
}
