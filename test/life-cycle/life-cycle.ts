import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPlanFile } from "../../modules/changes/plan-file";
import { summarize, type ResourceChange, type StackChanges } from "../../modules/changes/summary";
import { resolveCase, resourcesOf, writeStacks, type StackDocument } from "../../modules/conformance";
import { runTerraform, startOfflineProviders, type OfflineSession } from "../../modules/offline";
import { FOUNDATION } from "../../modules/stack/names";
import { targets } from "../../targets";
import { CACHE, describeWithTerraform } from "../offline/support";
import { EXAMPLES_BY_ENVIRONMENT } from "../support/examples";
import { REPLACED } from "../support/replaced";
import { ReleasedModel, type LifeCase, type Version } from "./release";

/** About thirty runs of Terraform, beside whatever else the machine does. */
const TIMEOUT_MS = 5 * 60_000;

/** Types that a manifest's `security.deletionProtection` puts under `prevent_destroy`. */
const PREVENTED = ["aws_ecr_repository", "aws_kms_key", "aws_s3_bucket"];

/** The services' own protection against deletion, which the same field turns on and off in place. */
const SERVICE_PROTECTION = ["deletion_protection", "enable_deletion_protection"];

/**
 * Tests every example, in every environment, on one target: real Terraform carries its stacks, as they were
 * synthesized, from their creation to their end.
 */
export function testLives(kind: string): void {
  const cases = EXAMPLES_BY_ENVIRONMENT.map(([name, shown, example, environment]) => ({
    name: `${name} in ${shown}`,
    given: { example, target: kind, environment },
  })).filter(({ given }) => isCarried(given));

  describeWithTerraform(`the real terraform, offline, on ${kind}`, () => {
    let session: OfflineSession;
    let folder: string;
    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "life-cycle-"));
      session = await startOfflineProviders({ cacheDir: CACHE });
    });
    afterAll(async () => {
      await session.dispose();
      rmSync(folder, { recursive: true, force: true });
    });

    test.each(cases)(
      "$name is created, left alone, released, protected and destroyed",
      async ({ name, given }) => {
        await live(new Life(session, given, join(folder, name.replace(/ /g, "-"))));
      },
      TIMEOUT_MS,
    );
  });
}

function isCarried({ example, target, environment }: LifeCase): boolean {
  const { issues } = resolveCase({ registry: targets, target, environment, manifest: example.file });
  return issues.every(({ severity }) => severity !== "error");
}

async function live(life: Life): Promise<void> {
  for (const stack of life.write("first")) {
    await stack.quietly("init");
    await stack.quietly("validate");
    const { create, update, replace, delete: deleted } = await stack.changes();
    expect({ stack: stack.name, create, update, replace, deleted }).toEqual({
      stack: stack.name,
      create: stack.resources.length,
      update: 0,
      replace: 0,
      deleted: 0,
    });
    await stack.apply();
  }
  for (const stack of life.stacks) await stack.settled();

  for (const stack of life.write("next")) {
    const { guard, changes } = await stack.changes();
    expect(guard).toEqual([]);
    for (const { address, type, actions } of changes.filter(goes)) {
      expect({ address, actions }).toEqual({ address, actions: REPLACED[type] });
    }
    await stack.apply();
  }

  const lastFirst = [...life.stacks].reverse();
  for (const stack of lastFirst) {
    const kept = stack.resources.filter(({ type }) => PREVENTED.includes(type)).map(({ address }) => address);
    if (kept.length === 0) continue;
    const refused = await stack.refusedToDestroy();
    // Terraform names the first ones that it meets: a key goes after all that is encrypted with it.
    expect(refused.length).toBeGreaterThan(0);
    expect(kept).toEqual(expect.arrayContaining([...refused]));
  }
  for (const stack of life.write("unprotected")) {
    // Nothing else is left to do: the release had converged, too.
    const protecting = stack.resources.filter(({ config }) =>
      SERVICE_PROTECTION.some((name) => config[name] !== undefined),
    );
    const changes = protecting.length === 0 ? [] : (await stack.changes()).changes;
    expect(
      changes.map(({ address, action, attributes }) => ({ address, action, own: attributes.every(isOwn) })),
    ).toEqual(protecting.map(({ address }) => ({ address, action: "update", own: true })));
    if (protecting.length > 0) await stack.apply();
    else await stack.settled();
  }
  for (const stack of lastFirst) {
    await stack.terraform("destroy", "-auto-approve", ...stack.variables);
    expect(stack.left()).toEqual([]);
  }
}

function goes({ actions }: ResourceChange): boolean {
  return actions.includes("delete");
}

function isOwn(attribute: string): boolean {
  return SERVICE_PROTECTION.includes(attribute);
}

/** The stacks of one model, rewritten in place with each version. */
class Life {
  private readonly model: ReleasedModel;
  private readonly out: string;
  /** As they were written last, what others read first. */
  stacks: readonly Stack[] = [];

  constructor(
    private readonly session: OfflineSession,
    given: LifeCase,
    folder: string,
  ) {
    this.model = new ReleasedModel(given, join(folder, "model"));
    // Below the project, where the stacks' own backend puts the states: beside the output.
    this.out = join(folder, "project", "cdktf.out");
  }

  write(version: Version): readonly Stack[] {
    const digest = this.model.imageDigest(version);
    const documents = writeStacks(this.model.resolve(version), this.out);
    const isFoundation = ({ name }: StackDocument) => name.endsWith(`-${FOUNDATION}`);
    this.stacks = [...documents]
      .sort((a, b) => Number(isFoundation(b)) - Number(isFoundation(a)))
      .map((document) => new Stack(this.session, join(this.out, "stacks", document.name), document, digest));
    return this.stacks;
  }
}

const PLAN_FILE = "plan.bin";

/** One stack in the folder that it was synthesized to, with the backend that it was synthesized with. */
class Stack {
  readonly name: string;
  readonly resources: ReturnType<typeof resourcesOf>;
  readonly variables: readonly string[];

  constructor(
    private readonly session: OfflineSession,
    private readonly dir: string,
    document: StackDocument,
    imageDigest: string,
  ) {
    this.name = document.name;
    this.resources = resourcesOf(document);
    this.variables = "variable" in document.document ? [`-var=image_digest=${imageDigest}`] : [];
  }

  /** Runs what must succeed. @returns what it prints */
  async terraform(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args);
    if (exitCode !== 0) throw this.failure(args, stderr + stdout);
    return stdout;
  }

  /** Runs what must succeed without a warning. */
  async quietly(...args: string[]): Promise<void> {
    const { exitCode, stdout, stderr } = await this.run(args);
    if (exitCode !== 0 || /^\W*Warning: /m.test(stdout + stderr)) throw this.failure(args, stderr + stdout);
  }

  /** Plans what must change something. */
  async changes(): Promise<StackChanges> {
    const args = ["plan", "-detailed-exitcode", `-out=${PLAN_FILE}`, ...this.variables];
    const { exitCode, stdout, stderr } = await this.run(args);
    if (exitCode !== 2 || /^\W*Warning: /m.test(stdout + stderr)) throw this.failure(args, stderr + stdout);
    const plan = readPlanFile(JSON.parse(await this.terraform("show", "-json", PLAN_FILE)));
    return summarize(plan, { stack: this.name, allow: [], preventDestroy: [] });
  }

  /** Plans what must change nothing. */
  async settled(): Promise<void> {
    await this.quietly("plan", "-detailed-exitcode", ...this.variables);
  }

  /** Applies what was planned last. */
  async apply(): Promise<void> {
    await this.terraform("apply", PLAN_FILE);
  }

  /** Tries to destroy what is protected. @returns the addresses that Terraform refuses to destroy */
  async refusedToDestroy(): Promise<readonly string[]> {
    const args = ["plan", "-destroy", ...this.variables];
    const { exitCode, stdout, stderr } = await this.run(args);
    if (exitCode !== 1 || !stderr.includes("Error: Instance cannot be destroyed"))
      throw this.failure(args, stderr + stdout);
    return [...stderr.matchAll(/Resource (\S+) has lifecycle\.prevent_destroy\s/g)].flatMap(
      ([, address = ""]) => address,
    );
  }

  /** What the state still holds. */
  left(): readonly unknown[] {
    const file = join(this.dir, "..", "..", "..", `terraform.${this.name}.tfstate`);
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly resources: readonly unknown[] }).resources;
  }

  private run(args: readonly string[]) {
    return runTerraform(this.session, this.dir, [...args, "-no-color"]);
  }

  private failure(args: readonly string[], said: string): Error {
    return new Error(`terraform ${args.join(" ")} in ${this.name}:\n${said}`);
  }
}
