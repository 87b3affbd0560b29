import { regionInfo } from "../aws/regions";
import { show } from "../issues/issue";
import type { AccountProblem, Identity } from "./account";
import type { Check, DoctorContext, Outcome } from "./check";

const FOR = ["modelport plan", "cdktf diff", "cdktf deploy"] as const;

/** Where a question goes whose answer is the same everywhere. */
const ANY_REGION = "us-east-1";

/** The region to ask in: the manifest's decides the partition. */
function askedRegion({ env, project }: DoctorContext): string {
  const { settings, models } = project;
  const own = models
    .map(({ region }) => region)
    .find((region) => region !== null && regionInfo(region) !== undefined);
  const state = settings.kind === "found" && settings.state.kind === "s3" ? settings.state.region : undefined;
  const named = notEmpty(env.AWS_REGION) ?? notEmpty(env.AWS_DEFAULT_REGION);
  return [own, state, named].find((region) => region !== null && region !== undefined) ?? ANY_REGION;
}

function notEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

/** Credentials of an AWS account, found as Terraform finds them, and whether AWS takes them. */
export const credentials: Check = {
  id: "credentials",
  title: "AWS credentials",
  needs: [],
  neededFor: FOR,
  run: async (context) => {
    const need = context.project.needs.aws;
    if (need === "no") {
      const kinds = [...new Set(context.project.models.flatMap(({ kinds: own }) => own))].join(", ");
      return { status: "not-needed", found: `${kinds} with local state needs no AWS account` };
    }
    const answer = await context.account.identity(askedRegion(context));
    if (answer.problem === undefined) return identified(answer.value, context);
    const { found, fix } = explain(answer, context);
    const behindProxy = answer.problem === "unreachable" && proxied(context);
    const status = need === "yes" ? "failed" : answer.problem === "none" ? "absent" : "warning";
    return { status: behindProxy ? "warning" : status, found, fix };
  },
};

function identified({ account, arn }: Identity, { env }: DoctorContext): Outcome {
  const both = [env.AWS_PROFILE, env.AWS_ACCESS_KEY_ID, env.AWS_SECRET_ACCESS_KEY].every(
    (value) => notEmpty(value) !== undefined,
  );
  const found = `account ${account}, as ${arn}`;
  const details = { account, arn };
  if (!both) return { status: "ok", found, details };
  return {
    status: "warning",
    found: `${found}, by AWS_ACCESS_KEY_ID; Terraform then ignores AWS_PROFILE, other tools ignore the keys`,
    fix: "unset the one that you do not mean: `unset AWS_PROFILE`, or the AWS_ACCESS_KEY_ID with its secret and token",
    details,
  };
}

function proxied({ env }: DoctorContext): boolean {
  return ["HTTPS_PROXY", "https_proxy"].some((name) => notEmpty(env[name]) !== undefined);
}

/** Where the credentials that were tried come from, as far as the environment shows. */
function source({ env }: DoctorContext): string {
  if (notEmpty(env.AWS_ACCESS_KEY_ID) !== undefined) return "those in AWS_ACCESS_KEY_ID";
  const profile = notEmpty(env.AWS_PROFILE);
  return profile === undefined ? "those found" : `those of the profile ${show(profile)}`;
}

function explain(
  { problem, code }: { readonly problem: AccountProblem; readonly code: string },
  context: DoctorContext,
): { readonly found: string; readonly fix: string } {
  const profile = notEmpty(context.env.AWS_PROFILE);
  const login = (command: string) => `\`${command}${profile === undefined ? "" : ` --profile ${profile}`}\``;
  const renew = `get new ones: ${login("aws sso login")}, or set new variables`;
  switch (problem) {
    case "none":
      return {
        found: profile === undefined ? "none found" : `the profile ${show(profile)} gives none`,
        fix:
          profile === undefined
            ? "`aws configure sso` or `aws login`, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID with its secret"
            : "`aws configure list-profiles` shows which there are; then set AWS_PROFILE",
      };
    case "sso":
      return { found: "the session of AWS IAM Identity Center has ended", fix: login("aws sso login") };
    case "login":
      return { found: "the session of `aws login` has ended", fix: login("aws login") };
    case "mfa":
      return {
        found: "the profile asks for a code of multi-factor authentication, which Terraform cannot ask for",
        fix: "start a session first (`aws sts get-session-token`, or a tool such as aws-vault), and use its credentials",
      };
    case "expired":
      return { found: `${source(context)} have expired (${code})`, fix: renew };
    case "unknown-key":
      return {
        found: `${source(context)} are not known to AWS in ${askedRegion(context)} (${code})`,
        fix: `${renew}; or the region is not enabled in the account (\`aws account list-regions\`)`,
      };
    case "signature":
      return { found: `the secret of ${source(context)} does not belong to the key (${code})`, fix: renew };
    case "clock":
      return {
        found: `AWS refuses the time of the request (${code})`,
        fix: "set this machine's clock (NTP)",
      };
    case "denied":
      return {
        found: `${source(context)} may not be used (${code})`,
        fix: "if the profile assumes a role, let its trust policy name you; else ask who manages the account",
      };
    case "unreachable":
      return proxied(context)
        ? {
            found: `AWS cannot be reached without the proxy (${code}); this check does not use HTTPS_PROXY, Terraform does`,
            fix: "`aws sts get-caller-identity` asks the same by way of the proxy",
          }
        : {
            found: `AWS cannot be reached (${code})`,
            fix: "check network, VPN and DNS; set HTTPS_PROXY behind a proxy",
          };
    case "tls":
      return {
        found: `the certificate on the way to AWS is not trusted (${code})`,
        fix: "behind a proxy that opens TLS, set NODE_EXTRA_CA_CERTS and AWS_CA_BUNDLE to its certificate",
      };
    case "slow":
      return {
        found: "no answer in time; a program that the profile starts may be waiting for you",
        fix: "run `aws sts get-caller-identity` to see what it waits for",
      };
    case "missing":
    case "other":
      return {
        found: `AWS refuses to say whose they are (${code})`,
        fix: "run `aws sts get-caller-identity` to see why",
      };
  }
}

/** The account of the credentials against the one that the manifest names. */
export const account: Check = {
  id: "account",
  title: "AWS account",
  needs: ["manifest", "credentials"],
  neededFor: FOR,
  run: async (context) => {
    const named = context.project.models.filter((model) => model.account !== null);
    if (named.length === 0) {
      return {
        status: "not-needed",
        found: "the manifest names none; with `account` Terraform refuses to run against another",
      };
    }
    const answer = await context.account.identity(askedRegion(context));
    if (answer.problem !== undefined) return { status: "failed", ...explain(answer, context) };
    const { account: own } = answer.value;
    const other = named.find((model) => model.account !== own);
    const details = { account: own };
    if (other === undefined) return { status: "ok", found: `${own}, as the manifest says`, details };
    return {
      status: "failed",
      found: `${other.file} is for ${other.account ?? ""}, the credentials are of ${own}`,
      fix: "take credentials of that account (AWS_PROFILE), or choose the environment that belongs to these (--env)",
      details,
    };
  },
};

/** The manifest's region, which the stacks are made for, beside the shell's, which they ignore. */
export const region: Check = {
  id: "region",
  title: "AWS region",
  needs: ["manifest"],
  neededFor: FOR,
  run: async (context) => {
    const own = [
      ...new Set(context.project.models.map((model) => model.region).filter((name) => name !== null)),
    ];
    if (own.length === 0)
      return { status: "not-needed", found: "the manifest names none, and its targets need none" };
    const found = `${own.join(", ")}, from the manifest`;
    const details = { region: own.join(",") };
    const shell = await shellRegion(context);
    if (shell === null || own.includes(shell.name)) return { status: "ok", found, details };
    // No fault: the provider is told its region. But commands of the AWS CLI will look elsewhere.
    return {
      status: "ok",
      found: `${found}; ${shell.from} says ${show(shell.name)}, which only other tools use`,
      details,
    };
  },
};

/** The region that the shell names, as the AWS CLI and Terraform's own providers would take it; null where none is. */
async function shellRegion({
  env,
  account: asked,
}: DoctorContext): Promise<{ readonly name: string; readonly from: string } | null> {
  for (const from of ["AWS_REGION", "AWS_DEFAULT_REGION"]) {
    const name = notEmpty(env[from]);
    if (name !== undefined) return { name, from };
  }
  const name = await asked.profileRegion();
  return name === null ? null : { name, from: `the profile ${show(notEmpty(env.AWS_PROFILE) ?? "default")}` };
}
