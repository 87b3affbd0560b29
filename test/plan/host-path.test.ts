import { execFileSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostPath } from "../../modules/plan/host-path";
import { resolveHostPath } from "../../modules/plan/host-path";

let folder: string;
let project: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "host-path-"));
  project = join(folder, "project");
  mkdirSync(join(project, "model", "deep"), { recursive: true });
  writeFileSync(join(project, "model", "a.txt"), "a");
  writeFileSync(join(project, "model", "deep", "b.txt"), "b");
  writeFileSync(join(project, "file.bin"), "content");
  writeFileSync(join(folder, "secret"), "s");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const find = (name: string, digest = true) => resolveHostPath(project, name, digest);
function path(name: string): HostPath {
  const found = find(name);
  if (!("path" in found)) throw new Error(JSON.stringify(found));
  return found.path;
}
const digest = () => path("model").digest;

describe("what is found", () => {
  test("a file", () => {
    expect(path("file.bin")).toMatchObject({ name: "file.bin", isDirectory: false });
    expect(path("file.bin").location).toBe(join(project, "file.bin"));
    expect(path("file.bin").digest).toMatch(/^[0-9a-f]{64}$/);
  });

  test("a folder, and the project itself", () => {
    expect(path("./model").isDirectory).toBe(true);
    expect(path(".").isDirectory).toBe(true);
  });

  test("without a digest where none is asked for", () => {
    expect(find("model", false)).toMatchObject({ path: { digest: "" } });
  });

  test("through a link inside the project", () => {
    symlinkSync("model", join(project, "link"));
    expect(path("link").location).toBe(join(project, "model"));
    expect(path("link").digest).toBe(digest());
  });

  test("in a project that is itself a link", () => {
    symlinkSync(project, join(folder, "alias"));
    expect(resolveHostPath(join(folder, "alias"), "file.bin", false)).toHaveProperty("path");
  });

  test("its location is in no output", () => {
    expect(JSON.stringify(path("file.bin"))).not.toContain(folder);
    expect(Object.isFrozen(path("file.bin"))).toBe(true);
  });
});

describe("what is refused", () => {
  test.each([
    ["none", { problem: "missing", at: "none" }],
    ["file.bin/below", { problem: "missing", at: "file.bin/below" }],
    ["../secret", { problem: "outside", at: "../secret" }],
    ["/etc/passwd", { problem: "outside", at: "/etc/passwd" }],
    ["model/../../secret", { problem: "outside", at: "model/../../secret" }],
    ["..", { problem: "outside", at: ".." }],
  ])("%s", (name, problem) => {
    expect(find(name)).toEqual(problem);
  });

  test("a neighbour whose name starts like the project's", () => {
    mkdirSync(`${project}-other`);
    expect(find("../project-other")).toEqual({ problem: "outside", at: "../project-other" });
    symlinkSync(`${project}-other`, join(project, "link"));
    expect(find("link")).toEqual({ problem: "outside", at: "link" });
  });

  test.each([
    ["the path itself", "link", "link"],
    ["on the way", "link/secret", "link/secret"],
  ])("a link that leads out: %s", (_what, name, at) => {
    symlinkSync(folder, join(project, "link"));
    expect(find(name)).toEqual({ problem: "outside", at });
  });

  test("a link that leads out, below a folder, with its place", () => {
    symlinkSync("../../../secret", join(project, "model", "deep", "out"));
    expect(find("model")).toEqual({ problem: "outside", at: "deep/out" });
    expect(find("model", false)).toEqual({ problem: "outside", at: "deep/out" });
  });

  test("a chain of links that leads out at its end", () => {
    symlinkSync("second", join(project, "model", "first"));
    symlinkSync("../../secret", join(project, "model", "second"));
    expect(find("model")).toEqual({ problem: "outside", at: "first" });
  });

  test("a broken link, and a link to itself", () => {
    symlinkSync("nowhere", join(project, "model", "broken"));
    expect(find("model")).toEqual({ problem: "missing", at: "broken" });
    symlinkSync("loop", join(project, "loop"));
    expect(find("loop")).toEqual({ problem: "missing", at: "loop" });
  });

  test("what is neither file nor folder", () => {
    execFileSync("mkfifo", [join(project, "model", "pipe")]);
    expect(find("model")).toEqual({ problem: "unsupported", at: "pipe" });
  });
});

describe("a folder's digest", () => {
  test("is the same twice, whatever the times", () => {
    const before = digest();
    utimesSync(join(project, "model", "a.txt"), 1, 1);
    expect(digest()).toBe(before);
  });

  test.each<[string, () => void]>([
    ["a file's content", () => writeFileSync(join(project, "model", "a.txt"), "A")],
    ["a file's name", () => renameSync(join(project, "model", "a.txt"), join(project, "model", "c.txt"))],
    ["a file more", () => writeFileSync(join(project, "model", "c.txt"), "")],
    ["a file less", () => rmSync(join(project, "model", "a.txt"))],
    ["the right to execute", () => chmodSync(join(project, "model", "a.txt"), 0o755)],
    ["a link", () => symlinkSync("a.txt", join(project, "model", "z"))],
    [
      "a file in another folder",
      () => renameSync(join(project, "model", "deep", "b.txt"), join(project, "model", "b.txt")),
    ],
  ])("changes with %s", (_what, change) => {
    const before = digest();
    change();
    expect(digest()).not.toBe(before);
  });

  test("tells content that moves from one file to the next", () => {
    writeFileSync(join(project, "model", "a.txt"), "ab");
    writeFileSync(join(project, "model", "b.txt"), "");
    const before = digest();
    writeFileSync(join(project, "model", "a.txt"), "a");
    writeFileSync(join(project, "model", "b.txt"), "b");
    expect(digest()).not.toBe(before);
  });

  test("reads files larger than its buffer", () => {
    writeFileSync(join(project, "file.bin"), Buffer.alloc(3_000_000, 1));
    const before = path("file.bin").digest;
    const content = Buffer.alloc(3_000_000, 1);
    content[2_999_999] = 2;
    writeFileSync(join(project, "file.bin"), content);
    expect(path("file.bin").digest).not.toBe(before);
  });
});
