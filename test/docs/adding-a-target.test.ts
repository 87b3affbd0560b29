import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findTerraform } from "../../modules/terraform/binary";
import { dependencies, devDependencies, version } from "../../package.json";
import { type Ended, ROOT, run } from "../support/process";

/** Compilers, cdktf's command line and several synthesized apps, one after the other. */
const TIMEOUT_MS = 10 * 60_000;

const FILE = join(ROOT, "docs", "adding-a-target.md");
const PAGE = readFileSync(FILE, "utf8");

/** A block of the page: a file, commands that must succeed, or commands with what they print. */
interface Block {
  readonly language: string;
  readonly code: string;
  /** The name that stands before it; null where it is no file. */
  readonly file: string | null;
  /** Number of the section that it stands in. */
  readonly section: number;
}

const BLOCKS = [...PAGE.matchAll(/^(?:`([\w./-]+)`:\n\n)?```(\w+)\n([\s\S]*?)^```$/gm)].map(
  ({ 1: file, 2: language = "", 3: code = "", index }): Block => ({
    language,
    code,
    file: file ?? null,
    section: [...PAGE.slice(0, index).matchAll(/^## (\d+)\./gm)].length,
  }),
);

/** The section of the package, up to its conformance test; those after it are about its users. */
const [PACKAGE_ENDS, PROJECT, REPOSITORY] = [8, 9, 10] as const;

function contentOf(file: string, section?: number): string {
  const found = BLOCKS.find((block) => block.file === file && (section ?? block.section) === block.section);
  if (found === undefined) throw new Error(`the page has no ${file}`);
  return found.code;
}

/** What of this repository no target needs. */
const NOT_COPIED = new Set([
  ".git",
  ".cache",
  "bench",
  "cdktf.out",
  "coverage",
  "dist",
  "docs",
  "examples",
  "node_modules",
  "test",
]);

let folder: string;
let plugin: string;
let hasTerraform: boolean;
beforeAll(async () => {
  hasTerraform = (await findTerraform()) !== null;
  folder = realpathSync(mkdtempSync(join(tmpdir(), "modelport-adding-")));
  plugin = join(folder, "modelport-docker-swarm");
  install(plugin);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What `npm install` would bring: this modelport as it was built, and the packages that it has. */
function install(project: string): void {
  const modules = join(project, "node_modules");
  mkdirSync(join(modules, ".bin"), { recursive: true });
  for (const name of ["cdktf", "constructs", "@cdktf", "@types", "typescript", "tsx"])
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  symlinkSync(ROOT, join(modules, "modelport"));
  const programs = {
    modelport: join(ROOT, "dist", "cli", "index.js"),
    tsc: join(ROOT, "node_modules", "typescript", "bin", "tsc"),
    cdktf: join(ROOT, "node_modules", "cdktf-cli", "bundle", "bin", "cdktf"),
  };
  for (const [name, program] of Object.entries(programs)) {
    writeFileSync(join(modules, ".bin", name), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
    chmodSync(join(modules, ".bin", name), 0o755);
  }
}

function shell(command: string, cwd: string): Promise<Ended> {
  return run("sh", ["-c", command], {
    cwd,
    env: {
      HOME: folder,
      CI: "true",
      NO_COLOR: "1",
      CHECKPOINT_DISABLE: "1",
      TF_CLI_CONFIG_FILE: "",
      npm_config_update_notifier: "false",
      // `npx` starts a command of the package that it is in, wherever below that it runs.
      PATH: `${join(plugin, "node_modules", ".bin")}:${process.env.PATH ?? ""}`,
      // A test runner inside of a test runner would report to that.
      NODE_TEST_CONTEXT: "",
      JEST_WORKER_ID: "",
    },
  });
}

/** Both streams in their order, as on a terminal. */
async function printed(command: string, cwd: string): Promise<string> {
  const direct = command.replace(/^npx /, "");
  return (await shell(`{ ${direct}; } 2>&1`, cwd)).stdout.trimEnd();
}

function write(base: string, file: string, code: string): void {
  mkdirSync(dirname(join(base, file)), { recursive: true });
  writeFileSync(join(base, file), code);
}

/** Follows the page through the sections about the package. Returns it with what its commands print now. */
async function follow(): Promise<string> {
  let page = PAGE;
  let cwd = plugin;
  for (const { language, code, file, section } of BLOCKS) {
    if (section > PACKAGE_ENDS) break;
    if (file !== null) {
      write(plugin, file, code);
      continue;
    }
    if (language !== "sh" && language !== "console") continue;
    const lines: string[] = [];
    const said = code.split("\n").filter((line) => line !== "");
    for (const line of language === "sh" ? said.map((command) => `$ ${command}`) : said) {
      if (!line.startsWith("$ ")) continue;
      const command = line.slice(2);
      lines.push(line);
      const [, to] = /^cd (\S+)$/.exec(command) ?? [];
      if (to !== undefined) {
        cwd = join(cwd, to);
      } else if (language === "sh") {
        // The packages are there already, see `install`.
        if (command === "npm install") continue;
        const ended = await shell(command, cwd);
        if (ended.code !== 0) throw new Error(`${command}: ${ended.stdout}\n${ended.stderr}`);
      } else if (command.includes(" plan ") && !hasTerraform) {
        lines.push(...said.slice(said.indexOf(line) + 1).filter((each) => !each.startsWith("$ ")));
      } else {
        const output = await printed(command, cwd);
        if (output !== "") lines.push(output);
      }
    }
    if (language === "console")
      page = page.replace(`\`\`\`console\n${code}\`\`\``, () => `\`\`\`console\n${lines.join("\n")}\n\`\`\``);
  }
  return page;
}

test(
  "its steps lead to a package that works, and print what it says",
  async () => {
    expect((await follow()).split("\n")).toEqual(PAGE.split("\n"));
    expect(existsSync(join(plugin, "dist", "index.js"))).toBe(true);
  },
  TIMEOUT_MS,
);

test("the versions that it names are modelport's own", () => {
  const file = JSON.parse(contentOf("package.json")) as Record<string, Record<string, string>>;
  const own: Readonly<Record<string, string>> = {
    ...dependencies,
    ...devDependencies,
    modelport: `^${version}`,
  };
  const named = { ...file.peerDependencies, ...file.devDependencies };
  expect(Object.entries(named).filter(([name, wanted]) => own[name] !== wanted)).toEqual([]);
  expect(Object.keys(named)).toContain("@cdktf/provider-docker");
});

test(
  "the packed package works in a project, for the commands and for cdktf's own",
  async () => {
    const project = join(folder, "project");
    install(project);
    const { stdout } = await shell("npm pack --ignore-scripts --json --pack-destination ..", plugin);
    const [{ filename, files }] = JSON.parse(stdout) as [
      { filename: string; files: readonly { path: string }[] },
    ];
    expect(files.map(({ path }) => path)).toContain("dist/index.js");
    const installed = join(project, "node_modules", "modelport-docker-swarm");
    mkdirSync(installed);
    await shell(`tar -xzf ${join(folder, filename)} -C ${installed} --strip-components=1`, project);
    write(project, "cdktf.json", contentOf("cdktf.json", PROJECT));
    write(project, "main.ts", readFileSync(join(ROOT, "templates", "main.ts"), "utf8"));
    // The target comes from the variable, as in CI.
    write(
      project,
      "modelport.yaml",
      contentOf("example/modelport.yaml").replace("target: docker-swarm\n", "target: docker\n"),
    );

    const schema = JSON.parse((await shell("modelport schema --draft 7", project)).stdout) as {
      properties: { target: { enum: string[] }; targets: { properties: Record<string, object> } };
    };
    expect(schema.properties.target.enum).toContain("docker-swarm");
    expect(schema.properties.targets.properties["docker-swarm"]).toMatchObject({
      additionalProperties: false,
      properties: { port: { default: 8080, maximum: 65535 } },
    });

    const cdktf = await shell("MODELPORT_TARGET=docker-swarm cdktf synth", project);
    expect({ code: cdktf.code, said: cdktf.code === 0 ? "" : cdktf.stdout + cdktf.stderr }).toEqual({
      code: 0,
      said: "",
    });
    const stack = join("stacks", "fraud-scorer-default-docker-swarm", "cdk.tf.json");
    const text = readFileSync(join(project, "cdktf.out", stack), "utf8");
    // cdktf's command line and ours make the same of it.
    const own = await shell("modelport synth modelport.yaml --target docker-swarm --out own", project);
    expect(own.code).toBe(0);
    expect(readFileSync(join(project, "own", stack), "utf8")).toBe(text);
    expect(JSON.parse(text)).toMatchObject({
      resource: {
        docker_service: {
          service: {
            name: "fraud-scorer-default-docker-swarm",
            mode: { replicated: { replicas: 3 } },
            update_config: { delay: "1m0s", parallelism: 1, failure_action: "rollback" },
          },
        },
      },
    });
  },
  TIMEOUT_MS,
);

test(
  "the same files make a target of this repository",
  async () => {
    const copy = join(folder, "repository");
    mkdirSync(copy);
    for (const part of readdirSync(ROOT).filter((name) => !NOT_COPIED.has(name)))
      cpSync(join(ROOT, part), join(copy, part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
    const own = join(copy, "targets", "docker-swarm");
    for (const name of ["limits", "options", "check", "stack", "index"])
      write(own, `${name}.ts`, withOwnImports(contentOf(`src/${name}.ts`)));
    const registry = join(copy, "targets", "index.ts");
    writeFileSync(
      registry,
      patched(readFileSync(registry, "utf8"), contentOf("targets/index.ts", REPOSITORY)),
    );
    write(copy, "example.yaml", contentOf("example/modelport.yaml"));
    write(
      copy,
      "suite.ts",
      'import { conformance, formatProblem } from "./modules/conformance";\n' +
        'import { targets } from "./targets";\n' +
        'const target = targets.find(({ kind }) => kind === "docker-swarm");\n' +
        'if (target === undefined) throw new Error("the registry does not have it");\n' +
        "const names = { docker_service: { attribute: 'name', limit: 63 } };\n" +
        'const { problems, carried } = conformance({ target, names, manifests: ["example.yaml"] });\n' +
        "process.stdout.write(JSON.stringify([problems.map(formatProblem), carried.includes('example.yaml')]));\n",
    );

    const types = await shell("tsc -p tsconfig.json --noEmit", writeTypesProject(copy));
    // Whether the rest compiles is another test's question.
    expect(types.stdout.split("\n").filter((line) => line.includes("docker-swarm"))).toEqual([]);
    const tsx = `"${process.execPath}" --import ${require.resolve("tsx")}`;
    expect(JSON.parse((await shell(`${tsx} suite.ts`, copy)).stdout)).toEqual([[], true]);
    const validated = await shell(`${tsx} cli/index.ts validate example.yaml`, copy);
    expect(validated).toMatchObject({ code: 0, stderr: "1 manifest: no problems\n" });
  },
  TIMEOUT_MS,
);

/** A project of the new files alone, so that nothing else is compiled than what they use. */
function writeTypesProject(copy: string): string {
  const compilerOptions = { types: ["node"], noEmit: true };
  write(
    copy,
    "types/tsconfig.json",
    JSON.stringify({ extends: "../tsconfig.json", compilerOptions, include: ["../targets/docker-swarm"] }),
  );
  return join(copy, "types");
}

/** The imports from modelport's entry points, taken from where the page's table says. */
function withOwnImports(code: string): string {
  const section = PAGE.slice(PAGE.indexOf("## 10."));
  const from = new Map<string, string>();
  for (const [, names = "", module = ""] of section.matchAll(/^\| ((?:`\w+`(?:, )?)+) \| `([^`]+)` \|$/gm))
    for (const [, name = ""] of names.matchAll(/`(\w+)`/g)) from.set(name, module);
  return code.replace(
    /^import (type )?\{ ([^}]+) \} from "modelport\/(?:target|stack)";$/gm,
    (_, type: string | undefined, names: string) =>
      names
        .split(", ")
        .map((name) => {
          const module = from.get(name.replace(/^type /, ""));
          if (module === undefined) throw new Error(`the page does not say where ${name} comes from`);
          return `import ${type ?? ""}{ ${name} } from "${module}";`;
        })
        .join("\n"),
  );
}

/** A file with the lines that a diff adds, each after the line that it follows there. */
function patched(text: string, diff: string): string {
  let result = text;
  let before = "";
  for (const line of diff.split("\n").filter((each) => each !== "")) {
    if (line.startsWith("+")) result = result.replace(`${before}\n`, (found) => `${found}${line.slice(1)}\n`);
    else if (!text.includes(`${line.slice(1)}\n`)) throw new Error(`the file has no line ${line.slice(1)}`);
    before = line.slice(1);
  }
  return result;
}
