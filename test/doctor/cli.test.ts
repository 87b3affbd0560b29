import { join } from "node:path";
import { version } from "../../package.json";
import { cli, type CliRun } from "../support/cli";
import type { Json } from "../support/synth";
import { ARN, AwsServer, Folder, IDENTITY_XML, manifestFor, S3_SETTINGS, stsError } from "./support";

const KEY = "AKIAIOSFODNN7PLANTED";
const SECRET = "planted/secret/of/the/test/EXAMPLEKEY";
const TOKEN = "planted-session-token-of-the-test";

let folder: Folder;
let aws: AwsServer;
beforeAll(async () => (aws = await AwsServer.start()));
afterAll(() => aws.stop());
beforeEach(() => {
  folder = new Folder();
  folder.program("terraform", 'echo "Terraform v1.11.4"');
  folder.program("npm", "echo 11.2.0");
  aws.answer = () => ({ status: 200, body: IDENTITY_XML });
});
afterEach(() => folder.remove());

/** The command in the folder, with nothing of this machine but Node. */
const doctor = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<CliRun> =>
  cli(["doctor", ...args], {
    cwd: folder.path,
    env: {
      PATH: folder.PATH,
      HOME: folder.path,
      AWS_ENDPOINT_URL: aws.url,
      AWS_EC2_METADATA_DISABLED: "true",
      ...env,
    },
  });

const KEYS = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET, AWS_SESSION_TOKEN: TOKEN };

/** The document on stdout, nothing beside it, and its checks by id. */
function document(run: CliRun): { readonly whole: Json; readonly check: (id: string) => Json } {
  const whole = JSON.parse(run.stdout) as Json;
  expect(Object.keys(whole)[0]).toBe("schemaVersion");
  expect(run.stderr).toBe("");
  const all = whole.checks as readonly Json[];
  return { whole, check: (id) => all.find((check) => check.id === id) ?? {} };
}

test("an empty folder on a machine that is well is no failure", async () => {
  const run = await doctor([], { AWS_ENDPOINT_URL: "" });
  expect(run.code).toBe(0);
  expect(run.stdout).toContain("✓ Terraform        Terraform 1.11.4 (terraform)\n");
  expect(run.stdout).toMatch(/^- Project {10}no cdktf\.json in this folder\n {19}fix: `npx modelport init`/m);
  expect(run.stdout).toMatch(/^- Lock file {8}skipped, because it needs: Project$/m);
  expect(run.stdout).toMatch(/^- AWS credentials {2}none found$/m);
  for (const line of run.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  expect(run.stderr).toMatch(/^\d+ ok, .*skipped\n$/);
  expect(`${run.stdout}${run.stderr}`).not.toContain("\u001b");
});

test("a container on this machine needs no account", async () => {
  folder.write("modelport.yaml", manifestFor("docker"));
  folder.program(
    "docker",
    `case "$1" in
--version) echo "Docker version 28.2.2, build e6534b4" ;;
version) echo '{"Client":{"Context":"default"},"Server":{"Version":"28.2.2"}}' ;;
*) exit 1 ;;
esac`,
  );
  aws.requests.length = 0;
  const run = await doctor(["--format", "json"]);
  expect(run.code).toBe(0);
  const { whole, check } = document(run);
  expect(whole).toMatchObject({ schemaVersion: 1, ok: true, modelport: version, environment: null });
  for (const id of ["credentials", "account", "region"]) expect(check(id).status).toBe("not-needed");
  expect(check("docker-engine").status).toBe("ok");
  expect(aws.requests).toEqual([]);
});

test("the project and the account, as JSON with exactly its keys", async () => {
  folder.scaffold();
  folder.write(
    "modelport.yaml",
    manifestFor("lambda", 'environments: { prod: { account: "222222222222" } }'),
  );
  const run = await doctor(["--env", "prod", "--format", "json"], KEYS);
  const { whole, check } = document(run);
  expect(Object.keys(whole)).toEqual(["schemaVersion", "ok", "modelport", "environment", "checks"]);
  expect(whole).toMatchObject({ ok: false, environment: "prod" });
  expect(check("credentials")).toEqual({
    id: "credentials",
    title: "AWS credentials",
    needs: [],
    neededFor: expect.arrayContaining(["cdktf deploy"]) as unknown,
    status: "ok",
    found: `account 222222222222, as ${ARN}`,
    details: { account: "222222222222", arn: ARN },
  });
  expect(check("account")).toMatchObject({ status: "ok", needs: ["manifest", "credentials"] });
  expect(check("packages")).toMatchObject({ status: "failed", fix: "`npm install`" });
  expect(run.code).toBe(1);
});

test("credentials that AWS refuses hold up what needs them", async () => {
  folder.write("modelport.yaml", manifestFor("lambda", 'account: "222222222222"'));
  folder.write("cdktf.json", { ...S3_SETTINGS, app: "node main" });
  aws.answer = () => ({ status: 403, body: stsError("ExpiredToken", "The security token is expired") });
  const run = await doctor([], KEYS);
  expect(run.code).toBe(1);
  expect(run.stdout).toMatch(
    /^✗ AWS credentials {2}those in AWS_ACCESS_KEY_ID have expired \(ExpiredToken\)\n/m,
  );
  expect(run.stdout).toMatch(/^ +needed for: .*cdktf deploy$/m);
  expect(run.stdout).toMatch(/^- AWS account {6}skipped, because it needs: AWS credentials$/m);
  expect(run.stdout).toMatch(/^- State bucket {5}skipped, because it needs: AWS credentials$/m);
  expect(run.stdout).toMatch(/^✓ State {12}in S3, bucket "acme-states" in "eu-west-1"$/m);
  expect(run.stderr).toMatch(/ failed, /);
});

test("an account that nobody can reach is said so", async () => {
  folder.write("modelport.yaml", manifestFor("lambda"));
  // Nothing listens on the port of discard.
  const env = { ...KEYS, AWS_ENDPOINT_URL: "http://127.0.0.1:9" };
  const { check } = document(await doctor(["--format", "json"], env));
  expect(check("credentials")).toMatchObject({
    status: "failed",
    found: "AWS cannot be reached (ECONNREFUSED)",
  });
});

test("a profile whose program waits for somebody does not hold the command up", async () => {
  folder.write("modelport.yaml", manifestFor("lambda"));
  folder.write(".aws/config", "[default]\ncredential_process = /bin/sleep 40\n");
  const started = Date.now();
  const { check } = document(await doctor(["--format", "json"]));
  expect(check("credentials").found).toMatch(/^no answer in time; a program/);
  expect(Date.now() - started).toBeLessThan(30_000);
});

describe("nothing secret is printed", () => {
  const wordy = `The key ${KEY} (${SECRET}, ${TOKEN}) is no good`;
  const answers: readonly [string, () => ReturnType<AwsServer["answer"]>][] = [
    ["taken", () => ({ status: 200, body: IDENTITY_XML })],
    ["refused with many words", () => ({ status: 403, body: stsError("InvalidClientTokenId", wordy) })],
    ["answered with what is no answer", () => ({ status: 500, body: wordy })],
  ];
  const sources: readonly [string, Readonly<Record<string, string>>, string | undefined][] = [
    ["variables", KEYS, undefined],
    ["both variables and a profile", { ...KEYS, AWS_PROFILE: "default" }, "[default]\n"],
    [
      "the credentials file",
      {},
      `[default]\naws_access_key_id = ${KEY}\naws_secret_access_key = ${SECRET}\naws_session_token = ${TOKEN}\n`,
    ],
    [
      "a program that fails with them",
      {},
      `[default]\ncredential_process = /bin/sh -c "echo ${KEY} ${SECRET} ${TOKEN} >&2; exit 1"\n`,
    ],
  ];
  test.each(
    answers.flatMap(([how, answer]) =>
      sources.map(([where, env, file]) => [where, how, answer, env, file] as const),
    ),
  )("of credentials from %s, %s", async (_where, _how, answer, env, file) => {
    folder.write("modelport.yaml", manifestFor("lambda", 'account: "222222222222"'));
    folder.write("cdktf.json", { ...S3_SETTINGS, app: "node main" });
    if (file !== undefined) folder.write("credentials", file);
    aws.answer = answer;
    const variables = { ...env, AWS_SHARED_CREDENTIALS_FILE: join(folder.path, "credentials") };
    const runs = await Promise.all(["text", "json"].map((format) => doctor(["--format", format], variables)));
    for (const { code, stdout, stderr } of runs) {
      expect([0, 1]).toContain(code);
      expect(stdout).toMatch(/AWS credentials/);
      for (const secret of [KEY, SECRET, TOKEN]) expect(`${stdout}${stderr}`).not.toContain(secret);
    }
  });
});

test("--quiet leaves the result", async () => {
  const run = await doctor(["--quiet"]);
  expect(run.stdout).toMatch(/^✓ Node/);
  expect(run.stderr).toBe("");
});

test("a named manifest that is not there is at fault, a wrong option is usage", async () => {
  expect((await doctor(["none.yaml"])).code).toBe(1);
  expect((await doctor(["--format", "yaml"])).code).toBe(2);
});
