import { ecs, EXISTING } from "./support";

const DIGEST = `@sha256:${"a".repeat(64)}`;
const IMAGE = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud${DIGEST}`;
const LOGS = {
  logDriver: "awslogs",
  options: {
    "awslogs-group": "${aws_cloudwatch_log_group.log-group.name}",
    "awslogs-region": "eu-west-1",
    "awslogs-stream-prefix": "model",
    mode: "non-blocking",
    "max-buffer-size": "25m",
  },
};

describe("the task definition", () => {
  it("runs one hardened container by default", () => {
    const { task, containers } = ecs();
    expect(task).toMatchObject({
      family: "fraud-scorer-default-ecs-fargate",
      requires_compatibilities: ["FARGATE"],
      network_mode: "awsvpc",
      runtime_platform: { operating_system_family: "LINUX", cpu_architecture: "X86_64" },
      skip_destroy: true,
      lifecycle: { create_before_destroy: true },
      volume: [],
    });
    expect(containers).toEqual([
      {
        name: "model",
        image: IMAGE,
        essential: true,
        readonlyRootFilesystem: true,
        portMappings: [{ containerPort: 8080, hostPort: 8080, protocol: "tcp" }],
        environment: [],
        mountPoints: [],
        linuxParameters: {
          initProcessEnabled: true,
          tmpfs: [{ containerPath: "/tmp", size: 256, mountOptions: ["rw", "exec", "nosuid", "nodev"] }],
        },
        stopTimeout: 30,
        logConfiguration: LOGS,
      },
    ]);
  });

  it("is never privileged and shares nothing with the host", () => {
    const { task } = ecs();
    expect(task.pid_mode).toBeUndefined();
    expect(task.container_definitions).not.toContain("privileged");
  });

  it("passes variables on as they are, and never as expressions", () => {
    const nasty = '${file("/etc/passwd")} %{ if true } "q" \\ $(id) `id`';
    const [container] = ecs({ model: { image: IMAGE, environment: { Z: "1", A: nasty } } }).containers;
    expect(container?.environment).toEqual([
      { name: "A", value: nasty.replace(/[$%](?=\{)/g, (mark) => mark + mark) },
      { name: "Z", value: "1" },
    ]);
  });

  it("runs ARM images on ARM", () => {
    const { task } = ecs({ resources: { cpu: 1, memory: "2Gi", architecture: "arm64" } });
    expect(task.runtime_platform).toEqual({ operating_system_family: "LINUX", cpu_architecture: "ARM64" });
  });

  it("takes the image that is built from the variable", () => {
    const stack = ecs({ model: { build: { context: "targets/ecs-fargate" } } });
    expect(stack.container("model").image).toBe(
      "${data.terraform_remote_state.foundation.outputs.registry_url}@${var.image_digest}",
    );
  });

  it("runs as the user, with the stop time and the port that are asked for", () => {
    const stack = ecs(
      { model: { image: IMAGE, server: { port: 9000 } } },
      { user: "1000:1000", stopTimeout: "120s" },
    );
    expect(stack.container("model")).toMatchObject({
      user: "1000:1000",
      stopTimeout: 120,
      portMappings: [{ containerPort: 9000, hostPort: 9000, protocol: "tcp" }],
    });
  });
});

describe("the file system", () => {
  const mounts = (options: Record<string, unknown>, changes: Record<string, unknown> = {}) => {
    const stack = ecs(changes, options);
    const { linuxParameters, mountPoints, readonlyRootFilesystem } = stack.container("model");
    return {
      tmpfs: (linuxParameters as { tmpfs?: unknown }).tmpfs,
      mountPoints,
      readonlyRootFilesystem,
      volume: stack.task.volume,
    };
  };
  const disk = (sourceVolume: string, containerPath: string) => ({
    sourceVolume,
    containerPath,
    readOnly: false,
  });

  it("has /tmp in memory, of the size that is asked for", () => {
    expect(mounts({ tmp: "1Gi" }).tmpfs).toMatchObject([{ containerPath: "/tmp", size: 1024 }]);
  });

  it("has /tmp and other paths on disk", () => {
    expect(mounts({ writablePaths: ["/var/cache/model", "/tmp"] })).toEqual({
      tmpfs: undefined,
      mountPoints: [disk("writable-1", "/var/cache/model"), disk("tmp", "/tmp")],
      readonlyRootFilesystem: true,
      volume: [{ name: "writable-1" }, { name: "tmp" }],
    });
  });

  it("needs no /tmp where all can be written to", () => {
    expect(mounts({ readOnlyRootFilesystem: false })).toEqual({
      tmpfs: undefined,
      mountPoints: [],
      readonlyRootFilesystem: false,
      volume: [],
    });
  });

  it("has /tmp on disk where Fargate has no tmpfs", () => {
    const image = `123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/fraud${DIGEST}`;
    expect(mounts({}, { region: "cn-north-1", model: { image } })).toMatchObject({
      tmpfs: undefined,
      mountPoints: [disk("tmp", "/tmp")],
      volume: [{ name: "tmp" }],
    });
  });
});

describe("the artifact", () => {
  const artifact = (uri: string, options = {}) =>
    ecs({ model: { image: IMAGE, artifact: uri }, network: EXISTING }, options);
  const MODEL = { sourceVolume: "artifact", containerPath: "/opt/ml/model" };
  const DOWNLOAD = { sourceVolume: "download", containerPath: "/download", readOnly: false };

  it("is downloaded, then unpacked, before the server starts", () => {
    const stack = artifact("s3://models/fraud/model.tar.gz");
    expect(stack.container("artifact-download")).toMatchObject({
      essential: false,
      user: "0:0",
      readonlyRootFilesystem: true,
      entryPoint: ["aws"],
      command: ["s3", "cp", "--only-show-errors", "s3://models/fraud/model.tar.gz", "/download/model.tar.gz"],
      environment: [{ name: "AWS_REGION", value: "eu-west-1" }],
      mountPoints: [DOWNLOAD],
    });
    expect(stack.container("artifact-unpack")).toMatchObject({
      essential: false,
      user: "0:0",
      readonlyRootFilesystem: true,
      entryPoint: ["sh", "-c"],
      command: [
        "set -eu\ntar -xzf /download/model.tar.gz -C /opt/ml/model\nchmod -R a+rX /opt/ml/model\nrm /download/model.tar.gz",
      ],
      mountPoints: [{ ...MODEL, readOnly: false }, DOWNLOAD],
      dependsOn: [{ containerName: "artifact-download", condition: "SUCCESS" }],
    });
    expect(stack.container("model")).toMatchObject({
      mountPoints: [{ ...MODEL, readOnly: true }],
      dependsOn: [{ containerName: "artifact-unpack", condition: "SUCCESS" }],
    });
    expect(stack.task.volume).toEqual([{ name: "artifact" }, { name: "download" }]);
  });

  it("is pinned by the loaders' digests", () => {
    const { containers } = artifact("s3://models/fraud/model.tgz");
    expect(containers.slice(1).map(({ image }) => image)).toEqual([
      expect.stringMatching(/^public\.ecr\.aws\/aws-cli\/aws-cli@sha256:[0-9a-f]{64}$/),
      expect.stringMatching(/^public\.ecr\.aws\/docker\/library\/busybox@sha256:[0-9a-f]{64}$/),
    ]);
    const own = artifact("s3://models/m.tgz", { downloadImage: "mirror/cli:1", unpackImage: "mirror/box:1" });
    expect(own.containers.slice(1).map(({ image }) => image)).toEqual(["mirror/cli:1", "mirror/box:1"]);
  });

  it.each([
    ["s3://models/fraud/", ["--recursive", "s3://models/fraud/", "/opt/ml/model/"]],
    ["s3://models", ["--recursive", "s3://models", "/opt/ml/model/"]],
    ["s3://models/fraud/model.onnx", ["s3://models/fraud/model.onnx", "/opt/ml/model/"]],
  ])("is copied as it is from %s", (uri, args) => {
    const stack = artifact(uri);
    expect(stack.containers.map(({ name }) => name)).toEqual(["model", "artifact-download"]);
    expect(stack.container("artifact-download")).toMatchObject({
      command: ["s3", "cp", "--only-show-errors", ...args],
      mountPoints: [{ ...MODEL, readOnly: false }],
    });
    expect(stack.container("model").dependsOn).toEqual([
      { containerName: "artifact-download", condition: "SUCCESS" },
    ]);
  });

  it("is uploaded where it is local", () => {
    const stack = ecs({
      model: { image: IMAGE, artifact: "targets/ecs-fargate" },
      network: { internetAccess: true },
    });
    expect(stack.container("artifact-download").command).toContain(
      "s3://${aws_s3_object.artifact-object.bucket}/${aws_s3_object.artifact-object.key}",
    );
    expect(stack.containers).toHaveLength(3);
  });
});
