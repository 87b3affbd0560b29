import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { FoundationStack } from "../../modules/foundation/foundation-stack";
import { type FoundationNeeds, NO_NEEDS } from "../../modules/foundation/needs";
import { manifestSchema } from "../../modules/manifest/schema";
import { planEnvironment } from "../../modules/plan/environment-plan";
import type { EnvironmentPlan } from "../../modules/plan/plan";
import { seal } from "../../modules/stack/seal";
import { localState } from "../../modules/stack/state";
import { baseManifest, type Json } from "./synth";

export const ACCOUNT = "123456789012";

/** The plan of a small manifest with some changes. */
export function planOf(changes: Json = {}): EnvironmentPlan {
  const { plan, findings } = planEnvironment(manifestSchema.parse(baseManifest(changes)), {
    environment: "default",
    directory: process.cwd(),
    imageDigest: null,
    digestFiles: false,
  });
  if (plan === null) throw new Error(JSON.stringify(findings));
  return plan;
}

/** A synthesized foundation stack with nothing but what is asked for. */
export function foundationOf(needs: Partial<FoundationNeeds>, changes: Json = {}): Json {
  const outdir = mkdtempSync(join(tmpdir(), "foundation-"));
  try {
    const app = new App({ outdir });
    new FoundationStack(app, {
      plan: seal(planOf(changes)),
      needs: { ...NO_NEEDS, ...needs },
      state: localState(),
      foreign: [],
      own: [],
    });
    app.synth();
    const file = join(outdir, "stacks", "fraud-scorer-default-foundation", "cdk.tf.json");
    return JSON.parse(readFileSync(file, "utf8")) as Json;
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

/** A resource without cdktf's metadata. */
export function resource(stack: Json, type: string, name: string): Json {
  const byName = (
    stack.resource as Readonly<Record<string, Readonly<Record<string, Json | undefined>> | undefined>>
  )[type];
  const found = byName?.[name];
  if (found === undefined) throw new Error(`no ${type}.${name}`);
  return Object.fromEntries(Object.entries(found).filter(([key]) => key !== "//"));
}

/** The statements of a policy attribute, by their Sid. */
export function statements(policy: unknown): Readonly<Record<string, Json>> {
  const document = JSON.parse(policy as string) as { Version: string; Statement: Json[] };
  if (document.Version !== "2012-10-17") throw new Error(`a policy of version ${document.Version}`);
  return Object.fromEntries(
    document.Statement.map((statement) => {
      const { Sid, ...rest } = statement;
      return [Sid as string, rest];
    }),
  );
}
