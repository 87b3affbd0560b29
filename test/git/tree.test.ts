import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkoutRevision, GitError } from "../../modules/git/tree";
import { commitAll, makeRepository } from "../support/git";

describe("checkoutRevision", () => {
  let folder: string;
  let repository: string;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "tree-"));
    repository = join(folder, "repository");
    mkdirSync(join(repository, "models", "a"), { recursive: true });
    mkdirSync(join(repository, "other"));
    writeFileSync(join(repository, "models", "a", "modelport.yaml"), "first");
    writeFileSync(join(repository, "other", "large"), "elsewhere");
    symlinkSync("/etc", join(repository, "models", "a", "link"));
    await makeRepository(repository);
    writeFileSync(join(repository, "models", "a", "modelport.yaml"), "second");
    await commitAll(repository);
    writeFileSync(join(repository, "models", "a", "modelport.yaml"), "not committed");
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("has the files of the revision, of the folders asked for and no others", async () => {
    const here = join(repository, "models");
    const { commit, folder: copy } = await checkoutRevision(
      here,
      "HEAD~1",
      ["a", "gone"],
      join(folder, "one"),
    );
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(copy).toBe(join(folder, "one", "models/"));
    expect(readFileSync(join(copy, "a", "modelport.yaml"), "utf8")).toBe("first");
    expect(existsSync(join(folder, "one", "other"))).toBe(false);
    expect(readFileSync(join(repository, "models", "a", "modelport.yaml"), "utf8")).toBe("not committed");
  });

  test("the whole tree, from its top", async () => {
    const { folder: copy } = await checkoutRevision(repository, "HEAD", ["."], join(folder, "two"));
    expect(readFileSync(join(copy, "models/a/modelport.yaml"), "utf8")).toBe("second");
    expect(readFileSync(join(copy, "other/large"), "utf8")).toBe("elsewhere");
  });

  test.each([
    ["an unknown revision", "nope", ["."], /has no revision "nope"/],
    ["an option", "--output=/tmp/x", ["."], /has no revision/],
    ["a blob", "HEAD:other/large", ["."], /has no revision/],
    ["a path outside", "HEAD", ["../../elsewhere"], /outside of the repository/],
  ])("%s is refused", async (_what, revision, paths, message) => {
    const attempt = checkoutRevision(repository, revision, paths, join(folder, "three"));
    await expect(attempt).rejects.toThrow(message);
    await expect(attempt).rejects.toBeInstanceOf(GitError);
  });

  test("a folder without a repository is said to be none", async () => {
    await expect(checkoutRevision(folder, "HEAD", ["."], join(folder, "four"))).rejects.toThrow(
      /no git repository/,
    );
  });
});
