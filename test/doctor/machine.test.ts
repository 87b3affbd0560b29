import { buildx, docker, dockerEngine } from "../../modules/doctor/docker";
import { node } from "../../modules/doctor/node";
import { npm } from "../../modules/doctor/npm";
import { OLD_AFTER_DAYS, priceBook } from "../../modules/doctor/price-book";
import { terraform } from "../../modules/doctor/terraform";
import { engines } from "../../package.json";
import { Folder, manifestFor, outcome, S3_SETTINGS } from "./support";

let folder: Folder;
beforeEach(() => (folder = new Folder()));
afterEach(() => folder.remove());

describe("Node", () => {
  test.each([
    ["20.18.3", "failed"],
    ["20.19.0", "ok"],
    ["22.11.0", "ok"],
    ["27.0.0-nightly20261101", "ok"],
    ["18.20.4", "failed"],
  ])("%s is %s", async (nodeVersion, status) => {
    const said = await outcome(node, folder, { context: { nodeVersion } });
    expect(said).toMatchObject({ status, details: { version: nodeVersion, required: engines.node } });
    expect(said.fix === undefined).toBe(status === "ok");
  });
});

describe("npm", () => {
  test("says its version", async () => {
    folder.program("npm", "echo 11.2.0");
    expect(await outcome(npm, folder)).toEqual({
      status: "ok",
      found: "11.2.0",
      details: { version: "11.2.0" },
    });
  });

  test.each([
    ["absent", undefined, "not found"],
    ["broken", "echo oops >&2; exit 1", "`npm --version` fails"],
  ])("%s is a warning", async (_what, script, found) => {
    if (script !== undefined) folder.program("npm", script);
    expect(await outcome(npm, folder)).toMatchObject({ status: "warning", found });
  });
});

describe("Terraform", () => {
  const says = (first: string) => `echo "${first}"; echo "on linux_amd64"`;

  test("is found with its version", async () => {
    folder.program("terraform", says("Terraform v1.11.4"));
    expect(await outcome(terraform, folder)).toEqual({
      status: "ok",
      found: "Terraform 1.11.4 (terraform)",
      details: { product: "Terraform", version: "1.11.4", command: "terraform" },
    });
  });

  test("may be OpenTofu", async () => {
    folder.program("tofu", says("OpenTofu v1.10.6"));
    expect(await outcome(terraform, folder)).toMatchObject({ status: "ok", found: "OpenTofu 1.10.6 (tofu)" });
  });

  test.each([
    ["1.4.7", "failed"],
    ["1.5.0", "ok"],
    ["1.9.8", "ok"],
  ])("%s with local state is %s", async (version, status) => {
    folder.program("terraform", says(`Terraform v${version}`));
    expect((await outcome(terraform, folder)).status).toBe(status);
  });

  test.each([
    ["terraform", "Terraform", "1.9.8", "failed"],
    ["terraform", "Terraform", "1.10.0", "ok"],
    ["terraform", "Terraform", "1.10.0-rc1", "ok"],
    ["tofu", "OpenTofu", "1.9.3", "failed"],
    ["tofu", "OpenTofu", "1.10.0", "ok"],
  ])("%s %s %s with state in S3 is %s", async (command, product, version, status) => {
    folder.write("cdktf.json", S3_SETTINGS);
    folder.program(command, says(`${product} v${version}`));
    const said = await outcome(terraform, folder);
    expect(said.status).toBe(status);
    if (status === "failed") {
      expect(said.found).toContain("use_lockfile");
      expect(said.fix).toContain("1.10.0 or later");
    }
  });

  test("absent fails a project, and only tells where there is none", async () => {
    expect(await outcome(terraform, folder)).toMatchObject({
      status: "absent",
      found: "neither terraform nor tofu is found",
    });
    folder.write("modelport.yaml", manifestFor("lambda"));
    const said = await outcome(terraform, folder);
    expect(said.status).toBe("failed");
    expect(said.fix).toContain("https://developer.hashicorp.com/terraform/install");
  });

  test("that TERRAFORM_BINARY_NAME names and that does not start is told by this name", async () => {
    folder.program("terraform", says("Terraform v1.11.4"));
    const said = await outcome(terraform, folder, { env: { TERRAFORM_BINARY_NAME: "terraform-1.12" } });
    expect(said).toMatchObject({
      status: "failed",
      found:
        "TERRAFORM_BINARY_NAME names terraform-1.12, which is neither Terraform nor OpenTofu that starts",
    });
    expect(said.fix).toContain("unset TERRAFORM_BINARY_NAME");
  });
});

describe("Docker", () => {
  const needed = () => folder.write("modelport.yaml", manifestFor("docker"));
  const unneeded = () => folder.write("modelport.yaml", manifestFor("lambda"));
  /** A client that answers like Docker's, with what `docker version` says and how. */
  const client = (version: object | string, more = "") =>
    folder.program(
      "docker",
      `case "$1 $2" in
"--version ") echo "Docker version 28.2.2, build e6534b4" ;;
"version --format") echo '${typeof version === "string" ? version : JSON.stringify(version)}'; ${more} ;;
"buildx version") echo "github.com/docker/buildx v0.25.0 faaea65" ;;
esac`,
    );
  const UP = { Client: { Version: "28.2.2", Context: "default" }, Server: { Version: "28.1.0" } };
  const DOWN = { ...UP, Server: null };

  test.each([
    ["needed", needed, "failed"],
    ["not needed", unneeded, "not-needed"],
    ["perhaps needed", () => undefined, "absent"],
  ])("that is not installed and %s", async (_what, prepare, status) => {
    prepare();
    const said = await outcome(docker, folder);
    expect(said.status).toBe(status);
    expect(said.found).toMatch(/^not installed/);
    expect(said.fix?.includes("https://docs.docker.com/") ?? false).toBe(status !== "not-needed");
  });

  test("is needed to build the image of any target", async () => {
    folder.write("server/Dockerfile", "FROM scratch\n");
    const built = manifestFor("lambda").replace(/model: .*/, "model: { build: { context: ./server } }");
    folder.write("modelport.yaml", built);
    expect((await outcome(docker, folder)).status).toBe("failed");
    expect((await outcome(buildx, folder)).status).toBe("failed");
  });

  test("and its engine answer", async () => {
    needed();
    client(UP);
    expect(await outcome(docker, folder)).toEqual({
      status: "ok",
      found: "client 28.2.2",
      details: { product: "Docker", version: "28.2.2" },
    });
    expect(await outcome(dockerEngine, folder)).toEqual({
      status: "ok",
      found: "28.1.0 answers (context default)",
      details: { version: "28.1.0", context: "default" },
    });
    expect(await outcome(buildx, folder)).toEqual({
      status: "ok",
      found: "0.25.0",
      details: { version: "0.25.0" },
    });
  });

  test.each<[string, string, Readonly<Record<string, string>>, RegExp, RegExp]>([
    [
      "not running",
      "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
      {},
      /^the engine is not running$/,
      /systemctl start docker/,
    ],
    [
      "not to be touched",
      "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock",
      {},
      /^permission denied on the engine's socket$/,
      /usermod -aG docker/,
    ],
    [
      "elsewhere, and silent",
      "error during connect: dial tcp 10.0.0.7:2376: connect: connection refused",
      { DOCKER_HOST: "tcp://10.0.0.7:2376" },
      /^the engine that DOCKER_HOST names does not answer$/,
      /unset DOCKER_HOST/,
    ],
    [
      "refused by its certificate",
      "tls: failed to verify certificate: x509: certificate signed by unknown authority",
      {},
      /^its TLS certificate is refused$/,
      /DOCKER_CERT_PATH/,
    ],
    ["silent for no known reason", "gremlins", {}, /^it cannot be reached$/, /`docker version`/],
  ])("an engine that is %s", async (_what, stderr, env, found, fix) => {
    needed();
    client(DOWN, `echo '${stderr}' >&2; exit 1`);
    const said = await outcome(dockerEngine, folder, { env });
    expect(said.status).toBe("failed");
    expect(said.found).toMatch(found);
    expect(said.fix).toMatch(fix);
    expect(JSON.stringify(said)).not.toContain("10.0.0.7");
    unneeded();
    expect((await outcome(dockerEngine, folder, { env })).status).toBe("not-needed");
  });

  test("buildx that is missing fails only who builds", async () => {
    needed();
    folder.program("docker", `echo "docker: unknown command: docker buildx" >&2; exit 1`);
    expect(await outcome(buildx, folder)).toEqual({
      status: "not-needed",
      found: "not installed; nothing here needs it",
    });
  });

  describe("by a context that Terraform does not know", () => {
    const CONTEXT = { ...UP, Client: { Version: "28.2.2", Context: "colima" } };

    test("is a warning with the command that helps", async () => {
      needed();
      client(CONTEXT);
      const said = await outcome(dockerEngine, folder);
      expect(said.status).toBe("warning");
      expect(said.found).toContain("the context colima");
      expect(said.fix).toContain("export DOCKER_HOST=$(docker context inspect");
    });

    test.each<[string, () => void, Readonly<Record<string, string>>]>([
      ["DOCKER_HOST is set", needed, { DOCKER_HOST: "unix:///home/jane/.colima/docker.sock" }],
      ["DOCKER_CONTEXT is set", needed, { DOCKER_CONTEXT: "colima" }],
      ["the target is another", unneeded, {}],
      [
        "the usual socket is there",
        () => {
          needed();
          folder.write("docker.sock", "");
        },
        {},
      ],
      [
        "the manifest names the socket",
        () =>
          folder.write(
            "modelport.yaml",
            manifestFor("docker").replace("docker: {}", `docker: { host: "unix:///home/jane/docker.sock" }`),
          ),
        {},
      ],
    ])("is none where %s", async (_what, prepare, env) => {
      prepare();
      client(CONTEXT);
      expect((await outcome(dockerEngine, folder, { env })).status).toBe("ok");
    });
  });
});

describe("the price book", () => {
  const of = (newest: string) =>
    outcome(priceBook, folder, { context: { priceBookAge: () => ({ oldest: "2025-01-01", newest }) } });

  test("is old from its 180th day on", async () => {
    expect(OLD_AFTER_DAYS).toBe(180);
    expect(await of("2026-05-28")).toEqual({
      status: "ok",
      found: "newest price of 2026-05-28, oldest of 2025-01-01",
      details: { newest: "2026-05-28", oldest: "2025-01-01", days: 179 },
    });
    expect(await of("2026-05-27")).toEqual({
      status: "warning",
      found: "newest price of 2026-05-27, oldest of 2025-01-01: 180 days ago",
      fix: "`npx modelport prices --refresh --region <region>`, or a newer modelport",
      details: { newest: "2026-05-27", oldest: "2025-01-01", days: 180 },
    });
  });

  test("is as old as what the project fetched for its region", async () => {
    folder.write("modelport.yaml", manifestFor("lambda"));
    expect((await of("2026-01-01")).fix).toContain("--region eu-west-1");
    const list = (published: string) => ({
      service: "lambda",
      serviceCode: "AWSLambda",
      published,
      prices: {},
    });
    const lists = [list("2026-11-20"), list("2026-10-01")];
    folder.write(".modelport/prices/eu-west-1.json", { schemaVersion: 1, region: "eu-west-1", lists });
    expect(await of("2026-01-01")).toMatchObject({
      status: "ok",
      found:
        "newest price of 2026-01-01, oldest of 2025-01-01, eu-west-1 fetched by this project as of 2026-11-20",
      details: { days: 3 },
    });
  });

  test("that the project fetched and damaged fails, with what mends it", async () => {
    folder.write("modelport.yaml", manifestFor("lambda"));
    folder.write(".modelport/prices/eu-west-1.json", "{");
    const said = await of("2026-11-01");
    expect(said.status).toBe("failed");
    expect(said.found).toMatch(/eu-west-1\.json is no JSON$/);
    expect(said.fix).toContain("modelport prices --refresh --region eu-west-1");
  });
});
