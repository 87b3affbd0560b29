import type { Account, AccountProblem, Answer, BucketFacts } from "../../modules/doctor/account";
import { account, credentials, region } from "../../modules/doctor/aws";
import { state, stateBucket } from "../../modules/doctor/state";
import { Folder, manifestFor, NO_ACCOUNT, outcome, S3_SETTINGS, type Situation } from "./support";

let folder: Folder;
beforeEach(() => (folder = new Folder()));
afterEach(() => folder.remove());

const ME = { account: "222222222222", arn: "arn:aws:iam::222222222222:user/jane" };

const withAccount = (own: Partial<Account>): Situation => ({
  context: { account: { ...NO_ACCOUNT, ...own } },
});
const known = withAccount({ identity: () => Promise.resolve({ value: ME }) });
const refusing = (
  problem: AccountProblem,
  code = "Code",
  env: Readonly<Record<string, string>> = {},
): Situation => ({
  ...withAccount({ identity: () => Promise.resolve({ problem, code }) }),
  env,
});
const manifest = (target: string, more = "") => folder.write("modelport.yaml", manifestFor(target, more));

describe("credentials", () => {
  test("that AWS takes are named by account and principal", async () => {
    manifest("lambda");
    expect(await outcome(credentials, folder, known)).toEqual({
      status: "ok",
      found: "account 222222222222, as arn:aws:iam::222222222222:user/jane",
      details: ME,
    });
  });

  test("are not asked for by containers on this machine", async () => {
    manifest("docker");
    expect(await outcome(credentials, folder)).toEqual({
      status: "not-needed",
      found: "docker with local state needs no AWS account",
    });
  });

  test("are asked for by state in S3, whatever the target", async () => {
    manifest("docker");
    folder.write("cdktf.json", S3_SETTINGS);
    expect((await outcome(credentials, folder, refusing("none"))).status).toBe("failed");
  });

  test.each<[AccountProblem, "failed" | "warning" | "absent", "failed" | "warning" | "absent"]>([
    ["none", "failed", "absent"],
    ["expired", "failed", "warning"],
    ["unreachable", "failed", "warning"],
  ])("%s: %s where they are needed, %s where nobody knows", async (problem, needed, unknown) => {
    expect((await outcome(credentials, folder, refusing(problem))).status).toBe(unknown);
    manifest("lambda");
    expect((await outcome(credentials, folder, refusing(problem))).status).toBe(needed);
  });

  test.each<[AccountProblem, Readonly<Record<string, string>>, string, string]>([
    ["none", {}, "none found", "AWS_ACCESS_KEY_ID"],
    ["none", { AWS_PROFILE: "acme" }, 'the profile "acme" gives none', "aws configure list-profiles"],
    [
      "sso",
      { AWS_PROFILE: "acme" },
      "the session of AWS IAM Identity Center has ended",
      "`aws sso login --profile acme`",
    ],
    ["login", {}, "the session of `aws login` has ended", "`aws login`"],
    ["mfa", {}, "multi-factor authentication", "aws sts get-session-token"],
    [
      "expired",
      { AWS_ACCESS_KEY_ID: "AKIAX" },
      "those in AWS_ACCESS_KEY_ID have expired (Code)",
      "aws sso login",
    ],
    ["unknown-key", {}, "not known to AWS in eu-west-1 (Code)", "not enabled in the account"],
    ["signature", {}, "does not belong to the key", "get new ones"],
    ["clock", {}, "refuses the time", "clock"],
    ["denied", {}, "may not be used", "trust policy"],
    ["unreachable", {}, "cannot be reached (Code)", "HTTPS_PROXY"],
    ["tls", {}, "is not trusted", "NODE_EXTRA_CA_CERTS"],
    ["slow", {}, "no answer in time", "aws sts get-caller-identity"],
    ["other", {}, "refuses to say", "aws sts get-caller-identity"],
  ])("%s %j have their own words and fix", async (problem, env, found, fix) => {
    manifest("lambda");
    const said = await outcome(credentials, folder, refusing(problem, "Code", env));
    expect(said.status).toBe("failed");
    expect(said.found).toContain(found);
    expect(said.fix).toContain(fix);
  });

  test("behind a proxy, which this check does not use, are only doubted", async () => {
    manifest("lambda");
    const env = { HTTPS_PROXY: "http://jane:hunter22@proxy:3128" };
    const said = await outcome(credentials, folder, refusing("unreachable", "ECONNREFUSED", env));
    expect(said.status).toBe("warning");
    expect(said.found).toContain("HTTPS_PROXY");
    expect(JSON.stringify(said)).not.toContain("hunter22");
  });

  test("in variables beside a profile are a warning, for tools disagree on which they take", async () => {
    manifest("lambda");
    const env = {
      AWS_PROFILE: "acme",
      AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
      AWS_SECRET_ACCESS_KEY: "secret-of-the-test",
    };
    const said = await outcome(credentials, folder, { ...known, env });
    expect(said.status).toBe("warning");
    expect(said.found).toContain("Terraform then ignores AWS_PROFILE");
    expect(JSON.stringify(said)).not.toMatch(/AKIAEXAMPLE|secret-of/);
  });

  test.each<[string, () => void, Readonly<Record<string, string>>, string]>([
    ["the manifest's region", () => manifest("lambda"), { AWS_REGION: "us-west-2" }, "eu-west-1"],
    [
      "the region of the state",
      () => folder.write("cdktf.json", S3_SETTINGS),
      { AWS_REGION: "us-west-2" },
      "eu-west-1",
    ],
    ["the shell's region", () => undefined, { AWS_REGION: "cn-north-1" }, "cn-north-1"],
    ["any region", () => undefined, { AWS_REGION: "" }, "us-east-1"],
  ])("are asked in %s", async (_what, prepare, env, expected) => {
    prepare();
    const asked: string[] = [];
    const identity = (where: string): ReturnType<Account["identity"]> => {
      asked.push(where);
      return Promise.resolve({ value: ME });
    };
    await outcome(credentials, folder, { ...withAccount({ identity }), env });
    expect(asked).toEqual([expected]);
  });
});

describe("the account", () => {
  const PROD = 'environments: { prod: { account: "222222222222" }, test: { account: "111111111111" } }';

  test("is not needed where the manifest names none, and is not asked for", async () => {
    manifest("lambda", PROD);
    expect((await outcome(account, folder)).status).toBe("not-needed");
  });

  test("is the one of the environment", async () => {
    manifest("lambda", PROD);
    expect(await outcome(account, folder, { ...known, environment: "prod" })).toEqual({
      status: "ok",
      found: "222222222222, as the manifest says",
      details: { account: "222222222222" },
    });
    const other = await outcome(account, folder, { ...known, environment: "test" });
    expect(other.status).toBe("failed");
    expect(other.found).toMatch(/modelport\.yaml is for 111111111111, the credentials are of 222222222222$/);
  });

  test("is compared for each of many manifests", async () => {
    folder.write("a.yaml", manifestFor("lambda", 'account: "222222222222"'));
    folder.write("b.yaml", manifestFor("lambda", 'account: "333333333333"').replace("fraud-scorer", "other"));
    const said = await outcome(account, folder, { ...known, manifests: ["a.yaml", "b.yaml"] });
    expect(said.status).toBe("failed");
    expect(said.found).toContain("b.yaml is for 333333333333");
  });
});

describe("the region", () => {
  test.each<[string, Readonly<Record<string, string>>, string | null, string]>([
    ["alone", {}, null, "eu-west-1, from the manifest"],
    ["agreeing with the shell", { AWS_REGION: "eu-west-1" }, null, "eu-west-1, from the manifest"],
    [
      "against the shell",
      { AWS_REGION: "us-east-1" },
      null,
      'eu-west-1, from the manifest; AWS_REGION says "us-east-1", which only other tools use',
    ],
    [
      "against the shell's default",
      { AWS_REGION: "", AWS_DEFAULT_REGION: "us-east-2" },
      null,
      'eu-west-1, from the manifest; AWS_DEFAULT_REGION says "us-east-2", which only other tools use',
    ],
    [
      "against the profile",
      { AWS_PROFILE: "acme" },
      "us-west-1",
      'eu-west-1, from the manifest; the profile "acme" says "us-west-1", which only other tools use',
    ],
  ])("is the manifest's, %s", async (_what, env, profile, found) => {
    manifest("lambda");
    const profileRegion = () => Promise.resolve(profile);
    expect(await outcome(region, folder, { ...withAccount({ profileRegion }), env })).toEqual({
      status: "ok",
      found,
      details: { region: "eu-west-1" },
    });
  });

  test("is not needed by containers on this machine", async () => {
    manifest("docker");
    expect((await outcome(region, folder)).status).toBe("not-needed");
  });
});

describe("the state", () => {
  test("beside the project is a warning with the way out", async () => {
    manifest("lambda");
    folder.write("cdktf.json", { app: "x" });
    const before = await outcome(state, folder);
    expect(before).toMatchObject({ status: "warning", details: { backend: "local" } });
    expect(before.fix).toContain("before the first deploy");
    folder.write("terraform.fraud-scorer-default-lambda.tfstate", "{}");
    folder.write("terraform.fraud-scorer-default-foundation.tfstate", "{}");
    const after = await outcome(state, folder);
    expect(after.found).toContain("(2 here)");
    expect(after.fix).toContain("terraform init -migrate-state");
  });

  test("beside the project is right for containers on this machine", async () => {
    manifest("docker");
    folder.write("cdktf.json", { app: "x" });
    expect((await outcome(state, folder)).status).toBe("ok");
  });

  test("in S3 is named", async () => {
    folder.write("cdktf.json", S3_SETTINGS);
    expect(await outcome(state, folder)).toEqual({
      status: "ok",
      found: 'in S3, bucket "acme-states" in "eu-west-1"',
      details: { backend: "s3", bucket: "acme-states", region: "eu-west-1" },
    });
  });

  test.each([
    ["bucket", { region: "eu-west-1" }],
    ["bucket", { bucket: "", region: "eu-west-1" }],
    ["region", { bucket: "acme-states", region: 1 }],
  ])("in S3 without its %s fails", async (name, s3) => {
    folder.write("cdktf.json", { app: "x", context: { modelport: { state: { s3 } } } });
    expect(await outcome(state, folder)).toMatchObject({
      status: "failed",
      found: `cdktf.json lacks context.modelport.state.s3.${name}`,
    });
  });
});

describe("the state's bucket", () => {
  const asked = (answer: Answer<BucketFacts>) => {
    folder.write("cdktf.json", S3_SETTINGS);
    return outcome(stateBucket, folder, withAccount({ bucket: () => Promise.resolve(answer) }));
  };

  test("is not needed by local state", async () => {
    folder.write("cdktf.json", { app: "x" });
    expect((await outcome(stateBucket, folder)).status).toBe("not-needed");
  });

  test.each<[Answer<BucketFacts>, string, string, string | undefined]>([
    [{ value: { region: "eu-west-1", versioning: "on" } }, "ok", "versioning is on", undefined],
    [{ value: { region: null, versioning: "unknown" } }, "ok", "s3:GetBucketVersioning is denied", undefined],
    [
      { value: { region: "eu-west-1", versioning: "off" } },
      "warning",
      "versioning is off",
      "put-bucket-versioning --bucket acme-states",
    ],
    [
      { value: { region: "us-east-1", versioning: "unknown" } },
      "failed",
      'it lies in "us-east-1"',
      "correct `region`",
    ],
    [
      { problem: "missing", code: "NotFound" },
      "failed",
      'there is no bucket "acme-states"',
      "--region eu-west-1 --create-bucket-configuration LocationConstraint=eu-west-1",
    ],
    [{ problem: "denied", code: "Forbidden" }, "failed", "is denied", "s3:PutObject"],
    [{ problem: "unreachable", code: "ENOTFOUND" }, "failed", "cannot be asked (ENOTFOUND)", "head-bucket"],
    [{ problem: "slow", code: "deadline" }, "failed", "no answer in time", "head-bucket"],
  ])("%j is %s", async (answer, status, found, fix) => {
    const said = await asked(answer);
    expect(said.status).toBe(status);
    expect(said.found).toContain(found);
    if (fix === undefined) expect(said.fix).toBeUndefined();
    else expect(said.fix).toContain(fix);
  });
});
