import { createApp } from "../../modules/app/app";
import { contextRegistry } from "../../modules/app/registry";
import { synthesizeManifests } from "../../modules/app/synthesize";
import { validateManifests } from "../../modules/app/validate";
import { type Issue, ManifestError } from "../../modules/issues/issue";
import { manifestJsonSchema } from "../../modules/manifest/json-schema";
import { contextPlugins, optionPlugins, registryWith } from "../../modules/plugins";
import { version } from "../../package.json";
import { targets } from "../../targets";
import type { Target } from "../../targets/target";
import { baseManifest, type Json } from "../support/synth";
import { greeter, KIT, Project } from "./support";

let project: Project;
beforeEach(() => (project = new Project()));
afterEach(() => project.remove());

const load = (...names: readonly string[]): readonly Target[] =>
  registryWith(optionPlugins(names, project.path));

/** The targets that plug-ins add. */
const added = (...names: readonly string[]) => load(...names).slice(targets.length);

function issuesOf(run: () => unknown): readonly Issue[] {
  try {
    run();
  } catch (error) {
    if (error instanceof ManifestError) return error.issues;
    throw error;
  }
  return [];
}

/** Code and message of everything that is wrong. */
const faults = (run: () => unknown) => issuesOf(run).map(({ code, message }) => `${code} ${message}`);

describe("a plug-in is found", () => {
  test("by a file, a folder, a package, or a path within one, each from the project", () => {
    project.write("plugins/greeter.js", greeter());
    project.write("folder/package.json", { main: "lib/main.js" });
    project.write("folder/lib/main.js", greeter('kind: "from-folder", codes: {},'));
    project.write("node_modules/@acme/swarm/package.json", { main: "index.js" });
    project.write("node_modules/@acme/swarm/index.js", greeter('kind: "from-package", codes: {},'));
    project.write("node_modules/@acme/swarm/more.js", greeter('kind: "from-path", codes: {},'));
    const names = ["./plugins/greeter.js", "./folder", "@acme/swarm", "@acme/swarm/more"];
    expect(added(...names).map(({ kind }) => kind)).toEqual([
      "greeter",
      "from-folder",
      "from-package",
      "from-path",
    ]);
    expect(added(project.path + "/plugins/greeter.js").map(({ kind }) => kind)).toEqual(["greeter"]);
  });

  test("once, however often and by whatever name it is called", () => {
    project.write("greeter.js", greeter());
    expect(
      added("./greeter.js", "./greeter", "../" + project.path.split("/").slice(-1).join() + "/greeter.js"),
    ).toHaveLength(1);
  });

  test.each([
    ["targets, a list", "", ["greeter"]],
    ["default, one", "exports.default = exports.targets[0]; delete exports.targets;", ["greeter"]],
    ["default, a list", "exports.default = exports.targets; delete exports.targets;", ["greeter"]],
    [
      "both",
      'exports.default = defineTarget({ ...definition, kind: "other", codes: {} });',
      ["greeter", "other"],
    ],
    ["both, the same", "exports.default = exports.targets[0];", ["greeter"]],
  ])("by what it exports: %s", (_what, code, kinds) => {
    project.write("greeter.js", greeter() + code);
    expect(added("./greeter.js").map(({ kind }) => kind)).toEqual(kinds);
  });

  test("after modelport's own, which stay as they are without any", () => {
    project.write("greeter.js", greeter());
    expect(load("./greeter.js").slice(0, targets.length)).toEqual(targets);
    expect(load()).toBe(targets);
  });
});

describe("a plug-in cannot be read", () => {
  test.each<[string, string, string, string]>([
    [
      "a package that is not there",
      "@acme/none",
      "is not installed in this project",
      "`npm install @acme/none`",
    ],
    ["a path within one", "@acme/none/x.js", "is not installed in this project", "`npm install @acme/none`"],
    [
      "a file that is not there",
      "./none.js",
      "there is no such file",
      "check the path; it starts from the folder that the command runs in",
    ],
    [
      "a file without its ./",
      "greeter.js",
      "is not installed in this project",
      "write ./greeter.js if you mean the file",
    ],
    ["a name that is none", "a b", "is neither a package's name nor a path", "start a path with ./"],
    [
      "a folder without an entry",
      "./empty",
      "is a folder without an entry",
      "name the file itself, or `main` in its package.json",
    ],
    [
      "code that throws",
      "./throws.js",
      "cannot be loaded: RangeError: too far, at",
      "correct it, or report it to those who made the plug-in",
    ],
    [
      "code that needs what is not there",
      "./needs.js",
      "cannot be loaded: Error: Cannot find module '@acme/gone'",
      "`npm install` what it needs, beside it",
    ],
  ])("%s", (_what, name, message, fix) => {
    project.write("greeter.js", greeter());
    project.write("empty/readme", "");
    project.write("throws.js", 'function f() {\n  throw new RangeError("too far\\nand further");\n}\nf();\n');
    project.write("needs.js", 'require("@acme/gone");');
    const found = issuesOf(() => load(name));
    expect(found).toMatchObject([{ file: "--plugin", code: "PLUGIN_UNREADABLE", severity: "error", fix }]);
    expect(found[0]?.message).toContain(`${name}: ${message}`);
  });

  test("and the message says where it threw, without more lines than one", () => {
    project.write("throws.js", 'function f() {\n  throw new RangeError("too far\\nand further");\n}\nf();\n');
    const [{ message } = { message: "" }] = issuesOf(() => load("./throws.js"));
    expect(message).toMatch(/RangeError: too far, at \S*throws\.js:2:\d+$/);
  });
});

describe("a target is refused", () => {
  const INVALID: readonly (readonly [string, string, string])[] = [
    ["no target", "exports.targets = undefined;", "exports no target"],
    ["an empty list", "exports.targets = [];", "exports no target"],
    ["not a list", "exports.targets = exports.targets[0];", ""],
    ["made by hand", "exports.targets = [{ ...definition }];", "targets[0] was not made by defineTarget"],
    ["nothing", "exports.targets.push(null);", "targets[1] was not made by defineTarget"],
    ...(
      [
        ['kind: "Greeter"', "kind is not 3 to 32 lower case letters, digits and hyphens, from a letter on"],
        ['kind: "all"', "kind is a word of modelport's own"],
        ['kind: "foundation"', "kind is a word of modelport's own"],
        ['title: " "', "title is empty"],
        ['platform: "azure"', 'platform invalid option: expected one of "aws"|"local"'],
        ["strengths: []", "strengths too small: expected array to have >=1 items"],
        ["modes: {}", "modes has no mode"],
        [
          "modes: { only: { ...can, cpu: 4 } }",
          "modes.only.cpu invalid input: expected object, received number",
        ],
        [
          'modes: { only: { ...can, cpu: { ...most, asOf: "today" } } }',
          "modes.only.cpu.asOf is no date such as 2026-11 or 2026-11-23",
        ],
        ["modes: { only: { ...can, teleport: true } }", 'modes.only unrecognized key: "teleport"'],
        ['modes: { only: { ...can, rollouts: ["sudden"] } }', "modes.only.rollouts.0 invalid option"],
        ['codes: { rude: { summary: "x", severity: "error" } }', "codes.rude "],
        ['codes: { GREETER_RUDE: { summary: "x", severity: "fatal" } }', "codes.GREETER_RUDE.severity "],
        ["options: { parse: () => ({}) }", "options is no schema of zod 4"],
        ["options: z.object({ a: z.string() })", "options takes fields that it does not know"],
        ["options: z.string()", "options takes fields that it does not know"],
      ] as const
    ).map(
      ([change, message]) =>
        [
          change,
          `exports.targets = [defineTarget({ ...definition, ${change} })];`,
          `targets[0].${message}`,
        ] as const,
    ),
    [
      "a check that is none",
      "exports.targets = [{ ...exports.targets[0], check: 1 }];",
      "targets[0].check is no function",
    ],
  ];

  test.each(INVALID)("%s", (_what, code, message) => {
    project.write("greeter.js", `${greeter()}\n${code}`);
    const found = issuesOf(() => load("./greeter.js"));
    if (message === "") expect(found).toEqual([]);
    else {
      expect(found).toMatchObject([{ code: "PLUGIN_INVALID", severity: "error" }]);
      expect(found[0]?.message).toContain(`./greeter.js: ${message}`);
      expect(found[0]?.fix).toEqual(expect.any(String));
    }
  });

  test.each([
    ["the same", version, true],
    ["an older patch", "0.1.0", true],
    ["a newer patch", "0.1.99", false],
    ["an older minor, which is another format before 1.0", "0.0.9", false],
    ["a newer major", "1.0.0", false],
    ["nonsense", "latest", false],
  ])("or not, by the modelport that made it: %s", (_what, made, fits) => {
    const brand = `exports.targets = [{ ...exports.targets[0], [Symbol.for("modelport.target")]: "${made}" }];`;
    project.write("greeter.js", greeter() + brand);
    const found = faults(() => load("./greeter.js"));
    expect(found).toEqual(
      fits
        ? []
        : [`PLUGIN_INVALID ./greeter.js: targets[0] was made with modelport ${made}; this is ${version}`],
    );
  });

  test("whose kind or code another has", () => {
    project.write("docker.js", greeter('kind: "docker",'));
    project.write(
      "codes.js",
      greeter(
        'kind: "codes", codes: { GPU_UNSUPPORTED: { summary: "x", severity: "error" }, LAMBDA_MEMORY: { summary: "x", severity: "error" } },',
      ),
    );
    project.write("one.js", greeter());
    project.write("two.js", greeter('title: "Another",'));
    project.write("three.js", greeter('kind: "third",'));
    expect(faults(() => load("./docker.js", "./codes.js", "./one.js", "./two.js", "./three.js"))).toEqual([
      "PLUGIN_DUPLICATE ./docker.js: modelport has a target docker already",
      "PLUGIN_DUPLICATE ./codes.js: modelport has the code GPU_UNSUPPORTED of codes already",
      "PLUGIN_DUPLICATE ./codes.js: modelport has the code LAMBDA_MEMORY of codes already",
      "PLUGIN_DUPLICATE ./two.js: ./one.js has a target greeter already",
      "PLUGIN_DUPLICATE ./three.js: ./one.js has the code GREETER_RUDE of third already",
    ]);
  });

  test("with everything that is wrong with any, at once", () => {
    project.write("bad.js", greeter('title: "", useCase: "",'));
    expect(faults(() => load("./bad.js", "./none.js"))).toEqual([
      "PLUGIN_UNREADABLE ./none.js: there is no such file",
      "PLUGIN_INVALID ./bad.js: targets[0].title is empty",
      "PLUGIN_INVALID ./bad.js: targets[0].useCase is empty",
    ]);
  });
});

describe("the project's settings", () => {
  test("name plug-ins, each with its place", () => {
    const [first, second] = contextPlugins({ plugins: ["@acme/a", "./b.js"] }, "/project");
    expect(first).toEqual({
      name: "@acme/a",
      folder: "/project",
      at: { file: "cdktf.json", path: "context.modelport.plugins[0]" },
    });
    expect(second?.at.path).toBe("context.modelport.plugins[1]");
  });

  test.each<[unknown, string]>([
    [{ plugins: "@acme/a" }, "context.modelport.plugins is no list of packages and files"],
    [{ plugins: ["@acme/a", 5] }, "context.modelport.plugins[1] is no name of a package or file"],
    [{ plugins: [" "] }, "context.modelport.plugins[0] is no name of a package or file"],
  ])("are at fault: %j", (modelport, expected) => {
    expect(
      issuesOf(() => contextPlugins(modelport, "/")).map(
        ({ code, path, message }) => `${code} ${path} ${message}`,
      ),
    ).toEqual([`PROJECT_FILE ${expected}`]);
  });

  test.each([undefined, null, {}, { state: {} }])("name none: %j", (modelport) => {
    expect(contextPlugins(modelport, "/")).toEqual([]);
  });

  test("reach the app as context, and what cdktf passes on goes first", () => {
    const own = project.write("own.js", greeter('kind: "own", codes: {},'));
    const passed = project.write("passed.js", greeter('kind: "passed", codes: {},'));
    const context = { modelport: { plugins: [own] } };
    expect(contextRegistry(context).at(-1)?.kind).toBe("own");
    process.env.CDKTF_CONTEXT_JSON = JSON.stringify({ modelport: { plugins: [passed] } });
    try {
      expect(contextRegistry(context).at(-1)?.kind).toBe("passed");
    } finally {
      Reflect.deleteProperty(process.env, "CDKTF_CONTEXT_JSON");
    }
  });

  test("alone name a plug-in: a manifest cannot", () => {
    const file = project.write("greeter.js", `globalThis.wasRun = true;\n${greeter()}`);
    for (const changes of [
      { plugins: [file] },
      { modelport: { plugins: [file] } },
      { context: { modelport: { plugins: [file] } } },
      { targets: { greeter: { plugin: file } } },
      { target: file },
      { environments: { test: { plugins: [file] } } },
    ]) {
      const manifest = project.write("m.json", baseManifest({ target: "docker", ...changes }));
      const { issues } = validateManifests([manifest], {
        environment: null,
        targets: null,
        registry: targets,
      });
      expect(issues.map(({ code }) => code)).toEqual([expect.stringMatching(/^UNKNOWN_(?:FIELD|TARGET)$/)]);
    }
    expect(globalThis).not.toHaveProperty("wasRun");
  });
});

describe("the target of a plug-in", () => {
  const manifest = (changes: Json = {}) =>
    project.write("modelport.json", baseManifest({ target: "greeter", ...changes }));
  const validate = (registry: readonly Target[], changes: Json = {}) =>
    validateManifests([manifest(changes)], { environment: null, targets: null, registry }).issues;

  test("is checked with its own options and codes", () => {
    project.write("greeter.js", greeter());
    const registry = load("./greeter.js");
    expect(validate(registry)).toEqual([]);
    expect(validate(registry, { targets: { greeter: { greeting: "hey" } } })).toMatchObject([
      { code: "GREETER_RUDE", path: "targets.greeter.greeting", severity: "error", target: "greeter" },
    ]);
    expect(validate(registry, { targets: { greeter: { greting: "hi" } } })).toMatchObject([
      { code: "UNKNOWN_FIELD", allowed: "greeting", fix: 'did you mean "greeting"?' },
    ]);
    expect(validate(registry, { resources: { cpu: 65, memory: "2Gi" } })).toMatchObject([
      { code: "CPU_LIMIT", allowed: "at most 64 (https://docs.acme.example/limits, 2026-11)" },
    ]);
  });

  test("is part of the schema, with what its fields say of themselves", () => {
    project.write("greeter.js", greeter());
    const schema = manifestJsonSchema(load("./greeter.js"), "7") as Json;
    expect(schema.properties.target.enum).toContain("greeter");
    expect(schema.properties.targets.properties.greeter).toEqual({
      description: "Greeter: Saying hello.",
      type: "object",
      properties: {
        greeting: {
          description: "What it says. Default hello.",
          type: "string",
          maxLength: 20,
          default: "hello",
        },
      },
      additionalProperties: false,
    });
  });

  test("is synthesized as the app's context names it", () => {
    const file = project.write("greeter.js", greeter());
    const { deployments } = createApp({
      manifests: [manifest()],
      targets: null,
      environment: null,
      outdir: project.path + "/out",
      context: { modelport: { plugins: [file] } },
    });
    expect(deployments.flatMap(({ stacks }) => stacks.map(({ node }) => node.id))).toEqual([
      "fraud-scorer-default-greeter",
    ]);
  });

  test("cannot be changed once it is loaded, by itself neither", () => {
    project.write("greeter.js", `${greeter()}\nexports.can = can; exports.most = most;`);
    const [target] = added("./greeter.js");
    expect(Object.isFrozen(target)).toBe(true);
    expect(() => Object.assign(target?.modes.only ?? {}, { public: true })).toThrow(TypeError);
    expect(() => Object.assign(target?.modes.only?.cpu ?? {}, { value: 1e9 })).toThrow(TypeError);
    expect(() => Object.assign(target?.codes.GREETER_RUDE ?? {}, { severity: "warning" })).toThrow(TypeError);
  });
});

describe("code of a plug-in that fails is named, and no bug of modelport", () => {
  const registryOf = (changes: string) => {
    project.write("greeter.js", greeter(changes));
    return load("./greeter.js");
  };
  const failures = (changes: string) => {
    const file = project.write("m.json", baseManifest({ target: "greeter" }));
    return faults(() =>
      synthesizeManifests({
        manifests: [file],
        targets: null,
        environment: null,
        outdir: project.path + "/out",
        registry: registryOf(changes),
      }),
    );
  };
  const synthesize = (code: string) => `load: () => ({ synthesize: (stack, plan) => { ${code} } }),`;

  test.each<[string, string, RegExp]>([
    [
      "check",
      "check: (plan) => plan.none.at,",
      /to check a manifest: TypeError: Cannot read .*, at \S*greeter\.js:\d+:\d+$/,
    ],
    [
      "check, while it goes on",
      'check: function* () { yield { path: [], code: "GREETER_RUDE", message: "x" }; throw new Error("late"); },',
      /to check a manifest: Error: late, at /,
    ],
    [
      "check, a code of nobody",
      'check: () => [{ path: [], code: "GREETER_ODD", message: "x" }],',
      /to check a manifest: it reports the code GREETER_ODD, which it does not document$/,
    ],
    ["modeOf", 'modeOf: () => { throw "a text"; },', /to choose a mode: it threw "a text"$/],
    [
      "modeOf, a mode that is none",
      'modeOf: () => "toString",',
      /to choose a mode: it has no mode "toString"$/,
    ],
    ["needs", 'needs: () => { throw new Error("no"); },', /to say what it needs: Error: no, at /],
    ["load", 'load: () => require("./gone"),', /to synthesize: Error: Cannot find module '\.\/gone'/],
    [
      "synthesize",
      synthesize("stack.none.of(it);"),
      /to synthesize: TypeError: Cannot read .*greeter\.js:\d+:\d+$/,
    ],
    [
      "constructs, as cdktf validates them",
      synthesize('stack.node.addValidation({ validate: () => ["no provider"] });'),
      /to synthesize: Error: .*Validation failed/,
    ],
    [
      "constructs, as cdktf writes them",
      synthesize('stack.addOverride("locals.x", { get y() { throw new Error("unresolved"); } });'),
      /to synthesize: Error: /,
    ],
  ])("in %s", (_what, changes, expected) => {
    const found = failures(changes);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^PLUGIN_FAILED \.\/greeter\.js: greeter failed /);
    expect(found[0]).toMatch(expected);
  });

  test("but what modelport says of its output stays what it is", () => {
    expect(failures(synthesize('stack.output("leak", "${file(1)}");'))).toEqual([
      expect.stringMatching(/^FOREIGN_EXPRESSION /),
    ]);
  });

  test("and a manifest for another target does not run it", () => {
    const registry = registryOf('check: () => { throw new Error("run"); },');
    const file = project.write("m.json", baseManifest({ target: "docker" }));
    expect(validateManifests([file], { environment: null, targets: null, registry }).issues).toEqual([]);
  });
});

test("what plug-ins take to define a target loads no cdktf", () => {
  jest.isolateModules(() => {
    jest.doMock("cdktf", () => {
      throw new Error("cdktf was loaded");
    });
    expect(Object.keys(jest.requireActual<object>(KIT))).toEqual(
      expect.arrayContaining(["defineTarget", "limit", "field", "z", "Size", "Duration"]),
    );
  });
});
