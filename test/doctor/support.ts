import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Account } from "../../modules/doctor/account";
import type { Check, DoctorContext, Outcome } from "../../modules/doctor/check";
import { projectFacts } from "../../modules/doctor/project-facts";
import { scaffold } from "../../modules/scaffold/scaffold";
import { targets } from "../../targets";

/** A folder with files and programs of a test's own. */
export class Folder {
  readonly path = realpathSync(mkdtempSync(join(tmpdir(), "modelport-doctor-")));

  write(file: string, content: string | object): void {
    const path = join(this.path, file);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  }

  /** A program in `bin`, as a script of the shell. */
  program(name: string, script: string): void {
    this.write(`bin/${name}`, `#!/bin/sh\n${script}\n`);
    chmodSync(join(this.path, "bin", name), 0o755);
  }

  /** `bin` before what scripts need, and nothing that may be installed here. */
  get PATH(): string {
    return join(this.path, "bin");
  }

  /** A new project, as `init` writes it. */
  scaffold(): void {
    const { obstacles } = scaffold({ dir: this.path, name: "fraud-scorer", force: false, registry: targets });
    if (obstacles !== undefined) throw new Error(obstacles.join());
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** An account that must not be asked. */
export const NO_ACCOUNT: Account = {
  identity: () => Promise.reject(new Error("identity was asked")),
  bucket: () => Promise.reject(new Error("bucket was asked")),
  profileRegion: () => Promise.resolve(null),
};

export interface Situation {
  readonly env?: Readonly<Record<string, string>>;
  readonly manifests?: readonly string[];
  readonly environment?: string;
  readonly target?: string;
  readonly context?: Partial<DoctorContext>;
}

/** What checks see in a folder. */
export function contextOf(folder: Folder, situation: Situation = {}): DoctorContext {
  const { manifests = [], environment = null, target } = situation;
  const env = { PATH: folder.PATH, ...situation.env };
  const cwd = folder.path;
  return {
    cwd,
    env,
    now: new Date("2026-11-23T12:00:00Z"),
    nodeVersion: "22.11.0",
    platform: "linux",
    dockerSocket: join(cwd, "docker.sock"),
    project: projectFacts({
      cwd,
      env,
      manifests,
      environment,
      targets: target === undefined ? null : [target],
      registry: targets,
    }),
    account: NO_ACCOUNT,
    priceBookAge: () => ({ oldest: "2026-01-01", newest: "2026-11-01" }),
    ...situation.context,
  };
}

/** What one check says in a folder. */
export async function outcome(check: Check, folder: Folder, situation: Situation = {}): Promise<Outcome> {
  return check.run(contextOf(folder, situation));
}

const IMAGE = `123456789012.dkr.ecr.eu-west-1.amazonaws.com/fraud@sha256:${"a".repeat(64)}`;

/** A manifest without fault for a target, with further lines. */
export function manifestFor(target: string, more = ""): string {
  return [
    "apiVersion: modelport/v1",
    "name: fraud-scorer",
    ...(target === "docker" ? [] : ["region: eu-west-1"]),
    `model: { image: "${IMAGE}" }`,
    "resources: { cpu: 1, memory: 2Gi }",
    `target: ${target}`,
    `targets: { ${target}: {} }`,
    more,
  ].join("\n");
}

/** `cdktf.json` with state in S3. */
export const S3_SETTINGS = {
  app: "node --import tsx main.ts",
  context: { modelport: { state: { s3: { bucket: "acme-states", region: "eu-west-1" } } } },
};

/** How a stand-in for AWS answers a request. */
export interface AwsAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A server that speaks as AWS does, on this machine. */
export class AwsServer {
  readonly requests: { readonly method: string; readonly url: string; readonly authorization: string }[] = [];
  answer: (request: IncomingMessage) => AwsAnswer = () => ({ status: 500 });

  private constructor(private readonly server: Server) {}

  static async start(): Promise<AwsServer> {
    const server = createServer((request, response) => {
      const { method = "", url = "", headers } = request;
      started.requests.push({ method, url, authorization: headers.authorization ?? "" });
      const { status, headers: own = {}, body = "" } = started.answer(request);
      request.resume().on("end", () => response.writeHead(status, { ...own }).end(body));
    });
    const started = new AwsServer(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<unknown> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

export const ARN = "arn:aws:sts::222222222222:assumed-role/deploy/jane";

export const IDENTITY_XML =
  '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>' +
  `<UserId>AROAEXAMPLE:jane</UserId><Account>222222222222</Account><Arn>${ARN}</Arn>` +
  "</GetCallerIdentityResult></GetCallerIdentityResponse>";

/** An error as STS words it; the words hold what must not be passed on. */
export function stsError(code: string, message: string): string {
  return (
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>' +
    `<Code>${code}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`
  );
}
