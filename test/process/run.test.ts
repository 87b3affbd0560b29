import { NotStartedError, run } from "../../modules/process/run";

const node = (script: string, options = {}) => run(process.execPath, ["-e", script], options);

describe("run", () => {
  test("a failing program is a result, with both of its streams", async () => {
    const script = 'process.stdout.write("out é"); process.stderr.write("err"); process.exitCode = 7';
    expect(await node(script)).toEqual({ exitCode: 7, stdout: "out é", stderr: "err" });
  });

  test("arguments are never read by a shell", async () => {
    const { stdout } = await run(process.execPath, ["-p", "process.argv[1]", "$(id); `id` > x"]);
    expect(stdout).toBe("$(id); `id` > x\n");
  });

  test("it sees only the variables it is given", async () => {
    const { stdout } = await node("process.stdout.write(String(process.env.HOME) + process.env.A)", {
      env: { A: "1", PATH: process.env.PATH },
    });
    expect(stdout).toBe("undefined1");
  });

  test("one that hangs is ended", async () => {
    const { exitCode } = await node("setTimeout(() => {}, 60_000)", { timeoutMs: 300 });
    expect(exitCode).toBeNull();
  });

  test("one that does not exist is said to be not started", async () => {
    await expect(run("no-such-program", [])).rejects.toThrow(NotStartedError);
    await expect(run("no-such-program", [], { timeoutMs: 60_000 })).rejects.toThrow(/no-such-program/);
  });
});
