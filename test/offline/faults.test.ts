import { Workspace, describeWithTerraform } from "./support";
import { armFaults } from "../../modules/offline/arm-faults";
import { strikes } from "../../modules/offline/faults";
import type { Fault } from "../../modules/offline";

const queues = (visibility: number): Record<string, unknown> => ({
  resource: {
    aws_sqs_queue: {
      first: { name: "first", visibility_timeout_seconds: visibility },
      second: { name: "second", visibility_timeout_seconds: visibility },
    },
  },
});

describeWithTerraform("faults", () => {
  let workspace: Workspace | undefined;
  const start = async (...faults: Fault[]): Promise<Workspace> => {
    workspace = await Workspace.start(faults);
    workspace.write(queues(30));
    return workspace;
  };
  afterEach(() => workspace?.end());

  test("a create at one address fails, the other succeeds, and the next run completes", async () => {
    const stack = await start({
      resource: "aws_sqs_queue.second",
      on: "create",
      message: "quota reached",
      times: 1,
    });
    const run = await stack.run("apply", "-auto-approve");
    expect(run.exitCode).toBe(1);
    expect(run.stderr).toContain("quota reached");
    expect(run.stderr).toContain("aws_sqs_queue.second");
    expect(await stack.succeed("state", "list")).toBe("aws_sqs_queue.first\n");
    expect(await stack.succeed("apply", "-auto-approve")).toContain("1 added, 0 changed, 0 destroyed");
  });

  test("a create that leaves its object behind taints it", async () => {
    const stack = await start({
      resource: "aws_sqs_queue.first",
      on: "create",
      message: "late",
      takesEffect: true,
    });
    expect((await stack.run("apply", "-auto-approve")).exitCode).toBe(1);
    expect(await stack.plannedActions()).toEqual({ "aws_sqs_queue.first": "delete+create" });
  });

  test("an update and a delete of a whole type fail", async () => {
    const stack = await start(
      { resource: "aws_sqs_queue", on: "update", message: "locked" },
      { resource: "aws_sqs_queue", on: "delete", message: "in use" },
    );
    await stack.succeed("apply", "-auto-approve");
    stack.write(queues(60));
    expect((await stack.run("apply", "-auto-approve")).stderr).toContain("locked");
    expect((await stack.run("destroy", "-auto-approve")).stderr).toContain("in use");
    expect((await stack.succeed("state", "list")).trim().split("\n")).toHaveLength(2);
  });

  const address = "aws_sqs_queue.first";

  test("a failing update leaves the old values, and the next run completes it", async () => {
    const stack = await start({ resource: address, on: "update", message: "throttled", times: 1 });
    await stack.succeed("apply", "-auto-approve");
    stack.write(queues(60));
    const run = await stack.run("apply", "-auto-approve");
    expect([run.exitCode, run.stdout]).toEqual([1, expect.stringContaining("aws_sqs_queue.second: Modif")]);
    expect(run.stderr).toContain("throttled");
    expect(await stack.attribute(address, "visibility_timeout_seconds")).toBe(30);
    expect(await stack.plannedActions()).toEqual({ [address]: "update" });
    await stack.succeed("apply", "-auto-approve");
    expect(await stack.attribute(address, "visibility_timeout_seconds")).toBe(60);
  });

  test("an update that fails half way has stored the new values", async () => {
    const stack = await start({ resource: address, on: "update", message: "timeout", takesEffect: true });
    await stack.succeed("apply", "-auto-approve");
    stack.write(queues(60));
    expect((await stack.run("apply", "-auto-approve")).stderr).toContain("timeout");
    expect(await stack.attribute(address, "visibility_timeout_seconds")).toBe(60);
    expect(await stack.plannedActions()).toEqual({});
  });

  test("a failing delete keeps the object, whatever is configured by now", async () => {
    const stack = await start({ resource: address, on: "delete", message: "in use", times: 2 });
    await stack.succeed("apply", "-auto-approve");
    const { first, second } = { first: { name: "renamed" }, second: { name: "second" } };
    stack.write({ resource: { aws_sqs_queue: { first, second } } });
    expect((await stack.run("apply", "-auto-approve")).stderr).toContain("in use");
    expect(await stack.attribute(address, "name")).toBe("first");
    // No longer configured at all.
    stack.write({ resource: { aws_sqs_queue: { second } } });
    expect((await stack.run("apply", "-auto-approve")).stderr).toContain("in use");
    expect(await stack.plannedActions()).toEqual({ [address]: "delete" });
    expect(await stack.succeed("apply", "-auto-approve")).toContain("1 destroyed");
  });

  test("a delete that fails after the object is gone is noticed by the next refresh", async () => {
    const stack = await start({ resource: address, on: "delete", message: "timeout", takesEffect: true });
    await stack.succeed("apply", "-auto-approve");
    expect((await stack.run("destroy", "-auto-approve")).stderr).toContain("timeout");
    expect(await stack.succeed("state", "list")).toBe(`${address}\n`);
    expect(await stack.plannedActions()).toEqual({
      [address]: "create",
      "aws_sqs_queue.second": "create",
    });
    await stack.succeed("apply", "-auto-approve");
    expect(await stack.plannedActions()).toEqual({});
  });

  test("where the new object comes first, a failing delete leaves the old one deposed", async () => {
    const stack = await start({ resource: address, on: "delete", message: "in use", times: 1 });
    const write = (name: string): void =>
      stack.write({
        resource: { aws_sqs_queue: { first: { name, lifecycle: { create_before_destroy: true } } } },
      });
    write("one");
    await stack.succeed("apply", "-auto-approve");
    write("two");
    const run = await stack.run("apply", "-auto-approve");
    expect([run.exitCode, run.stderr.includes("in use")]).toEqual([1, true]);
    expect(await stack.attribute(address, "name")).toBe("two");
    const next = await stack.succeed("apply", "-auto-approve");
    expect(next).toContain("0 added, 0 changed, 1 destroyed");
  });

  test.each(["update", "delete"] as const)(
    "a delay of one %s takes its time, and the run succeeds",
    async (on) => {
      const stack = await start({ resource: address, on, delayMs: 600 });
      await stack.succeed("apply", "-auto-approve");
      stack.write(on === "update" ? queues(60) : { output: { done: { value: true } } });
      const before = performance.now();
      await stack.succeed("apply", "-auto-approve");
      expect(performance.now() - before).toBeGreaterThan(600);
    },
  );

  test("a vanished object is planned anew", async () => {
    const stack = await start({ resource: "aws_sqs_queue.second", on: "read", vanished: true });
    await stack.succeed("apply", "-auto-approve");
    expect(await stack.plannedActions()).toEqual({ "aws_sqs_queue.second": "create" });
  });

  test("a delay takes its time", async () => {
    const stack = await start({ resource: "aws_sqs_queue.first", on: "create", delayMs: 700 });
    const before = performance.now();
    await stack.succeed("apply", "-auto-approve");
    expect(performance.now() - before).toBeGreaterThan(700);
  });

  test("resources that are configured alike cannot be told apart", async () => {
    const stack = await start({ resource: "aws_eip.a", on: "create", message: "none left" });
    stack.write({ resource: { aws_eip: { a: { domain: "vpc" }, b: { domain: "vpc" } } } });
    await expect(stack.run("plan")).rejects.toThrow("aws_eip.a and aws_eip.b are configured alike");
  });

  test("an address of another stack is left alone", async () => {
    const stack = await start();
    expect(armFaults([{ resource: "aws_eip.none", on: "create" }], stack.dir)).toEqual([]);
  });
});

test.each([
  [{ port: 80 }, { port: "80" }, true],
  [{ port: 80 }, { port: 81 }, false],
  [{ vpc: { id: "a" } }, { vpc: [{ id: "a", other: null }] }, true],
  [{ vpc: [{ id: "a" }] }, { vpc: [] }, false],
  [{ name: "${other.name}" }, { name: "anything" }, true],
  [{ name: null }, { name: "computed" }, true],
])("settings %p match the values %p: %p", (settings, value, expected) => {
  const fault = { index: 0, resource: "t.a", type: "t", on: "create" as const, settings };
  expect(strikes(fault, "t", "create", value)).toBe(expected);
});
