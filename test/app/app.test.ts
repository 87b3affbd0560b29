import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp, optionsFromEnvironment } from "../../modules/app/app";
import { describeTargets, targetsTable } from "../../modules/app/describe-targets";
import { findManifests, matchManifests } from "../../modules/app/inputs";
import { validateManifests } from "../../modules/app/validate";
import { ManifestError } from "../../modules/issues/issue";
import { targets } from "../../targets";
import { baseManifest } from "../support/synth";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "app-"))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, manifest: object | string = baseManifest({ target: "lambda" })) => {
  const file = join(folder, name);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, typeof manifest === "string" ? manifest : JSON.stringify(manifest));
  return file;
};

describe("optionsFromEnvironment", () => {
  test.each([
    [{}, { manifests: ["modelport.yaml"], targets: null, environment: null }],
    [
      { MODELPORT_MANIFEST: "", MODELPORT_TARGET: "", MODELPORT_ENV: "" },
      { manifests: ["modelport.yaml"], targets: null, environment: null },
    ],
    [
      { MODELPORT_MANIFEST: "m/*.yaml", MODELPORT_TARGET: "lambda, eks", MODELPORT_ENV: "prod" },
      { manifests: ["m/*.yaml"], targets: ["lambda", "eks"], environment: "prod" },
    ],
    [{ MODELPORT_TARGET: "all" }, { manifests: ["modelport.yaml"], targets: ["all"], environment: null }],
    [{ MODELPORT_TARGET: " , " }, { manifests: ["modelport.yaml"], targets: null, environment: null }],
  ])("%j", (env, options) => {
    expect(optionsFromEnvironment(env)).toEqual(options);
  });
});

describe("manifests", () => {
  test("by file, folder and glob, sorted, each once", () => {
    const [b, a] = [write("b.yaml"), write("a.yaml")];
    expect(findManifests([b, a, b])).toEqual([a, b]);
    expect(findManifests([join(folder, "*.yaml")])).toEqual([a, b]);
    expect(findManifests([folder])).toEqual([a, b]);
  });

  test("a folder's own manifest stands for it", () => {
    const own = write("modelport.yaml");
    write("other.yaml");
    expect(findManifests([folder])).toEqual([own]);
  });

  test("what is no manifest, or not ours, is left out of a folder", () => {
    const nested = write("deep/er/m.yml");
    write("compose.yaml", "services: {}\n");
    write("node_modules/x/m.yaml");
    write("cdktf.out/m.json");
    mkdirSync(join(folder, "folder.yaml"));
    symlinkSync("nowhere", join(folder, "broken.yaml"));
    expect(findManifests([folder])).toEqual([nested]);
  });

  test("every pattern that matches nothing is named", () => {
    const file = write("a.yaml");
    const { files, missing } = matchManifests(["none.yaml", file, "no/*.yaml"]);
    expect(files).toEqual([file]);
    expect(missing.map((issue) => [issue.file, issue.code])).toEqual([
      ["none.yaml", "FILE_UNREADABLE"],
      ["no/*.yaml", "FILE_UNREADABLE"],
    ]);
    expect(() => findManifests(["none.yaml"])).toThrow(ManifestError);
  });
});

describe("validateManifests", () => {
  const validate = (file: string, environment: string | null = null) =>
    validateManifests([file], { environment, targets: null, registry: targets }).issues;

  test("names an issue that several environments share once, and one of its own each", () => {
    const manifest = baseManifest({
      target: "lambda",
      name: "NO",
      environments: { a: {}, b: { resources: { cpu: 0 } }, c: { resources: { cpu: 500 } } },
    });
    const found = validate(write("m.json", manifest)).map(({ code, path }) => `${code} ${path}`);
    expect(found.sort()).toEqual(["FORMAT name", "RANGE resources.cpu", "RANGE resources.cpu"]);
  });

  test("hashes nothing and writes nothing", () => {
    const file = write(
      "m.json",
      baseManifest({ target: "sagemaker-realtime", model: { build: { context: "." } } }),
    );
    expect(validate(file)).toEqual([]);
    expect(existsSync(join(folder, "cdktf.out"))).toBe(false);
  });
});

describe("createApp", () => {
  test("throws the issues of all manifests at once, and writes nothing", () => {
    const files = [
      write("a.json", baseManifest({ name: "A" })),
      write("b.json", baseManifest({ region: "x" })),
    ];
    const outdir = join(folder, "out");
    const run = () => createApp({ manifests: files, targets: ["lambda"], environment: null, outdir });
    expect(run).toThrow(ManifestError);
    try {
      run();
    } catch (error) {
      expect((error as ManifestError).issues.map((issue) => issue.path)).toEqual(["name", "region"]);
    }
    expect(existsSync(outdir)).toBe(false);
  });

  test("keeps its states where the project says", () => {
    const options = {
      manifests: [write("a.json")],
      targets: null,
      environment: null,
      outdir: join(folder, "out"),
    };
    const s3 = { bucket: "states", region: "eu-west-1" };
    const { deployments } = createApp({ ...options, context: { modelport: { state: { s3 } } } });
    expect(deployments[0]?.stacks[0]?.toTerraform()).toMatchObject({
      terraform: { backend: { s3: { bucket: "states" } } },
    });
    const incomplete = { ...options, context: { modelport: { state: { s3: { bucket: "states" } } } } };
    expect(() => createApp(incomplete)).toThrow(
      /context\.modelport\.state\.s3\.region: is required \[PROJECT_FILE\]/,
    );
  });
});

describe("describeTargets", () => {
  test("has every target with every mode and its figures", () => {
    const described = describeTargets(targets);
    expect(described.map(({ kind }) => kind)).toEqual(targets.map(({ kind }) => kind));
    for (const [index, target] of targets.entries()) {
      const modes = described[index]?.modes as readonly { readonly mode: string }[];
      expect(modes.map(({ mode }) => mode)).toEqual(Object.keys(target.modes));
    }
  });

  test.each([40, 80, 100])("fits a terminal of %d columns", (width) => {
    const longest = Math.max(
      ...targetsTable(targets, "text", width)
        .split("\n")
        .map((line) => line.length),
    );
    // A single word, such as a list of names, is never cut.
    expect(longest).toBeLessThanOrEqual(Math.max(width, 60));
  });
});
