import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Workspace, describeWithTerraform } from "./support";

/** A small endpoint: roles and policies, a function, a queue, an endpoint configuration. */
function stack(change: { variant?: string; memory?: number; queue?: string } = {}): Record<string, unknown> {
  return {
    data: {
      aws_caller_identity: { me: {} },
      aws_region: { here: {} },
      aws_iam_policy_document: {
        trust: {
          statement: [
            {
              actions: ["sts:AssumeRole"],
              principals: [{ type: "Service", identifiers: ["lambda.amazonaws.com"] }],
            },
          ],
        },
      },
    },
    resource: {
      aws_iam_role: {
        run: {
          name: "run-${data.aws_caller_identity.me.account_id}",
          assume_role_policy: "${data.aws_iam_policy_document.trust.json}",
        },
      },
      aws_sqs_queue: { work: { name: change.queue ?? "work", tags: { team: "ml" } } },
      aws_lambda_function: {
        api: {
          function_name: "api",
          role: "${aws_iam_role.run.arn}",
          package_type: "Image",
          image_uri: "example.com/api:1",
          memory_size: change.memory ?? 512,
          environment: { variables: { QUEUE: "${aws_sqs_queue.work.url}" } },
          vpc_config: { subnet_ids: ["subnet-b", "subnet-a"], security_group_ids: ["sg-a"] },
          depends_on: ["aws_iam_role.run"],
        },
      },
      aws_sagemaker_endpoint_configuration: {
        main: {
          lifecycle: { create_before_destroy: true },
          production_variants: [
            {
              variant_name: change.variant ?? "main",
              model_name: "model",
              instance_type: "ml.m5.large",
              initial_instance_count: 1,
            },
          ],
        },
      },
      aws_sagemaker_endpoint: {
        main: {
          name: "main",
          endpoint_config_name: "${aws_sagemaker_endpoint_configuration.main.name}",
        },
      },
    },
    output: {
      role: { value: "${aws_iam_role.run.arn}" },
      region: { value: "${data.aws_region.here.region}" },
    },
  };
}

interface State {
  resources: { type: string; instances: { attributes: Record<string, unknown> }[] }[];
  outputs: Record<string, { value: unknown }>;
}

describeWithTerraform("a stack of AWS resources", () => {
  let workspace: Workspace;
  let firstState: string;
  const readState = (): State =>
    JSON.parse(readFileSync(join(workspace.dir, "terraform.tfstate"), "utf8")) as State;

  beforeAll(async () => {
    workspace = await Workspace.start();
  });
  afterAll(() => workspace.end());

  test("is valid", async () => {
    workspace.write(stack());
    expect(await workspace.succeed("validate")).toContain("The configuration is valid");
  });

  test("is planned as five new resources", async () => {
    expect(Object.values(await workspace.plannedActions())).toEqual(Array(5).fill("create"));
  });

  test("is applied with made-up values of a usable shape", async () => {
    await workspace.succeed("apply", "-auto-approve");
    firstState = readFileSync(join(workspace.dir, "terraform.tfstate"), "utf8");
    const state = readState();
    const attributes = (type: string): Record<string, unknown> =>
      state.resources.find((resource) => resource.type === type)?.instances[0]?.attributes ?? {};
    expect(state.outputs["region"]?.value).toBe("eu-west-1");
    expect(state.outputs["role"]?.value).toBe("arn:aws:iam::123456789012:role/run-123456789012");
    expect(attributes("aws_iam_role")["name"]).toBe("run-123456789012");
    expect(JSON.parse(String(attributes("aws_iam_role")["assume_role_policy"]))).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Action: "sts:AssumeRole",
          Principal: { Service: "lambda.amazonaws.com" },
        },
      ],
    });
    expect(attributes("aws_sqs_queue")["url"]).toBe("https://sqs.eu-west-1.amazonaws.com/123456789012/work");
    expect(attributes("aws_lambda_function")).toMatchObject({
      arn: "arn:aws:lambda:eu-west-1:123456789012:function:api",
      memory_size: 512,
      environment: [{ variables: { QUEUE: "https://sqs.eu-west-1.amazonaws.com/123456789012/work" } }],
    });
  });

  test("is unchanged when planned again", async () => {
    const run = await workspace.run("plan", "-detailed-exitcode");
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  });

  test("updates in place, and replaces where the provider must", async () => {
    workspace.write(stack({ memory: 1024, queue: "other", variant: "second" }));
    expect(await workspace.plannedActions()).toEqual({
      "aws_lambda_function.api": "update",
      "aws_sqs_queue.work": "delete+create",
      "aws_sagemaker_endpoint_configuration.main": "create+delete",
      "aws_sagemaker_endpoint.main": "update",
    });
    expect(await workspace.succeed("show", "plan.bin")).toMatch(/variant_name .*# forces replacement/);
    await workspace.succeed("apply", "-auto-approve");
    expect((await workspace.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
  });

  test("finds an applied object when it is imported into an empty state", async () => {
    writeFileSync(join(workspace.dir, "terraform.tfstate"), "");
    await workspace.succeed("import", "aws_iam_role.run", "run-123456789012");
    const actions = await workspace.plannedActions();
    expect(actions["aws_iam_role.run"]).toBeUndefined();
    expect(actions["aws_lambda_function.api"]).toBe("create");
  });

  test("imports an object it has never seen under the id it is given", async () => {
    await workspace.succeed("import", "aws_sqs_queue.work", "elsewhere");
    const queue = readState().resources.find(({ type }) => type === "aws_sqs_queue");
    expect(queue?.instances[0]?.attributes["id"]).toBe("elsewhere");
  });

  test("is destroyed, types that only the state names included", async () => {
    writeFileSync(join(workspace.dir, "terraform.tfstate"), firstState);
    workspace.write({ output: { done: { value: true } } });
    expect(Object.values(await workspace.plannedActions())).toEqual(Array(5).fill("delete"));
    await workspace.succeed("apply", "-auto-approve");
    expect(readState().resources).toEqual([]);
  });

  test("gives the same values in another session", async () => {
    const other = await Workspace.start();
    try {
      other.write(stack());
      await other.succeed("apply", "-auto-approve");
      const again = JSON.parse(readFileSync(join(other.dir, "terraform.tfstate"), "utf8")) as State;
      expect(again.resources).toEqual((JSON.parse(firstState) as State).resources);
    } finally {
      await other.end();
    }
  });
});

describeWithTerraform("a stack of all three providers", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.start();
    workspace.write({
      provider: {
        aws: [
          { region: "eu-west-1", default_tags: [{ tags: { owner: "ml" } }] },
          { alias: "us", region: "us-east-1" },
        ],
        kubernetes: [
          {
            host: "${aws_eks_cluster.main.endpoint}",
            cluster_ca_certificate: "${base64decode(aws_eks_cluster.main.certificate_authority[0].data)}",
            exec: [{ api_version: "client.authentication.k8s.io/v1", command: "aws", args: ["eks"] }],
          },
        ],
        docker: [{ registry_auth: [{ address: "example.com", username: "me", password: "secret" }] }],
      },
      resource: {
        aws_eks_cluster: {
          main: { name: "main", role_arn: "arn", vpc_config: [{ subnet_ids: ["subnet-a"] }] },
        },
        aws_sns_topic: {
          here: { name: "here", tags: { a: "b" } },
          there: { name: "there", provider: "aws.us" },
        },
        kubernetes_namespace_v1: { models: { metadata: [{ name: "models" }] } },
        kubernetes_deployment_v1: {
          api: {
            metadata: { name: "api", namespace: "${kubernetes_namespace_v1.models.metadata[0].name}" },
            spec: {
              selector: { match_labels: { app: "api" } },
              template: {
                metadata: { labels: { app: "api" } },
                spec: { container: [{ name: "api", image: "${docker_image.api.image_id}" }] },
              },
            },
          },
        },
        kubernetes_service_v1: {
          api: { metadata: { name: "api" }, spec: { selector: { app: "api" }, port: [{ port: 80 }] } },
        },
        kubernetes_manifest: {
          quota: { manifest: { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "q" } } },
        },
        docker_image: { api: { name: "api:1" } },
        docker_container: {
          api: {
            name: "api",
            image: "${docker_image.api.image_id}",
            ports: [{ internal: 8080, external: 8080 }],
            env: ["B=2", "A=1"],
            capabilities: { drop: ["ALL"] },
          },
        },
      },
      output: {
        here: { value: "${aws_sns_topic.here.arn}" },
        there: { value: "${aws_sns_topic.there.arn}" },
        tags: { value: "${aws_sns_topic.here.tags_all}" },
        cidr: { value: "${aws_eks_cluster.main.kubernetes_network_config[0].service_ipv4_cidr}" },
        host: {
          value: "${kubernetes_service_v1.api.status[0].load_balancer[0].ingress[0].hostname}",
        },
        kind: { value: "${kubernetes_manifest.quota.object.kind}" },
      },
    });
  });
  afterAll(() => workspace.end());

  test("is planned, applied and then unchanged", async () => {
    await workspace.succeed("validate");
    expect(Object.values(await workspace.plannedActions())).toEqual(Array(9).fill("create"));
    await workspace.succeed("apply", "-auto-approve");
    const run = await workspace.run("plan", "-detailed-exitcode");
    expect([run.exitCode, run.stderr]).toEqual([0, ""]);
  });

  test("keeps the settings of aliased providers apart", async () => {
    const outputs = JSON.parse(await workspace.succeed("output", "-json")) as Record<
      string,
      { value: unknown }
    >;
    expect(outputs["here"]?.value).toBe("arn:aws:sns:eu-west-1:123456789012:here");
    expect(outputs["there"]?.value).toBe("arn:aws:sns:us-east-1:123456789012:there");
    expect(outputs["tags"]?.value).toEqual({ owner: "ml", a: "b" });
    expect(outputs["kind"]?.value).toBe("ResourceQuota");
    expect(outputs["host"]?.value).toMatch(/^[0-9a-f]+\.example\.com$/);
    expect(outputs["cidr"]?.value).toMatch(/^10\./);
  });

  test("is destroyed", async () => {
    await workspace.succeed("destroy", "-auto-approve");
    expect(await workspace.succeed("state", "list")).toBe("");
  });
});

describeWithTerraform("what an update decides anew", () => {
  test("a published function gets another version, and its alias follows", async () => {
    const workspace = await Workspace.start();
    const write = (image: string, publish: boolean): void =>
      workspace.write({
        resource: {
          aws_lambda_function: {
            api: { function_name: "api", role: "arn", package_type: "Image", image_uri: image, publish },
          },
          aws_lambda_alias: {
            live: {
              name: "live",
              function_name: "${aws_lambda_function.api.function_name}",
              function_version: "${aws_lambda_function.api.version}",
            },
          },
        },
        output: { arn: { value: "${aws_lambda_function.api.qualified_arn}" } },
      });
    try {
      write("image:1", true);
      await workspace.succeed("apply", "-auto-approve");
      write("image:2", true);
      expect(await workspace.plannedActions()).toEqual({
        "aws_lambda_alias.live": "update",
        "aws_lambda_function.api": "update",
      });
      await workspace.succeed("apply", "-auto-approve");
      expect(await workspace.succeed("output")).toContain("function:api:2");
      expect((await workspace.run("plan", "-detailed-exitcode")).exitCode).toBe(0);
    } finally {
      await workspace.end();
    }
  });

  test("another kind makes a manifest another object, another label does not", async () => {
    const workspace = await Workspace.start();
    const write = (kind: string, label: string): void =>
      workspace.write({
        resource: {
          kubernetes_manifest: {
            a: { manifest: { apiVersion: "v1", kind, metadata: { name: "a", labels: { label } } } },
          },
        },
      });
    try {
      write("ConfigMap", "one");
      await workspace.succeed("apply", "-auto-approve");
      write("ConfigMap", "two");
      expect(await workspace.plannedActions()).toEqual({ "kubernetes_manifest.a": "update" });
      write("Secret", "one");
      expect(await workspace.plannedActions()).toEqual({ "kubernetes_manifest.a": "delete+create" });
    } finally {
      await workspace.end();
    }
  });
});

describeWithTerraform("what replaces a resource only at times", () => {
  let workspace: Workspace;
  beforeAll(async () => {
    workspace = await Workspace.start();
  });
  afterAll(() => workspace.end());

  const cluster = (encrypted: boolean): Record<string, unknown> => ({
    name: "c",
    role_arn: "arn",
    vpc_config: { subnet_ids: ["a"] },
    ...(encrypted ? { encryption_config: { resources: ["secrets"], provider: { key_arn: "arn" } } } : {}),
  });
  const service = (force: boolean, ...weights: number[]): Record<string, unknown> => ({
    name: "s",
    force_new_deployment: force,
    capacity_provider_strategy: weights.map((weight) => ({ capacity_provider: `p${weight}`, weight })),
  });
  const replaced = "delete+create";

  test.each<[string, string, Record<string, unknown>, Record<string, unknown>, string]>([
    ["encryption of a cluster comes", "aws_eks_cluster", cluster(false), cluster(true), "update"],
    ["encryption of a cluster goes", "aws_eks_cluster", cluster(true), cluster(false), replaced],
    ["another capacity provider", "aws_ecs_service", service(false, 1), service(false, 2), replaced],
    ["the same, deployed anew", "aws_ecs_service", service(true, 1), service(true, 2), "update"],
    ["the first capacity provider", "aws_ecs_service", service(true), service(true, 2), replaced],
    ["another region", "aws_sqs_queue", { name: "q" }, { name: "q", region: "us-west-2" }, replaced],
    [
      "the provider's own region, named",
      "aws_sns_topic",
      { name: "t" },
      { name: "t", region: "eu-west-1" },
      "",
    ],
  ])("%s", async (_what, type, before, after, expected) => {
    workspace.write({ resource: { [type]: { a: before } } });
    await workspace.succeed("apply", "-auto-approve");
    workspace.write({ resource: { [type]: { a: after } } });
    expect((await workspace.plannedActions())[`${type}.a`] ?? "").toBe(expected);
  });
});

describeWithTerraform("stacks that read each other's state", () => {
  test("a consumer gets the outputs of the producer's local state", async () => {
    const [producer, consumer] = [await Workspace.start(), await Workspace.start()];
    try {
      producer.write({
        resource: { aws_vpc: { main: { cidr_block: "10.0.0.0/16" } } },
        output: { vpc: { value: "${aws_vpc.main.id}" } },
      });
      await producer.succeed("apply", "-auto-approve");
      consumer.write({
        data: {
          terraform_remote_state: {
            producer: {
              backend: "local",
              config: { path: join(producer.dir, "terraform.tfstate") },
            },
          },
        },
        resource: {
          aws_subnet: {
            a: {
              vpc_id: "${data.terraform_remote_state.producer.outputs.vpc}",
              cidr_block: "10.0.0.0/24",
            },
          },
        },
      });
      await consumer.succeed("apply", "-auto-approve");
      expect(await consumer.succeed("state", "show", "aws_subnet.a")).toMatch(/vpc_id +.*"vpc-[0-9a-f]{17}"/);
    } finally {
      await producer.end();
      await consumer.end();
    }
  });

  test("a configured local backend works after init", async () => {
    const workspace = await Workspace.start();
    try {
      const path = join(workspace.dir, "kept.tfstate");
      workspace.write({
        terraform: {
          required_providers: { aws: { source: "aws", version: "6.25.0" } },
          backend: { local: { path } },
        },
        resource: { aws_kms_key: { main: { description: "key" } } },
      });
      await workspace.succeed("init");
      await workspace.succeed("apply", "-auto-approve");
      expect(readFileSync(path, "utf8")).toContain("aws_kms_key");
      await workspace.succeed("destroy", "-auto-approve");
    } finally {
      await workspace.end();
    }
  });
});
