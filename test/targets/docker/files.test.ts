import { lstatSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { App } from "cdktf";
import { create } from "tar";
import { synthesizeResolution } from "../../../modules/deployment/model-deployment";
import { localState } from "../../../modules/stack/state";
import { type Json, only, resolve } from "../../support/synth";
import { manifest, stackOf, withProject } from "./support";

const BUILD = { build: { context: "server", args: { VERSION: "${v}" } } };

/** Writes a stack and hands over its folder. */
function written<T>(directory: string, model: Json, use: (folder: string, stack: Json) => T): T {
  const outdir = mkdtempSync(join(tmpdir(), "modelport-"));
  try {
    const app = new App({ outdir });
    synthesizeResolution(app, resolve({ manifest: manifest({}, { model }), directory }), localState());
    app.synth();
    const folder = join(outdir, "stacks", "fraud-scorer-default-docker");
    return use(folder, JSON.parse(readFileSync(join(folder, "cdk.tf.json"), "utf8")) as Json);
  } finally {
    rmSync(outdir, { recursive: true, force: true });
  }
}

const pathIn = (expression: string) => {
  const path = /^\$\{abspath\("([^"]+)"\)\}$/.exec(expression)?.[1];
  if (path === undefined) throw new Error(`no path in ${expression}`);
  return path;
};

describe("a built image", () => {
  it("is built by BuildKit from a copy in the stack's folder, by absolute paths", () => {
    withProject((directory) => {
      written(directory, BUILD, (folder, stack) => {
        const image = only(stack, "docker_image");
        expect(image).toMatchObject({
          name: expect.stringMatching(/^modelport\/fraud-scorer:default-[0-9a-f]{12}$/),
          keep_locally: false,
          lifecycle: { create_before_destroy: true },
          platform: "linux/amd64",
          build: { builder: "default", platform: "linux/amd64", build_args: { VERSION: "$${v}" } },
        });
        expect(image.pull_triggers).toBeUndefined();
        const context = pathIn(image.build.context as string);
        expect(pathIn(image.build.dockerfile as string)).toBe(`${context}/Dockerfile`);
        expect(readFileSync(join(folder, context, "Dockerfile"), "utf8")).toBe("FROM scratch\n");
        expect(statSync(join(folder, context, "run.sh")).mode & 0o777).toBe(0o755);
        expect(JSON.stringify(stack)).not.toContain(directory);
      });
    });
  });

  it("has another tag with another content, argument, Dockerfile or platform", () => {
    withProject((directory) => {
      const tag = (build: Json = {}, changes: Json = {}) =>
        only(
          stackOf({}, { model: { build: { context: "server", ...build } }, ...changes }, { directory }),
          "docker_image",
        ).name as string;
      const tags = [
        tag(),
        tag({ args: { A: "1" } }),
        tag({ dockerfile: "Other" }),
        tag({}, { resources: { cpu: 1, memory: "1Gi", architecture: "arm64" } }),
      ];
      expect(tag()).toBe(tags[0]);
      writeFileSync(join(directory, "server", "Dockerfile"), "FROM other\n");
      expect(new Set([...tags, tag()]).size).toBe(5);
    });
  });

  it("is built by the classic builder where the manifest wants it", () => {
    withProject((directory) => {
      const stack = stackOf({ builder: "legacy" }, { model: BUILD }, { directory });
      expect(only(stack, "docker_image").build.builder).toBeUndefined();
    });
  });
});

describe("an artifact", () => {
  const model = (artifact: string) => ({ image: "x:1", artifact });
  const volume = (stack: Json) => only(stack, "docker_container").volumes[0] as Json;

  it("is mounted read-only as the folder it is, readable by everybody, links kept", () => {
    withProject((directory) => {
      written(directory, model("model"), (folder, stack) => {
        expect(volume(stack)).toMatchObject({ container_path: "/opt/ml/model", read_only: true });
        const copy = join(folder, pathIn(volume(stack).host_path as string));
        expect(statSync(copy).mode & 0o777).toBe(0o755);
        expect(statSync(join(copy, "sub", "weights.bin")).mode & 0o777).toBe(0o644);
        expect(lstatSync(join(copy, "latest.bin")).isSymbolicLink()).toBe(true);
        expect(readlinkSync(join(copy, "latest.bin"))).toBe("sub/weights.bin");
      });
    });
  });

  it("is put into a folder where it is a file", () => {
    withProject((directory) => {
      writeFileSync(join(directory, "model.onnx"), "onnx");
      written(directory, model("model.onnx"), (folder, stack) => {
        const copy = join(folder, pathIn(volume(stack).host_path as string));
        expect(readFileSync(join(copy, "model.onnx"), "utf8")).toBe("onnx");
      });
    });
  });

  it("is unpacked where it is an archive, links kept", () => {
    withProject((directory) => {
      create(
        { gzip: true, sync: true, cwd: join(directory, "model"), file: join(directory, "model.tar.gz") },
        ["."],
      );
      written(directory, model("model.tar.gz"), (folder, stack) => {
        const copy = join(folder, pathIn(volume(stack).host_path as string));
        expect(readFileSync(join(copy, "sub", "weights.bin"), "utf8")).toBe("1");
        expect(statSync(join(copy, "sub", "weights.bin")).mode & 0o777).toBe(0o644);
        expect(readlinkSync(join(copy, "latest.bin"))).toBe("sub/weights.bin");
      });
    });
  });

  it("has another path with another content", () => {
    withProject((directory) => {
      const path = () => volume(stackOf({}, { model: model("model") }, { directory })).host_path as string;
      const before = path();
      writeFileSync(join(directory, "model", "sub", "weights.bin"), "2");
      expect(path()).not.toBe(before);
    });
  });
});
