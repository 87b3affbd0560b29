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
      leavesObject: true,
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
