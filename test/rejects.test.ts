import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { App } from "cdktf";
import { createApp } from "../modules/app/app";
import { baseError } from "../modules/app/base";
import { validateManifests } from "../modules/app/validate";
import { makeOutputFolder } from "../modules/app/project";
import { synthesizeManifests } from "../modules/app/synthesize";
import { ADVICE_CODES, COMPARE_CODES } from "../modules/compare/codes";
import { CODES } from "../modules/issues/codes";
import { type Issue, ManifestError } from "../modules/issues/issue";
import { DATA_LIMITS } from "../modules/manifest/data";
import { synthesizeResolution } from "../modules/deployment/model-deployment";
import { localState } from "../modules/stack/state";
import { targets } from "../targets";
import { greeter } from "./plugins/support";
import { policyCode } from "./policy/support";
import { baseManifest, issues, resolve, synth } from "./support/synth";

const FOLDER = join(__dirname, "rejects");

/** Codes that may stand beside the one that a manifest is made for, because they follow from the same mistake. */
const COMPANIONS: Readonly<Record<string, readonly string[]>> = {
  // Each target says on its own why it cannot carry the manifest.
  NO_TARGET_FITS: ["*"],
  // Serverless inference has rules of its own on what its capabilities already exclude.
  ARCHITECTURE_UNSUPPORTED: ["SAGEMAKER_SERVERLESS_FEATURE"],
  // What is cut off at the depth limit is not what its field takes either.
  YAML_TOO_DEEP: ["TYPE"],
  // Lambda sizes vCPUs by memory, and says so in its own words too.
  CPU_LIMIT: ["LAMBDA_MEMORY"],
  MEMORY_LIMIT: ["LAMBDA_MEMORY"],
};

const documented: Readonly<Record<string, { readonly summary: string; readonly severity: string }>> =
  Object.assign({}, CODES, ...targets.map(({ codes }) => codes));

function comment(text: string, name: string): string | undefined {
  return new RegExp(`^# ${name}: (\\S+)$`, "m").exec(text)?.[1];
}

function rejectOf(file: string): readonly Issue[] {
  const text = readFileSync(join(FOLDER, file), "utf8");
  const target = comment(text, "target");
  const env = comment(text, "env");
  return issues({
    file: join(FOLDER, file),
    ...(target === undefined ? {} : { target }),
    ...(env === undefined ? {} : { env }),
  });
}

/** Runs something in a folder of its own. */
function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "rejects-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function thrown(run: () => unknown): readonly Issue[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ManifestError) return error.issues;
    throw error;
  }
  return [];
}

/** A plug-in of some code, and a manifest that may use it. */
function plugin(code: string, target = "docker"): readonly Issue[] {
  return inFolder((folder) => {
    writeFileSync(join(folder, "plugin.js"), code);
    writeFileSync(join(folder, "m.yaml"), asYaml(baseManifest()));
    return thrown(() =>
      createApp({
        manifests: [join(folder, "m.yaml")],
        targets: [target],
        environment: null,
        outdir: join(folder, "out"),
        context: { modelport: { plugins: [join(folder, "plugin.js")] } },
      }),
    );
  });
}

/** A policy of some code, or none, and a manifest with exceptions that is held to it. */
function policy(code: string | null, suppress: readonly object[] = []): readonly Issue[] {
  return inFolder((folder) => {
    const file = join(folder, "m.yaml");
    writeFileSync(file, asYaml(baseManifest({ policies: { suppress } })));
    if (code !== null) writeFileSync(join(folder, "policy.js"), code);
    const policies = code === null ? [] : [join(folder, "policy.js")];
    let report: readonly Issue[] = [];
    const stopped = thrown(() => {
      const { app, policyReport } = createApp({
        manifests: [file],
        targets: ["docker"],
        environment: null,
        outdir: join(folder, "out"),
        context: { modelport: { policies } },
      });
      app.synth();
      report = policyReport().issues;
    });
    return [...stopped, ...report];
  });
}

const asYaml = (manifest: object) => JSON.stringify(manifest, null, 2);

/** Codes that need more than a file: what provokes them, and whether there is a position in a file to name. */
const BUILT: Readonly<Record<string, { readonly line: boolean; readonly build: () => readonly Issue[] }>> = {
  FILE_UNREADABLE: {
    line: true,
    build: () =>
      inFolder((folder) => {
        writeFileSync(join(folder, "m.yaml"), Buffer.from([0xff, 0xfe, 0x61, 0x00]));
        return issues({ file: join(folder, "m.yaml"), target: "lambda" });
      }),
  },
  FILE_TOO_LARGE: {
    line: true,
    build: () =>
      inFolder((folder) => {
        writeFileSync(join(folder, "m.yaml"), `# ${"x".repeat(DATA_LIMITS.fileBytes)}`);
        return issues({ file: join(folder, "m.yaml"), target: "lambda" });
      }),
  },
  YAML_TOO_LARGE: {
    line: true,
    build: () =>
      issues({ text: asYaml(baseManifest({ tags: Array(DATA_LIMITS.nodes).fill(1) })), target: "lambda" }),
  },
  PATH_OUTSIDE: {
    line: true,
    build: () =>
      inFolder((folder) => {
        mkdirSync(join(folder, "server"));
        symlinkSync("/", join(folder, "server", "root"));
        const text = asYaml(baseManifest({ model: { build: { context: "./server" } } }));
        return issues({ text, directory: folder, target: "lambda" });
      }),
  },
  DUPLICATE_STACK: {
    line: true,
    build: () =>
      inFolder((folder) => {
        const manifests = ["a.yaml", "b.yaml"].map((name) => join(folder, name));
        for (const file of manifests) writeFileSync(file, asYaml(baseManifest()));
        return thrown(() =>
          createApp({ manifests, targets: ["lambda"], environment: null, outdir: join(folder, "out") }),
        );
      }),
  },
  FOUNDATION_MISMATCH: {
    line: true,
    build: () =>
      inFolder((folder) => {
        const manifests = ["a", "b"].map((name) => ({ name, file: join(folder, `${name}.yaml`) }));
        for (const { name, file } of manifests) {
          const network = { cidr: name === "a" ? "10.0.0.0/16" : "10.1.0.0/16" };
          writeFileSync(
            file,
            asYaml(baseManifest({ name: `model-${name}`, foundation: "risk-models", network })),
          );
        }
        return thrown(() =>
          createApp({
            manifests: manifests.map(({ file }) => file),
            targets: ["ecs-fargate"],
            environment: null,
            outdir: join(folder, "out"),
          }),
        );
      }),
  },
  // It is behind every other check: only code of ours that goes around them leads to it.
  FOREIGN_EXPRESSION: {
    line: false,
    build: () =>
      inFolder((folder) => {
        const app = new App({ outdir: folder });
        const { stacks } = synthesizeResolution(
          app,
          resolve({ manifest: baseManifest(), target: "sagemaker-realtime" }),
          localState(),
        );
        stacks[0]?.output("leak", '${file("/etc/passwd")}');
        return thrown(() => app.synth());
      }),
  },
  PROJECT_FILE: {
    line: false,
    build: () =>
      inFolder((folder) => {
        writeFileSync(join(folder, "m.yaml"), asYaml(baseManifest()));
        return thrown(() =>
          createApp({
            manifests: [join(folder, "m.yaml")],
            targets: ["lambda"],
            environment: null,
            outdir: join(folder, "out"),
            context: { modelport: { state: { s3: { region: "eu-west-1" } } } },
          }),
        );
      }),
  },
  // Only seen beside each other: `validate` without an environment.
  ENVIRONMENTS_DIFFER: {
    line: true,
    build: () =>
      inFolder((folder) => {
        const file = join(folder, "modelport.yaml");
        const environments = { test: { observability: { alarms: false } }, prod: {} };
        writeFileSync(file, asYaml(baseManifest({ target: "lambda", environments })));
        return validateManifests([file], { environment: null, targets: null, registry: targets }).issues;
      }),
  },
  BASE_UNREADABLE: {
    line: false,
    build: () => baseError('the repository has no revision "nope"', "name another").issues,
  },
  PLUGIN_UNREADABLE: { line: false, build: () => plugin("throw new Error('no')") },
  PLUGIN_INVALID: { line: false, build: () => plugin("exports.targets = [{ kind: 'nomad' }]") },
  PLUGIN_DUPLICATE: { line: false, build: () => plugin(greeter('kind: "docker",')) },
  PLUGIN_FAILED: {
    line: false,
    build: () => plugin(greeter("check: () => { throw new Error('no') },"), "greeter"),
  },
  POLICY_INVALID: { line: false, build: () => policy("exports.policies = [{ code: 'ACME_NAMES' }]") },
  POLICY_FAILED: {
    line: false,
    build: () => policy(policyCode("checkPlan: () => { throw new Error('no') },")),
  },
  SUPPRESSION_UNUSED: {
    line: true,
    build: () =>
      policy(null, [{ code: "POLICY_LOG_RETENTION", reason: "nothing here keeps any log at all" }]),
  },
  OUTPUT_UNWRITABLE: {
    line: false,
    build: () =>
      inFolder((folder) => {
        writeFileSync(join(folder, "file"), "");
        return thrown(() => makeOutputFolder(join(folder, "file")));
      }),
  },
};

const files = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

describe("rejects", () => {
  test.each(Object.keys(documented).sort())("%s has a manifest or a builder that provokes it", (code) => {
    expect([...files.map((file) => basename(file, ".yaml")), ...Object.keys(BUILT)]).toContain(code);
  });

  test.each(files)("%s is named after a documented code", (file) => {
    expect(Object.keys(documented)).toContain(basename(file, ".yaml").replace(/\..*$/, ""));
  });

  test.each(files)("%s provokes exactly its code, with position, message and a way out", (file) => {
    const code = basename(file, ".yaml").replace(/\..*$/, "");
    const found = rejectOf(file);
    const own = found.filter((issue) => issue.code === code);
    expect(own.length).toBeGreaterThan(0);
    for (const issue of own) {
      expect(issue.line).toBeGreaterThan(0);
      expect(issue.column).toBeGreaterThan(0);
      expect(issue.message.length).toBeGreaterThan(3);
      expect(issue.allowed ?? issue.fix).toEqual(expect.any(String));
      expect(issue.severity).toBe(documented[code]?.severity);
    }
    const companions = COMPANIONS[code] ?? [];
    const others = found.filter((issue) => issue.severity === "error" && issue.code !== code);
    expect(others.filter((issue) => !companions.includes("*") && !companions.includes(issue.code))).toEqual(
      [],
    );
  });

  test.each(Object.entries(BUILT))("%s is provoked by what it needs", (code, { line, build }) => {
    const own = build().filter((issue) => issue.code === code);
    expect(own.length).toBeGreaterThan(0);
    for (const issue of own) {
      expect(issue.line > 0).toBe(line);
      expect(issue.allowed ?? issue.fix).toEqual(expect.any(String));
      expect(issue.severity).toBe(documented[code]?.severity);
    }
  });

  test("every code that is reported is documented", () => {
    for (const issue of files.flatMap(rejectOf)) expect(Object.keys(documented)).toContain(issue.code);
  });

  test("codes of different targets do not collide with each other or the core's", () => {
    const all = [CODES, ...targets.map(({ codes }) => codes)].flatMap((codes) => Object.keys(codes));
    expect(all.filter((code, index) => all.indexOf(code) !== index)).toEqual([]);
  });

  test("every code in the sources is documented", () => {
    const found = sources(["modules", "targets"]).flatMap((text) =>
      [...text.matchAll(/\bcode: "([A-Z][A-Z0-9_]+)"/g)].map((match) => match[1]),
    );
    expect(found.length).toBeGreaterThan(50);
    // What a comparison says of targets, and advises, is no issue of a manifest.
    const known = Object.keys({ ...documented, ...COMPARE_CODES, ...ADVICE_CODES });
    expect([...new Set(found)].filter((code) => !known.includes(code ?? ""))).toEqual([]);
  });

  test("a manifest without fault provokes none", () => {
    expect(issues({ manifest: baseManifest(), target: "sagemaker-realtime" })).toEqual([]);
    expect(Object.keys(synth({ manifest: baseManifest(), target: "sagemaker-realtime" }).stacks)).toEqual([
      "fraud-scorer-default-foundation",
      "fraud-scorer-default-sagemaker-realtime",
    ]);
  });

  test("a manifest at fault leaves no output behind", () => {
    inFolder((folder) => {
      writeFileSync(join(folder, "m.yaml"), asYaml(baseManifest({ name: "NO" })));
      const outdir = join(folder, "out");
      expect(
        thrown(() =>
          synthesizeManifests({
            manifests: [join(folder, "m.yaml")],
            targets: ["lambda"],
            environment: null,
            outdir,
          }),
        ).map(({ code }) => code),
      ).toEqual(["FORMAT"]);
      expect(readdirSync(folder)).toEqual(["m.yaml"]);
    });
  });
});

function sources(folders: readonly string[]): readonly string[] {
  const root = join(__dirname, "..");
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => readFileSync(join(root, folder, name), "utf8")),
  );
}
