import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { manifest, schema } from "../../modules/doctor/manifest";
import { lock, packages, packagesIn, project } from "../../modules/doctor/project";
import successor from "../../modules/doctor/successor.json";
import { manifestJsonSchema } from "../../modules/manifest/json-schema";
import { dependencies, version } from "../../package.json";
import { targets } from "../../targets";
import { Folder, manifestFor, outcome } from "./support";

let folder: Folder;
beforeEach(() => (folder = new Folder()));
afterEach(() => folder.remove());

const packageFile = () =>
  JSON.parse(readFileSync(join(folder.path, "package.json"), "utf8")) as Record<
    string,
    Record<string, string>
  >;

describe("the project", () => {
  test("as init writes it is well", async () => {
    folder.scaffold();
    expect(await outcome(project, folder)).toEqual({
      status: "ok",
      found: 'cdktf.json runs "node --import tsx main.ts"',
    });
  });

  test("that is none is no fault", async () => {
    const said = await outcome(project, folder);
    expect(said.status).toBe("absent");
    expect(said.fix).toContain("`npx modelport init`");
  });

  test.each([
    ["no JSON", "{", /^cdktf.json is no JSON object$/],
    ["a list", "[]", /^cdktf.json is no JSON object$/],
    ["without an app", '{ "language": "typescript" }', /^cdktf.json does not say how the app is run$/],
    ["with an empty app", '{ "app": " " }', /^cdktf.json does not say how the app is run$/],
    [
      "with an app that is gone",
      '{ "app": "npx tsx src/main.ts" }',
      /^cdktf.json runs src\/main.ts, which is not there$/,
    ],
  ])("with a cdktf.json that is %s fails", async (_what, content, found) => {
    folder.write("cdktf.json", content);
    const said = await outcome(project, folder);
    expect(said.status).toBe("failed");
    expect(said.found).toMatch(found);
    expect(said.fix).toBeDefined();
  });
});

describe("the lock file", () => {
  const locked = (root: object, more: object = {}) =>
    folder.write("package-lock.json", { lockfileVersion: 3, packages: { "": root, ...more } });

  test("that agrees is well", async () => {
    folder.scaffold();
    locked(packageFile());
    expect((await outcome(lock, folder)).status).toBe("ok");
  });

  test("that is missing is a warning", async () => {
    folder.scaffold();
    const said = await outcome(lock, folder);
    expect(said.status).toBe("warning");
    expect(said.fix).toContain("`npm install`");
  });

  test.each(["pnpm-lock.yaml", "yarn.lock", "bun.lock"])("may be %s", async (file) => {
    folder.scaffold();
    folder.write(file, "");
    expect(await outcome(lock, folder)).toEqual({ status: "ok", found: file });
  });

  test("that package.json has left behind fails, as `npm ci` would", async () => {
    folder.scaffold();
    const { dependencies: own, ...rest } = packageFile();
    locked({ ...rest, dependencies: { ...own, cdktf: "0.20.0", "left-pad": "1.3.0" } });
    expect(await outcome(lock, folder)).toMatchObject({
      status: "failed",
      found: "package-lock.json disagrees with package.json on cdktf, left-pad",
    });
  });

  test("of a workspace lies further up", async () => {
    folder.write("models/fraud/package.json", { dependencies: { cdktf: "0.21.0" } });
    locked({}, { "models/fraud": { dependencies: { cdktf: "0.21.0" } } });
    const cwd = join(folder.path, "models", "fraud");
    expect((await outcome(lock, folder, { context: { cwd } })).status).toBe("ok");
    // A lock file further up that knows nothing of the folder is another project's.
    locked({});
    expect((await outcome(lock, folder, { context: { cwd } })).status).toBe("warning");
  });

  test("without a package.json beside cdktf.json fails", async () => {
    folder.write("cdktf.json", { app: "node main.js" });
    const said = await outcome(lock, folder);
    expect(said.status).toBe("failed");
    expect(said.fix).toContain(`cdktf@${dependencies.cdktf}`);
  });
});

describe("the packages", () => {
  const install = (folders: string, installed: string, name = folders) =>
    folder.write(join("node_modules", folders, "package.json"), { name, version: installed });
  const providers = Object.entries(dependencies).filter(([name]) => name.startsWith("@cdktf/provider-"));
  /** A project with modelport installed in it. */
  const installed = (changes: Readonly<Record<string, string>> = {}) => {
    const all = { cdktf: dependencies.cdktf, constructs: dependencies.constructs, modelport: version };
    for (const [name, own] of [...Object.entries({ ...all, ...changes }), ...providers]) install(name, own);
    return packagesIn(folder.path, join(folder.path, "node_modules", "modelport"));
  };

  test("that modelport is made for are well", () => {
    expect(providers.length).toBeGreaterThan(0);
    expect(installed()).toEqual({
      status: "ok",
      found: `cdktf ${dependencies.cdktf}, modelport ${version}, ${providers.length} providers`,
      details: {
        cdktf: dependencies.cdktf,
        constructs: dependencies.constructs,
        ...Object.fromEntries(providers),
        modelport: version,
      },
    });
  });

  test("that are missing fail with the command that installs them", async () => {
    folder.scaffold();
    expect(await outcome(packages, folder)).toMatchObject({
      status: "failed",
      found: expect.stringMatching(/^not installed: .*\bmodelport$/) as unknown,
      fix: "`npm install`",
    });
    folder.write("package-lock.json", "{}");
    expect((await outcome(packages, folder)).fix).toBe("`npm ci`");
  });

  test("of another version are a warning with the version", () => {
    expect(installed({ cdktf: "0.20.12" })).toMatchObject({
      status: "warning",
      found: `cdktf 0.20.12, made for ${dependencies.cdktf}`,
      fix: `\`npm install --save-exact cdktf@${dependencies.cdktf}\``,
    });
  });

  describe("with cdktf's successor under its name", () => {
    const { cdktf, constructs } = successor.packages;
    const root = () => join(folder.path, "node_modules", "modelport");
    const moved = (version: string, withConstructs: string) => {
      installed({ constructs: withConstructs });
      install("cdktf", version, cdktf.name);
      return packagesIn(folder.path, root());
    };

    test("are well, as the tests run with it", () => {
      expect(moved(cdktf.version, constructs.version)).toMatchObject({
        status: "ok",
        found: `cdktn 0.24.0 as cdktf, modelport ${version}, ${providers.length} providers`,
        details: { cdktf: "0.24.0", constructs: "10.6.0" },
      });
    });

    test("are a warning in another version of either, with the command that installs both", () => {
      expect(moved("0.25.0", dependencies.constructs)).toMatchObject({
        status: "warning",
        found: "cdktn 0.25.0 as cdktf, made for 0.24.0; constructs 10.4.2, made for 10.6.0",
        fix: "`npm install --save-exact cdktf@npm:cdktn@0.24.0 constructs@10.6.0`",
      });
    });

    test("are a warning where modelport keeps a cdktf of its own", () => {
      moved(cdktf.version, constructs.version);
      install("modelport/node_modules/cdktf", dependencies.cdktf, "cdktf");
      expect(packagesIn(folder.path, root())).toMatchObject({
        status: "warning",
        found: "cdktn 0.24.0 as cdktf in the project, cdktf 0.21.0 in modelport",
        fix: "`npm pkg set 'overrides.cdktf=$cdktf' 'overrides.constructs=$constructs'`, then `npm install`",
      });
    });
  });

  test("with another modelport than the one that runs are a warning", () => {
    expect(installed({ modelport: "0.0.1" })).toMatchObject({
      status: "warning",
      found: `the project has modelport 0.0.1, this is ${version}`,
    });
  });

  test("of a provider in another version are a warning", () => {
    installed();
    const [provider = "", own = ""] = providers[0] ?? [];
    install(provider, "1.0.0");
    expect(packagesIn(folder.path, join(folder.path, "node_modules", "modelport"))).toMatchObject({
      status: "warning",
      found: `${provider} 1.0.0, made for ${own}`,
    });
  });
});

describe("the manifest", () => {
  test("without fault is well", async () => {
    folder.write("modelport.yaml", manifestFor("lambda"));
    const said = await outcome(manifest, folder);
    expect(said).toMatchObject({
      status: "ok",
      details: { apiVersion: "modelport/v1", errors: 0, warnings: 0 },
    });
    expect(said.found).toMatch(/modelport\.yaml: modelport\/v1, no problems for lambda$/);
  });

  test("that is not there is no fault, unless it was named", async () => {
    expect((await outcome(manifest, folder)).status).toBe("absent");
    expect((await outcome(manifest, folder, { manifests: ["other.yaml"] })).status).toBe("failed");
    expect((await outcome(manifest, folder, { env: { MODELPORT_MANIFEST: "other.yaml" } })).status).toBe(
      "failed",
    );
  });

  test("with errors fails with their number, and points to validate", async () => {
    folder.write("modelport.yaml", manifestFor("lambda").replace("2Gi", "2048").replace("cpu: 1", "cpu: no"));
    const said = await outcome(manifest, folder);
    expect(said.status).toBe("failed");
    expect(said.found).toMatch(/: 2 errors$/);
    expect(said.fix).toMatch(/`npx modelport validate \S*modelport\.yaml`/);
  });

  test("with warnings is a warning", async () => {
    folder.write("modelport.yaml", manifestFor("lambda").replace(/@sha256:a+/, ":1.0"));
    expect(await outcome(manifest, folder)).toMatchObject({
      status: "warning",
      details: { errors: 0, warnings: 1 },
    });
  });

  test("is checked for the environment and the target asked for", async () => {
    const text = manifestFor("lambda", "environments: { prod: { scaling: { min: 3, max: 1 } }, test: {} }");
    folder.write("modelport.yaml", text);
    expect((await outcome(manifest, folder, { environment: "test" })).status).toBe("ok");
    expect((await outcome(manifest, folder, { environment: "prod" })).status).toBe("failed");
    expect((await outcome(manifest, folder, { environment: "test", target: "no-such" })).status).toBe(
      "failed",
    );
  });

  test("of another format says which this version reads", async () => {
    folder.write("modelport.yaml", manifestFor("lambda").replace("modelport/v1", "modelport/v2"));
    const said = await outcome(manifest, folder);
    expect(said.status).toBe("failed");
    expect(said.found).toMatch(/is written for "modelport\/v2"; this modelport reads modelport\/v1$/);
  });
});

describe("the schema", () => {
  test("as init writes it fits", async () => {
    folder.scaffold();
    expect(await outcome(schema, folder)).toEqual({
      status: "ok",
      found: "modelport.schema.json fits this version",
    });
  });

  test("may be of either draft", async () => {
    folder.write("modelport.yaml", manifestFor("lambda"));
    folder.write("modelport.schema.json", manifestJsonSchema(targets, "2020-12"));
    expect((await outcome(schema, folder)).status).toBe("ok");
  });

  test.each([
    ["of an older version", () => ({ ...manifestJsonSchema(targets, "7"), title: "older" })],
    ["no JSON", () => "{"],
  ])("that is %s is a warning, with the project's own command", async (_what, content) => {
    folder.scaffold();
    folder.write("modelport.schema.json", content());
    expect(await outcome(schema, folder)).toEqual({
      status: "warning",
      found: "modelport.schema.json is not the one of this version",
      fix: "`npm run schema`",
    });
  });

  test("that is missing is a warning only where the manifest refers to it", async () => {
    folder.scaffold();
    rmSync(join(folder.path, "modelport.schema.json"));
    expect((await outcome(schema, folder)).status).toBe("warning");
    folder.write("modelport.yaml", manifestFor("lambda"));
    rmSync(join(folder.path, "package.json"));
    expect(await outcome(schema, folder)).toMatchObject({
      status: "absent",
      fix: "`npx modelport schema --draft 7 > modelport.schema.json`, and name it in the manifest's first line",
    });
  });
});
