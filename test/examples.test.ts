import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { validateManifests } from "../modules/app/validate";
import { formatIssue } from "../modules/issues/issue";
import { targets } from "../targets";
import { EXAMPLES, ROOT } from "./support/examples";

const KINDS = targets.map(({ kind }) => kind);

/** Warnings that an example is meant to have, each explained in its README. */
const HONEST_WARNINGS = [
  "BATCH_FIXED_COUNT",
  "DOCKER_ONE_CONTAINER",
  "ECS_PLAIN_HTTP",
  "ENVIRONMENTS_DIFFER",
  "IMAGE_NOT_PINNED",
  "LAMBDA_ONE_REQUEST",
  "LAMBDA_SCALING_UNUSED",
  "TARGET_DECLARED",
];

describe.each(EXAMPLES.map(({ name, file }) => [name, file] as const))("example %s", (name, file) => {
  const folder = dirname(file);
  const readme = readFileSync(join(folder, "README.md"), "utf8");

  test("has no errors, and no warnings but honest ones", () => {
    const { issues } = validateManifests([file], { environment: null, targets: null, registry: targets });
    const unexpected = issues.filter(
      ({ severity, code }) => severity === "error" || !HONEST_WARNINGS.includes(code),
    );
    expect(unexpected.map(formatIssue)).toEqual([]);
  });

  test("is described, with commands that name it and targets that exist", () => {
    expect(readme).toContain(`examples/${name}/modelport.yaml`);
    for (const [, path] of readme.matchAll(/npx modelport \w+ (\S+)/g)) {
      expect(existsSync(join(ROOT, path ?? ""))).toBe(true);
    }
    const named = [...readme.matchAll(/--target (\S+)/g)].flatMap(([, kinds = ""]) =>
      kinds.replace(/`$/, "").split(","),
    );
    expect(named.filter((kind) => kind !== "all" && !KINDS.includes(kind))).toEqual([]);
  });

  test("builds on images that are pinned by digest", () => {
    const dockerfiles = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
      path.endsWith("Dockerfile"),
    );
    for (const dockerfile of dockerfiles) {
      const text = readFileSync(join(folder, dockerfile), "utf8");
      for (const [, image = ""] of text.matchAll(/^FROM (\S+)/gm)) {
        // The registry of AWS's containers shows digests only to those who log in; the Dockerfile says how.
        if (image === "${BASE}") expect(text).toContain("describe-images");
        else expect(image).toMatch(/@sha256:[0-9a-f]{64}$/);
      }
    }
  });
});

test("the ONNX model that the image falls back on is the artifact", () => {
  const [artifact, fallback] = ["model/model.onnx", "server/model.onnx"].map((path) =>
    readFileSync(join(ROOT, "examples/onnx", path)),
  );
  expect(artifact?.equals(fallback ?? Buffer.of())).toBe(true);
});

const hasPython = (...modules: readonly string[]) =>
  spawnSync("python3", ["-c", modules.map((module) => `import ${module}`).join("\n")], { stdio: "ignore" })
    .status === 0;

/** A server of an example, started as its image starts it. */
class Server {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
  ) {}

  static async start(script: string, env: Readonly<Record<string, string>>): Promise<Server> {
    const child = spawn("python3", [script, "serve"], {
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1", PORT: "0", ...env },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let log = "";
    const port = await new Promise<string>((resolve, reject) => {
      child.once("exit", () => reject(new Error(`the server has ended: ${log}`)));
      child.stderr.on("data", (chunk: Buffer) => {
        log += chunk.toString("utf8");
        const found = /serving on port (\d+)/.exec(log)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    return new Server(child, `http://127.0.0.1:${port}`);
  }

  async get(path: string): Promise<number> {
    return (await fetch(`${this.url}${path}`)).status;
  }

  async post(path: string, contentType: string, body: string): Promise<readonly [number, string]> {
    const answer = await fetch(`${this.url}${path}`, {
      method: "POST",
      headers: { "content-type": contentType },
      body,
    });
    return [answer.status, await answer.text()];
  }

  /** Asks it to end, as every target does, and returns its exit code. */
  stop(): Promise<number | null> {
    return new Promise((resolve) => {
      this.child.once("exit", (code) => resolve(code));
      this.child.kill("SIGTERM");
    });
  }
}

(hasPython("sys") ? describe : describe.skip)(
  "the server of sentiment, with a stand-in for the model",
  () => {
    let server: Server;
    let modules: string;
    beforeAll(async () => {
      modules = mkdtempSync(join(tmpdir(), "transformers-"));
      mkdirSync(join(modules, "transformers"));
      const model = [
        "def pipeline(*args, **kwargs):",
        "    def classify(texts, **options):",
        '        if "fail" in texts: raise RuntimeError("out of memory at 0x7f")',
        '        return [{"label": "POSITIVE" if "good" in text else "NEGATIVE", "score": 1.0} for text in texts]',
        "    return classify",
      ];
      writeFileSync(join(modules, "transformers", "__init__.py"), model.join("\n"));
      server = await Server.start(join(ROOT, "examples/sentiment/server/server.py"), { PYTHONPATH: modules });
    });
    afterAll(async () => {
      expect(await server.stop()).toBe(0);
      rmSync(modules, { recursive: true, force: true });
    });

    const JSON_TYPE = "application/json";

    test("is healthy", async () => {
      expect([await server.get("/ping"), await server.get("/other")]).toEqual([200, 404]);
    });

    test("answers one text, and several", async () => {
      const positive = { label: "POSITIVE", score: 1 };
      const negative = { label: "NEGATIVE", score: 1 };
      const [status, one] = await server.post("/invocations", JSON_TYPE, '{"inputs": "good"}');
      expect([status, JSON.parse(one)]).toEqual([200, [positive]]);
      const [, two] = await server.post("/invocations", JSON_TYPE, '{"inputs": ["good", "bad"]}');
      expect(JSON.parse(two)).toEqual([positive, negative]);
    });

    test("answers JSON lines with as many lines, for batch jobs", async () => {
      const lines = '{"inputs": "good"}\n{"inputs": ["bad", "good"]}\n';
      const [status, answer] = await server.post("/invocations", "application/jsonlines", lines);
      expect([status, answer.trimEnd().split("\n").length]).toEqual([200, 2]);
    });

    test("tells the caller's mistakes from its own, and keeps its own to its log", async () => {
      for (const body of ["no JSON", "{}", '{"inputs": []}', '{"inputs": [1]}', "[1]"]) {
        expect((await server.post("/invocations", JSON_TYPE, body))[0]).toBe(400);
      }
      expect(await server.post("/invocations", JSON_TYPE, '{"inputs": "fail"}')).toEqual([
        500,
        '{"error": "the model failed"}',
      ]);
    });
  },
);

(hasPython("numpy", "onnxruntime") ? describe : describe.skip)("the server of onnx, with its model", () => {
  let server: Server;
  beforeAll(async () => {
    const folder = join(ROOT, "examples/onnx");
    server = await Server.start(join(folder, "server/server.py"), { MODEL_DIR: join(folder, "model") });
  });
  afterAll(async () => {
    expect(await server.stop()).toBe(0);
  });

  test.each([
    ["application/json", '{"instances": [[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]]}'],
    ["text/csv", "5.1,3.5,1.4,0.2\n6.3,3.3,6.0,2.5\n"],
  ])("tells irises apart, as %s", async (contentType, body) => {
    const [status, answer] = await server.post("/invocations", contentType, body);
    const { predictions } = JSON.parse(answer) as { predictions: readonly { label: string }[] };
    expect([status, predictions.map(({ label }) => label)]).toEqual([200, ["setosa", "virginica"]]);
  });

  test("tells the caller's mistakes", async () => {
    expect((await server.post("/invocations", "application/json", '{"instances": [[1]]}'))[0]).toBe(400);
  });
});
