import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TerraformOutput, App } from "cdktf";
import { z } from "zod";
import { defineTarget, limit, ManifestError, ModelDeployment, s3State, type Target } from "../../index";
import { baseManifest, type Json } from "../support/synth";

let outdir: string;
beforeEach(() => {
  outdir = mkdtempSync(join(tmpdir(), "modelport-"));
});
afterEach(() => rmSync(outdir, { recursive: true, force: true }));

const manifest = baseManifest() as never;

/** Synthesizes what `use` adds to an app, and reads a stack of it back. */
function synthesized(use: (app: App) => void): (stack: string) => Json {
  const app = new App({ outdir });
  use(app);
  app.synth();
  return (stack) => JSON.parse(readFileSync(join(outdir, "stacks", stack, "cdk.tf.json"), "utf8")) as Json;
}

/** A target of another package: the smallest that says what it does. */
function plugin(kind: string): Target {
  const none = limit(0, "GPUs", "the plug-in's own", "2026-11-23");
  const plenty = limit(1e12, "of everything", "the plug-in's own", "2026-11-23");
  return defineTarget({
    kind,
    title: "A plug-in",
    platform: "local",
    useCase: "Shows the seam.",
    strengths: [],
    weaknesses: [],
    options: z.strictObject({ greeting: z.string().default("hello") }),
    modes: {
      default: {
        summary: "Writes an output.",
        architectures: ["x86_64"],
        gpu: none,
        cpu: plenty,
        memory: plenty,
        storage: plenty,
        payload: { request: plenty, response: plenty },
        requestDuration: plenty,
        scaling: { policies: {}, minimum: none, fallback: null, instead: "nothing" },
        rollouts: ["all-at-once"],
        secrets: "reference",
        images: "any",
        artifacts: [],
        server: "free",
        dataCapture: false,
        public: false,
      },
    },
    modeOf: () => "default",
    codes: { GREETING_RUDE: { summary: "A rude greeting.", severity: "error" } },
    *check({ options }) {
      if (options.greeting === "hey") {
        yield {
          path: ["targets", kind, "greeting"],
          code: "GREETING_RUDE",
          message: "is rude",
          fix: "say hello",
        };
      }
    },
    needs: () => ({}),
    load: () => ({
      synthesize: (stack, plan) => {
        new TerraformOutput(stack, "greeting", {
          value: `${plan.options.greeting}, ${plan.name}`,
          staticId: true,
        });
      },
    }),
  });
}

test("makes the target's stack and the foundation, which it depends on", () => {
  let deployment: ModelDeployment | undefined;
  const read = synthesized((app) => {
    deployment = new ModelDeployment(app, "fraud", { manifest, target: "lambda" });
  });
  expect(deployment?.stacks.map(({ node }) => node.id)).toEqual(["fraud-scorer-default-lambda"]);
  expect(deployment?.foundation?.node.id).toBe("fraud-scorer-default-foundation");
  expect(deployment?.stacks[0]?.dependencies).toEqual([deployment?.foundation]);
  expect(deployment?.warnings).toEqual([]);
  expect(read("fraud-scorer-default-lambda").resource).toHaveProperty("aws_lambda_alias");
});

test("takes a file, an environment, several targets, and a state of its own", () => {
  const state = s3State({ bucket: "states", region: "eu-west-1", prefix: "ml" });
  const read = synthesized((app) => {
    new ModelDeployment(app, "sentiment", {
      manifest: "examples/sentiment/modelport.yaml",
      target: ["lambda", "docker"],
      env: "prod",
      imageDigest: `sha256:${"d".repeat(64)}`,
      state,
    });
  });
  const lambda = read("sentiment-prod-lambda");
  expect(lambda.terraform.backend.s3).toEqual({
    bucket: "states",
    region: "eu-west-1",
    key: "ml/sentiment-prod-lambda.tfstate",
    encrypt: true,
    use_lockfile: true,
  });
  expect(lambda.data.terraform_remote_state.foundation.config.key).toBe(
    "ml/sentiment-prod-foundation.tfstate",
  );
  expect(lambda).not.toHaveProperty("variable");
  expect(read("sentiment-prod-docker").resource).toHaveProperty("docker_container");
});

test("throws every issue of a manifest at once, and makes no stack", () => {
  const app = new App({ outdir });
  const bad = baseManifest({ name: "No", resources: { cpu: 1, memory: 5 } }) as never;
  expect(() => new ModelDeployment(app, "bad", { manifest: bad, target: "lambda" })).toThrow(ManifestError);
  try {
    new ModelDeployment(app, "worse", { manifest: bad, target: "lambda" });
  } catch (error) {
    expect((error as ManifestError).issues.map(({ code, path }) => `${code} ${path}`)).toEqual([
      "FORMAT name",
      "UNIT resources.memory",
    ]);
  }
  expect(app.node.children.map(({ node }) => node.id)).toEqual(["bad", "worse"]);
});

test("two models of one name in an app are refused, not merged", () => {
  const app = new App({ outdir });
  new ModelDeployment(app, "one", { manifest, target: "lambda" });
  expect(() => new ModelDeployment(app, "two", { manifest, target: "lambda" })).toThrow(/DUPLICATE_STACK/);
});

describe("a target from outside", () => {
  const plugins = [plugin("greeter")];

  test("is chosen, checked and synthesized like any other", () => {
    const read = synthesized((app) => {
      new ModelDeployment(app, "greeted", { manifest, target: "greeter", plugins });
    });
    expect(read("fraud-scorer-default-greeter").output.greeting.value).toBe("hello, fraud-scorer");
  });

  test("has options in the manifest, and what they say stays text", () => {
    const targets = { greeter: { greeting: "hi ${var.secret}" } };
    const read = synthesized((app) => {
      new ModelDeployment(app, "greeted", {
        manifest: baseManifest({ targets }) as never,
        target: "greeter",
        plugins,
      });
    });
    expect(read("fraud-scorer-default-greeter").output.greeting.value).toBe(
      "hi $${var.secret}, fraud-scorer",
    );
  });

  test.each<[Json, string]>([
    [{ greeting: "hey" }, "GREETING_RUDE targets.greeter.greeting"],
    [{ greetng: "hello" }, "UNKNOWN_FIELD targets.greeter.greetng"],
    [{ greeting: 5 }, "TYPE targets.greeter.greeting"],
  ])("reports its own findings: %j", (greeter, expected) => {
    const app = new App({ outdir });
    const given = baseManifest({ targets: { greeter } }) as never;
    let found: readonly string[] = [];
    try {
      new ModelDeployment(app, "greeted", { manifest: given, target: "greeter", plugins });
    } catch (error) {
      found = (error as ManifestError).issues.map(({ code, path }) => `${code} ${path}`);
    }
    expect(found).toEqual([expected]);
  });

  test("is unknown without being named", () => {
    const app = new App({ outdir });
    expect(() => new ModelDeployment(app, "greeted", { manifest, target: "greeter" })).toThrow(
      /UNKNOWN_TARGET/,
    );
  });
});
