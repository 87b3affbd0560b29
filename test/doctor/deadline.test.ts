import { ask, SLOW, within } from "../../modules/doctor/deadline";
import { Folder } from "./support";

let folder: Folder;
beforeEach(() => (folder = new Folder()));
afterEach(() => folder.remove());

const context = () => ({ cwd: folder.path, env: { PATH: folder.PATH } });

test("an answer in time is the answer, a late one is slow, and its failure is unheard", async () => {
  expect(await within(1000, Promise.resolve(3))).toBe(3);
  await expect(within(1000, Promise.reject(new Error("no")))).rejects.toThrow("no");
  let fail: (error: Error) => void = () => undefined;
  const late = new Promise((_resolve, reject) => (fail = reject));
  expect(await within(10, late)).toBe(SLOW);
  // Unhandled, it would end the process.
  fail(new Error("too late"));
  await new Promise((resolve) => setTimeout(resolve, 20));
});

test("a program answers, fails or is absent", async () => {
  folder.program("good", "echo 1.2.3");
  folder.program("bad", "echo no >&2; exit 4");
  expect(await ask(context(), "good", [])).toEqual({ exitCode: 0, stdout: "1.2.3\n", stderr: "" });
  expect(await ask(context(), "bad", [])).toEqual({ exitCode: 4, stdout: "", stderr: "no\n" });
  expect(await ask(context(), "absent", [])).toBeNull();
});

test("a program whose child outlives it does not hold anybody up", async () => {
  // The child keeps the pipe open after its parent is ended.
  folder.program("hangs", "/bin/sleep 2; echo late");
  const started = Date.now();
  expect(await ask(context(), "hangs", [], 200)).toBe(SLOW);
  expect(Date.now() - started).toBeLessThan(1900);
});
