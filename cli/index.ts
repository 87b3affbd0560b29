#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { ExternalError } from "../modules/issues/external-error";
import { ManifestError } from "../modules/issues/issue";
import { Duration } from "../modules/units/duration";
import { version } from "../package.json";
import type { CompareCommandOptions } from "./compare";
import type { DoctorOptions } from "./doctor";
import type { ImportOptions } from "./import";
import type { InitOptions } from "./init";
import { type CommonOptions, EXIT, Output } from "./output";
import type { PlanCommandOptions } from "./plan";
import type { PricesOptions } from "./prices";
import type { SchemaOptions } from "./schema";
import type { SynthOptions } from "./synth";
import type { TargetsOptions } from "./targets";
import type { ValidateOptions } from "./validate";

const OUT = "cdktf.out";

/** A parser of several names, separated by commas. */
const list =
  (what: string) =>
  (value: string): readonly string[] => {
    const names = value.split(",").map((name) => name.trim());
    if (names.some((name) => name === ""))
      throw new InvalidArgumentError(`name ${what}, separated by commas`);
    return names;
  };

/** A parser of an option that may be given several times. */
function each(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function wholeNumber(value: string): number {
  const parsed = /^\d{1,9}$/.test(value) ? Number(value) : NaN;
  if (Number.isNaN(parsed)) throw new InvalidArgumentError("a whole number of up to nine digits");
  return parsed;
}

function simulatedTime(value: string): Duration {
  const parsed = Duration.tryParse(value);
  if (parsed === undefined || parsed.seconds < 3600 || parsed.days > 366)
    throw new InvalidArgumentError("a time from 1h to 366d, with its unit");
  return parsed;
}

function digest(value: string): string {
  if (!/^sha256:[0-9a-f]{64}$/.test(value))
    throw new InvalidArgumentError("a digest is sha256: and 64 hex digits");
  return value;
}

const format = (...choices: readonly string[]) =>
  new Option("--format <format>", "format of the result").choices(choices).default(choices[0]);
const env = () => new Option("--env <name>", "environment whose overlay applies").env("MODELPORT_ENV");
const target = () =>
  new Option("--target <kinds>", "target, several separated by commas, or all")
    .argParser(list("targets"))
    .env("MODELPORT_TARGET");
const plugin = () =>
  new Option("--plugin <package|file>", "a target from outside; more than once for several").argParser(
    (name: string, before?: readonly string[]) => [...(before ?? []), name],
  );

const policy = () =>
  new Option("--policy <package|file>", "policies of your own; more than once for several").argParser(
    (name: string, before: readonly string[] | undefined) => [...(before ?? []), name],
  );

/** Each command loads its code when it runs, so that none waits for what another needs. */
function program(): Command {
  const modelport = new Command("modelport")
    .description("One model manifest, many deployment targets, plain Terraform.")
    .version(version)
    .showHelpAfterError("(--help shows the usage)")
    .configureHelp({ helpWidth: Math.min(process.stdout.isTTY ? process.stdout.columns : 80, 100) });
  const command = (name: string) =>
    modelport
      .command(name)
      .option("--quiet", "only the result and errors")
      .option("--no-color", "no colours");

  command("init")
    .argument("[dir]", "folder of the new project", ".")
    .description("make a project: manifest, cdktf app, CI workflow")
    .addOption(new Option("--name <name>", "name of the model"))
    .option("--force", "overwrite files that exist")
    .option("--no-lock", "do not ask npm for a lock file")
    .action(
      run((dir: string, options: InitOptions) =>
        (require("./init") as typeof import("./init")).init(dir, options),
      ),
    );
  command("validate")
    .argument("<manifest...>", "files, folders or globs")
    .description("check manifests: every problem at once, nothing synthesized")
    .addOption(env())
    .addOption(target())
    .addOption(plugin())
    .addOption(policy())
    .addOption(format("text", "json"))
    .action(
      run((files: readonly string[], options: ValidateOptions) =>
        (require("./validate") as typeof import("./validate")).validate(files, options),
      ),
    );
  command("schema")
    .description("print the JSON Schema of the manifest")
    .addOption(
      new Option("--draft <draft>", "JSON Schema draft").choices(["2020-12", "7"]).default("2020-12"),
    )
    .addOption(plugin())
    .action(
      run((options: SchemaOptions) => (require("./schema") as typeof import("./schema")).schema(options)),
    );
  command("targets")
    .description("list the targets, their modes and capabilities")
    .addOption(plugin())
    .addOption(format("text", "json", "markdown"))
    .action(
      run((options: TargetsOptions) => (require("./targets") as typeof import("./targets")).targets(options)),
    );
  command("synth")
    .argument("<manifest...>", "files, folders or globs")
    .description("write Terraform JSON, as cdktf lays it out")
    .addOption(env())
    .addOption(target())
    .addOption(plugin())
    .addOption(policy())
    .addOption(new Option("--image-digest <digest>", "digest of the image that was built").argParser(digest))
    .addOption(new Option("--out <dir>", "folder to write to").default(OUT))
    .addOption(format("text", "json"))
    .action(
      run((files: readonly string[], options: SynthOptions) =>
        (require("./synth") as typeof import("./synth")).synth(files, options),
      ),
    );
  command("plan")
    .argument("<manifest...>", "files, folders or globs")
    .description("show what terraform would do: nothing is applied")
    .option("--offline", "without providers, credentials, state or network")
    .option("--base <file|git-ref>", "with --offline: what changes from this manifest or revision on")
    .addOption(env())
    .addOption(
      new Option("--all-environments", "every environment that the manifests declare").conflicts("env"),
    )
    .addOption(target())
    .addOption(plugin())
    .addOption(policy())
    .addOption(new Option("--image-digest <digest>", "digest of the image that was built").argParser(digest))
    .addOption(
      new Option("--allow <addresses>", "let these be replaced or destroyed, or all")
        .argParser(list("addresses"))
        .env("MODELPORT_ALLOW"),
    )
    .option("--full", "Terraform's own text of each plan too")
    .option("--detailed-exitcode", "0 no changes, 1 failed, 2 changes, as terraform plan")
    .addOption(new Option("--out <dir>", "folder that the stacks are written to").default(OUT))
    .addOption(format("text", "json", "markdown"))
    .action(
      run((files: readonly string[], options: PlanCommandOptions) =>
        (require("./plan") as typeof import("./plan")).plan(files, options),
      ),
    );
  command("compare")
    .argument("[manifest...]", "files, folders or globs; several are a fleet")
    .description("put the workload on every target: size, bill, latency, and why one cannot carry it")
    .addOption(
      new Option("--targets <kinds>", "only these, separated by commas; default all").argParser(
        list("targets"),
      ),
    )
    .addOption(env())
    .addOption(
      new Option("--all-environments", "every environment that the manifests declare").conflicts("env"),
    )
    .addOption(plugin())
    .addOption(policy())
    .option("--traffic <file.csv>", "a trace in place of the manifest's load: timestamp, requests")
    .option("--free-tier", "subtract what AWS grants an account each month")
    .option("--price-file <file>", "your own prices and discounts, over all others")
    .option("--against <target>", "deployed now, as kind or kind/mode: shows what leaving it saves")
    .addOption(
      new Option(
        "--simulate <duration>",
        "time to simulate, 1h to 366d; default one period of the load",
      ).argParser(simulatedTime),
    )
    .addOption(
      new Option("--seed <number>", "of the simulation; the same gives the same result")
        .argParser(wholeNumber)
        .default(1),
    )
    .addOption(
      new Option("--from <result.json>", "show an earlier --format json without computing").conflicts([
        "targets",
        "allEnvironments",
        "traffic",
        "freeTier",
        "priceFile",
        "against",
        "simulate",
      ]),
    )
    .option("--items", "in text: all items of the bills, and what they leave out")
    .option("--out <file>", "write the result to a file")
    .addOption(format("text", "json", "markdown", "html"))
    .action(
      run((files: readonly string[], options: CompareCommandOptions) =>
        (require("./compare") as typeof import("./compare")).compare(files, options),
      ),
    );
  command("doctor")
    .argument("[manifest...]", "files, folders or globs")
    .description("check the machine, the project and the account, each with its fix")
    .addOption(env())
    .addOption(target())
    .addOption(plugin())
    .addOption(format("text", "json"))
    .action(
      run((files: readonly string[], options: DoctorOptions) =>
        (require("./doctor") as typeof import("./doctor")).doctor(files, options),
      ),
    );
  modelport
    .command("import")
    .description("make manifests of what exists")
    .command("cloudformation")
    .argument("<template>", "a template, YAML or JSON")
    .description("a manifest for each SageMaker endpoint of a template, and what is not in it")
    .option("--parameter <key=value>", "a parameter of the template, over its default; repeatable", each)
    .option("--region <region>", "region of the stack")
    .option("--account <account>", "account of the stack")
    .option("--stack-name <name>", "name of the stack")
    .option("--out <dir>", "folder to write to", ".")
    .option("--force", "overwrite files that exist")
    .option("--quiet", "only the result and errors")
    .option("--no-color", "no colours")
    .addOption(format("text", "json"))
    .exitOverride()
    .action(
      run((template: string, options: ImportOptions) =>
        (require("./import") as typeof import("./import")).importCloudFormation(template, options),
      ),
    );
  command("prices")
    .description("show the age and the sources of the price book")
    .option("--region <region>", "what is known in one region, and what is missing")
    .option("--refresh", "fetch the region's prices from AWS into .modelport/prices")
    .addOption(
      new Option("--service <services>", "with --refresh: only these, separated by commas").argParser(
        list("services"),
      ),
    )
    .option("--price-file <file>", "your own prices and discounts, over all others")
    .addOption(format("text", "json"))
    .addHelpText(
      "after",
      [
        "",
        "A price file, in YAML or JSON (--region shows the items and their units):",
        "  source: Enterprise agreement 2026, annex 3",
        "  asOf: 2026-10-01",
        "  prices:",
        "    - { item: fargate/vcpu/arm64, region: eu-west-1, usd: 0.0275 }",
        "  discounts:",
        '    - { item: "sagemaker/instance/*", percent: 20, source: Savings Plan }',
      ].join("\n"),
    )
    .action(
      run((options: PricesOptions) => (require("./prices") as typeof import("./prices")).prices(options)),
    );
  for (const sub of modelport.commands) sub.exitOverride();
  return modelport.exitOverride();
}

/**
 * A command's function as an action: its number is the exit code. Commander passes the arguments and options that are
 * declared above, which the types cannot follow, and appends the command itself.
 */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- it types the arguments of each action
function run<Arguments extends readonly unknown[]>(
  action: (...given: Arguments) => number | Promise<number>,
) {
  return async (...given: unknown[]): Promise<void> => {
    process.exitCode = await action(...(given.slice(0, -1) as unknown as Arguments));
  };
}

/** Runs the command line; sets the exit code and never throws. */
async function main(argv: readonly string[]): Promise<void> {
  // An empty variable is how a shell or a CI form leaves one unset.
  for (const name of ["MODELPORT_ENV", "MODELPORT_TARGET", "MODELPORT_ALLOW"])
    if (process.env[name] === "") Reflect.deleteProperty(process.env, name);
  const quietly: CommonOptions = { quiet: argv.includes("--quiet"), color: !argv.includes("--no-color") };
  try {
    await program().parseAsync([...argv]);
  } catch (error) {
    if (error instanceof CommanderError) {
      // Terraform's own code for wrong usage: 2 means changes there.
      const usage = argv.includes("--detailed-exitcode") ? EXIT.input : EXIT.usage;
      process.exitCode = error.exitCode === 0 ? EXIT.ok : usage;
    } else if (error instanceof ManifestError) {
      new Output(quietly).diagnose(error.issues);
      process.exitCode = EXIT.input;
    } else if (error instanceof ExternalError) {
      new Output(quietly).error(`${error.message}\n  fix: ${error.fix}`);
      process.exitCode = EXIT.external;
    } else {
      process.stderr.write(`This is a bug of modelport ${version}; please report it with what you ran.\n`);
      process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
      process.exitCode = EXIT.bug;
    }
  }
}

// A reader that stops early (`modelport schema | head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(EXIT.ok);
  throw error;
});
void main(process.argv);
