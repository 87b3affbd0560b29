import type { IncomingMessage } from "node:http";
import { type Account, sdkAccount } from "../../modules/doctor/account";
import { ARN, type AwsAnswer, AwsServer, Folder, IDENTITY_XML, stsError } from "./support";

const KEY = "AKIAIOSFODNN7PLANTED";
const SECRET = "planted/secret/of/the/test/EXAMPLEKEY";

let folder: Folder;
let aws: AwsServer;
const before = { ...process.env };
beforeAll(async () => (aws = await AwsServer.start()));
afterAll(() => aws.stop());
beforeEach(() => {
  folder = new Folder();
  aws.requests.length = 0;
});
afterEach(() => {
  folder.remove();
  for (const name of Object.keys(process.env)) {
    if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
  }
});

/** The account as the SDK finds it under some variables, and under nothing that this machine has. */
function accountUnder(variables: Readonly<Record<string, string>>): Account {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: aws.url,
    AWS_CONFIG_FILE: `${folder.path}/config`,
    AWS_SHARED_CREDENTIALS_FILE: `${folder.path}/credentials`,
    AWS_EC2_METADATA_DISABLED: "true",
    ...variables,
  });
  return sdkAccount(process.env);
}
const withKeys = () => accountUnder({ AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET });

test("says whose the credentials are, and asks once", async () => {
  aws.answer = () => ({ status: 200, body: IDENTITY_XML });
  const account = withKeys();
  expect(await account.identity("eu-west-1")).toEqual({ value: { account: "222222222222", arn: ARN } });
  await account.identity("eu-west-1");
  expect(aws.requests).toHaveLength(1);
  expect(aws.requests[0]?.authorization).toContain(`Credential=${KEY}/`);
  expect(aws.requests[0]?.authorization).toContain("/eu-west-1/sts/");
});

test("takes the keys in variables before AWS_PROFILE, as Terraform does", async () => {
  aws.answer = () => ({ status: 200, body: IDENTITY_XML });
  folder.write("credentials", "[acme]\naws_access_key_id = AKIAOFTHEPROFILE\naws_secret_access_key = x\n");
  const both = { AWS_ACCESS_KEY_ID: KEY, AWS_SECRET_ACCESS_KEY: SECRET, AWS_PROFILE: "acme" };
  const warn = jest.spyOn(console, "warn");
  await accountUnder(both).identity("eu-west-1");
  expect(aws.requests[0]?.authorization).toContain(`Credential=${KEY}/`);
  expect(warn).not.toHaveBeenCalled();
  for (const name of Object.keys(both).slice(0, 2)) Reflect.deleteProperty(process.env, name);
  await accountUnder({ AWS_PROFILE: "acme" }).identity("eu-west-1");
  expect(aws.requests[1]?.authorization).toContain("Credential=AKIAOFTHEPROFILE/");
});

test.each([
  ["ExpiredToken", 403, "expired"],
  ["InvalidClientTokenId", 403, "unknown-key"],
  ["SignatureDoesNotMatch", 403, "signature"],
  ["RequestExpired", 400, "clock"],
  ["AccessDenied", 403, "denied"],
  ["SomethingNew", 400, "other"],
])("%s is told by its code, not by its words", async (code, status, problem) => {
  const words = `The key ${KEY} with ${SECRET} is refused`;
  aws.answer = () => ({ status, body: stsError(code, words) });
  const answer = await withKeys().identity("eu-west-1");
  expect(answer).toEqual({ problem, code });
});

test("a signature from another time is the clock's fault", async () => {
  const words = "Signature expired: 20261123T100000Z is now earlier than 20261123T110000Z";
  aws.answer = () => ({ status: 403, body: stsError("SignatureDoesNotMatch", words) });
  expect(await withKeys().identity("eu-west-1")).toMatchObject({ problem: "clock" });
});

test("no credentials are none, wherever they were looked for", async () => {
  expect(await accountUnder({}).identity("eu-west-1")).toEqual({
    problem: "none",
    code: "CredentialsProviderError",
  });
  expect(await accountUnder({ AWS_PROFILE: "no-such" }).identity("eu-west-1")).toMatchObject({
    problem: "none",
  });
  expect(aws.requests).toEqual([]);
});

test("a session of IAM Identity Center that was never begun asks for a login", async () => {
  folder.write(
    "config",
    "[profile acme]\nsso_session = corp\nsso_account_id = 222222222222\nsso_role_name = deploy\n" +
      "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp.example.com/start\n",
  );
  expect(await accountUnder({ AWS_PROFILE: "acme", HOME: folder.path }).identity("eu-west-1")).toMatchObject({
    problem: "sso",
  });
});

test("a profile that wants a code says so", async () => {
  folder.write(
    "config",
    "[profile base]\naws_access_key_id = AKIABASE\naws_secret_access_key = x\n" +
      "[profile acme]\nsource_profile = base\nrole_arn = arn:aws:iam::222222222222:role/deploy\n" +
      "mfa_serial = arn:aws:iam::222222222222:mfa/jane\n",
  );
  expect(await accountUnder({ AWS_PROFILE: "acme" }).identity("eu-west-1")).toMatchObject({ problem: "mfa" });
});

test("the region of a profile", async () => {
  folder.write("config", "[default]\nregion = eu-central-1\n[profile acme]\nregion = us-west-2\n");
  expect(await accountUnder({}).profileRegion()).toBe("eu-central-1");
  expect(await accountUnder({ AWS_PROFILE: "acme" }).profileRegion()).toBe("us-west-2");
});

test("no region where no profile sets one", async () => {
  expect(await accountUnder({}).profileRegion()).toBeNull();
});

describe("a bucket", () => {
  const versioning = (status: string) =>
    `<VersioningConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${status}</VersioningConfiguration>`;
  const DENIED = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
  const here = { "x-amz-bucket-region": "eu-west-1" };
  const answering = (head: AwsAnswer, get: AwsAnswer) => {
    aws.answer = ({ method }: IncomingMessage) => (method === "HEAD" ? head : get);
    return withKeys().bucket("acme-states", "eu-west-1");
  };

  test.each<[string, AwsAnswer, AwsAnswer, unknown]>([
    [
      "with versions",
      { status: 200, headers: here },
      { status: 200, body: versioning("<Status>Enabled</Status>") },
      { value: { region: "eu-west-1", versioning: "on" } },
    ],
    [
      "without versions",
      { status: 200, headers: here },
      { status: 200, body: versioning("") },
      { value: { region: "eu-west-1", versioning: "off" } },
    ],
    [
      "with versions suspended",
      { status: 200, headers: here },
      { status: 200, body: versioning("<Status>Suspended</Status>") },
      { value: { region: "eu-west-1", versioning: "off" } },
    ],
    [
      "that does not say",
      { status: 200, headers: here },
      { status: 403, body: DENIED },
      { value: { region: "eu-west-1", versioning: "unknown" } },
    ],
    [
      "of another region",
      { status: 301, headers: { "x-amz-bucket-region": "us-east-1" } },
      { status: 500 },
      { value: { region: "us-east-1", versioning: "unknown" } },
    ],
    [
      "that is none",
      { status: 404 },
      { status: 500 },
      { problem: "missing", code: expect.any(String) as unknown },
    ],
    [
      "of others",
      { status: 403 },
      { status: 500 },
      { problem: "denied", code: expect.any(String) as unknown },
    ],
  ])("%s", async (_what, head, get, expected) => {
    expect(await answering(head, get)).toEqual(expected);
    expect(aws.requests[0]).toMatchObject({
      method: "HEAD",
      url: expect.stringMatching(/^\/acme-states\/?$/) as unknown,
    });
  });
});
