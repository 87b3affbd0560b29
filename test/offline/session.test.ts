import { runTerraform } from "../../modules/offline";
import { Workspace, describeWithTofu } from "./support";

interface Plugin {
  Pid: number;
  Addr: { Network: string; String: string };
}

test("the providers are announced under the registries of Terraform and of OpenTofu, at the same sockets", async () => {
  const workspace = await Workspace.start();
  try {
    const plugins = JSON.parse(workspace.session.env["TF_REATTACH_PROVIDERS"] ?? "") as Record<
      string,
      Plugin
    >;
    expect(Object.keys(plugins).sort()).toEqual(
      ["registry.opentofu.org", "registry.terraform.io"].flatMap((host) => [
        `${host}/hashicorp/aws`,
        `${host}/hashicorp/kubernetes`,
        `${host}/kreuzwerker/docker`,
      ]),
    );
    expect(plugins["registry.opentofu.org/hashicorp/aws"]).toEqual(
      plugins["registry.terraform.io/hashicorp/aws"],
    );
    const sockets = new Set(Object.values(plugins).map(({ Addr }) => Addr.String));
    expect([sockets.size, Object.values(plugins)[0]?.Addr.Network]).toEqual([3, "unix"]);
  } finally {
    await workspace.end();
  }
});

describeWithTofu("the real tofu", () => {
  test("validates, plans, applies and destroys", async () => {
    const workspace = await Workspace.start();
    const tofu = async (...args: string[]): Promise<string> => {
      const run = await runTerraform(workspace.session, workspace.dir, [...args, "-no-color"], "tofu");
      expect([run.exitCode, run.stderr]).toEqual([0, ""]);
      return run.stdout;
    };
    try {
      workspace.write({
        resource: {
          aws_sns_topic: { a: { name: "a" } },
          aws_sqs_queue: { a: { name: "a", policy: "${aws_sns_topic.a.arn}" } },
          kubernetes_namespace_v1: { a: { metadata: { name: "a" } } },
        },
      });
      await tofu("validate");
      expect(await tofu("plan")).toContain("3 to add, 0 to change, 0 to destroy");
      await tofu("apply", "-auto-approve");
      expect(await tofu("plan")).toContain("No changes");
      workspace.write({ resource: { aws_sns_topic: { a: { name: "b" } } } });
      expect(await tofu("plan")).toContain("1 to add, 0 to change, 3 to destroy");
      await tofu("destroy", "-auto-approve");
    } finally {
      await workspace.end();
    }
  });
});
