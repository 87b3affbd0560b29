import { execFileSync } from "node:child_process";
import { goDuration, healthCommand } from "../../../targets/docker/health";
import { options as schema } from "../../../targets/docker/options";
import { only, synth } from "../../support/synth";
import { container, IMAGE, manifest, stackOf } from "./support";

describe("the container", () => {
  it("is confined, limited and reached on the loopback address only", () => {
    const own: Record<string, unknown> = { ...container() };
    delete own["//"];
    expect(own).toEqual({
      name: "fraud-scorer-default-docker",
      image: "${docker_image.image.image_id}",
      ports: [{ internal: 8080, external: 8080, ip: "127.0.0.1", protocol: "tcp" }],
      labels: [
        { label: "modelport:model", value: "fraud-scorer" },
        { label: "modelport:environment", value: "default" },
        { label: "modelport:component", value: "docker" },
      ],
      restart: "unless-stopped",
      destroy_grace_seconds: 10,
      log_driver: "json-file",
      log_opts: { "max-size": "10m", "max-file": "3" },
      read_only: true,
      tmpfs: { "/tmp": "rw,exec,nosuid,nodev,mode=1777,size=1024m" },
      capabilities: { drop: ["ALL"] },
      security_opts: ["no-new-privileges:true"],
      shm_size: 64,
      cpus: "2",
      memory: 4096,
      memory_swap: 4096,
      env: [],
      volumes: [],
      healthcheck: {
        test: [...healthCommand(8080, "/ping")],
        interval: "5s",
        timeout: "10s",
        start_period: "30s",
        retries: 3,
      },
      wait: true,
      wait_timeout: 90,
    });
  });

  it("needs nothing of AWS, and no foundation", () => {
    const { stacks } = synth({ manifest: manifest() });
    expect(Object.keys(stacks)).toEqual(["fraud-scorer-default-docker"]);
    const [stack] = Object.values(stacks);
    expect(Object.keys(stack?.provider as object)).toEqual(["docker"]);
    expect(Object.keys(stack?.resource as object).sort()).toEqual(["docker_container", "docker_image"]);
    expect(stack?.output).toEqual({
      url: { value: "http://127.0.0.1:8080/invocations" },
      health_url: { value: "http://127.0.0.1:8080/ping" },
    });
  });

  it("takes every option", () => {
    const own = container(
      {
        port: 65535,
        shm: "1Gi",
        tmp: "256Mi",
        readOnly: false,
        user: "1000:1000",
        capabilities: ["CAP_SETUID"],
        restart: "on-failure",
        gpu: true,
        limits: false,
        healthcheck: false,
      },
      { model: { image: IMAGE, server: { port: 9000, health: "/healthz", invoke: "/predict" } } },
    );
    expect(own).toMatchObject({
      ports: [{ internal: 9000, external: 65535, ip: "127.0.0.1" }],
      shm_size: 1024,
      tmpfs: { "/tmp": "rw,exec,nosuid,nodev,mode=1777,size=256m" },
      read_only: false,
      user: "1000:1000",
      capabilities: { drop: ["ALL"], add: ["CAP_SETUID"] },
      restart: "on-failure",
      gpus: "all",
    });
    for (const absent of ["cpus", "memory", "memory_swap", "healthcheck", "wait", "wait_timeout"]) {
      expect(own[absent]).toBeUndefined();
    }
    expect(container({ wait: false }).wait).toBeUndefined();
  });

  it("gets GPUs where the manifest has some, unless told otherwise", () => {
    const resources = { resources: { cpu: 2, memory: "4Gi", gpu: 1 } };
    expect(container({}, resources).gpus).toBe("all");
    expect(container({ gpu: false }, resources).gpus).toBeUndefined();
    expect(container().gpus).toBeUndefined();
  });

  it("has scratch storage in /tmp", () => {
    const resources = { resources: { cpu: 2, memory: "4Gi", storage: "20Gi" } };
    expect(container({}, resources).tmpfs).toEqual({
      "/tmp": "rw,exec,nosuid,nodev,mode=1777,size=20480m",
    });
  });

  it("gets variables as they are, secrets as references, tags as labels", () => {
    const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:fraud-AbCdEf";
    const own = container(
      {},
      {
        model: { image: IMAGE, environment: { A: "${x} %{y} $(z)" }, secrets: { TOKEN: arn } },
        tags: { team: "risk" },
      },
    );
    expect(own.env).toEqual(["A=$${x} %%{y} $(z)", `TOKEN_SECRET_ARN=${arn}`]);
    expect(own.labels[0]).toEqual({ label: "team", value: "risk" });
  });

  it("is found at the given socket", () => {
    expect(stackOf().provider.docker).toEqual([{}]);
    expect(stackOf({ host: "unix:///run/user/1000/podman.sock" }).provider.docker).toEqual([
      { host: "unix:///run/user/1000/podman.sock" },
    ]);
  });
});

describe("a pulled image", () => {
  it("is named by its digest, for the platform of the manifest, and kept", () => {
    expect(only(stackOf(), "docker_image")).toMatchObject({
      name: IMAGE,
      pull_triggers: [IMAGE],
      platform: "linux/amd64",
      keep_locally: true,
      lifecycle: { create_before_destroy: true },
    });
    const arm = { resources: { cpu: 1, memory: "1Gi", architecture: "arm64" } };
    expect(only(stackOf({}, arm), "docker_image").platform).toBe("linux/arm64");
  });

  it.each([
    [`localhost:5000/a:1.2@sha256:${"b".repeat(64)}`, `localhost:5000/a@sha256:${"b".repeat(64)}`],
    [`localhost:5000/a@sha256:${"b".repeat(64)}`, `localhost:5000/a@sha256:${"b".repeat(64)}`],
    ["localhost:5000/a:1.2", "localhost:5000/a:1.2"],
  ])("%s is %s", (image, name) => {
    expect(only(stackOf({}, { model: { image } }), "docker_image").name).toBe(name);
  });
});

describe("the health check", () => {
  const [kind, command] = healthCommand(8080, "/ping");
  const run = (path: string) => {
    try {
      execFileSync("/bin/sh", ["-c", command], { env: { PATH: path }, stdio: "pipe" });
      return { code: 0, text: "" };
    } catch (error) {
      const { status, stderr } = error as { status: number; stderr: Buffer };
      return { code: status, text: stderr.toString() };
    }
  };

  it("is a shell's, fails without a server, and says what is missing", () => {
    expect(kind).toBe("CMD-SHELL");
    expect(command).toContain("'http://127.0.0.1:8080/ping'");
    expect(run("/nowhere")).toEqual({
      code: 1,
      text: "no curl, wget or python3 in the image: set targets.docker.healthcheck to false\n",
    });
  });

  it("asks where the manifest says", () => {
    const model = { image: IMAGE, server: { port: 81, health: "/a/b~c.d", startup: "1h" } };
    const { healthcheck, wait_timeout: wait } = container({}, { model });
    expect(healthcheck.test[1]).toContain("'http://127.0.0.1:81/a/b~c.d'");
    expect(healthcheck.start_period).toBe("1h0m0s");
    expect(wait).toBe(3660);
  });

  it.each([
    [0, "0s"],
    [1, "1s"],
    [59.2, "1m0s"],
    [90, "1m30s"],
    [3600, "1h0m0s"],
    [3661, "1h1m1s"],
  ])("writes %d seconds as Go does", (seconds, text) => {
    expect(goDuration(seconds)).toBe(text);
  });
});

it("every option has a description, and changes the stack", () => {
  const changed: Record<string, unknown> = {
    port: 8081,
    host: "unix:///other.sock",
    limits: false,
    gpu: true,
    shm: "128Mi",
    tmp: "2Gi",
    readOnly: false,
    user: "app",
    capabilities: ["CAP_CHOWN"],
    restart: "no",
    healthcheck: false,
    wait: false,
    builder: "legacy",
  };
  expect(Object.keys(schema.shape).sort()).toEqual(Object.keys(changed).sort());
  const build = { model: { build: { context: "test/support" } } };
  const before = JSON.stringify(stackOf({}, build));
  for (const [name, value] of Object.entries(changed)) {
    expect(schema.shape[name as keyof typeof schema.shape].meta()?.description).toMatch(/\w/);
    expect(JSON.stringify(stackOf({ [name]: value }, build))).not.toBe(before);
  }
});
