import { createServer, type Http2Session, type ServerHttp2Stream } from "node:http2";
import { decode, encode, isMap, type Value, type ValueMap } from "./msgpack";
import {
  bytesField,
  encodeDiagnostic,
  encodePath,
  encodeSchema,
  readFields,
  textField,
  writeFields,
  type Diagnostic,
  type Fields,
  type FieldValue,
} from "./protocol";
import { OfflineProvider, type Connection } from "./provider";
import { installedProviders } from "./provider-packages";
import { SchemaReader } from "./schema-reader";
import type { ArmedFault } from "./faults";

/** What the parent process asks of this one. */
export type Request =
  | { kind: "use"; id: number; resources: string[]; dataSources: string[] }
  | { kind: "faults"; id: number; faults: ArmedFault[] };

/** What this process tells its parent: where each provider listens, then an answer to every request. */
export type Answer =
  { kind: "listening"; sockets: Record<string, string> } | { kind: "done"; id: number; error?: string };

const SERVICE = "/tfplugin5.Provider/";
const GRPC_INTERNAL = 13;
const GRPC_UNIMPLEMENTED = 12;

type Method = (
  provider: OfflineProvider,
  connection: Connection,
  request: Fields,
) => [number, FieldValue][] | Promise<[number, FieldValue][]>;

const METHODS: Record<string, Method> = {
  GetSchema: (provider) => [
    [1, encodeSchema(provider.providerSchema())],
    ...schemas(provider, "resource", provider.resources, 2),
    ...schemas(provider, "data", provider.dataSources, 3),
    [6, writeFields([1, true], [2, true])],
  ],
  PrepareProviderConfig: (_provider, _connection, request) => [[1, bytesField(request, 1)]],
  ValidateResourceTypeConfig: (provider, _connection, request) =>
    diagnostics(1, provider.validate("resource", textField(request, 1), block(request, 2) ?? {})),
  ValidateDataSourceConfig: (provider, _connection, request) =>
    diagnostics(1, provider.validate("data", textField(request, 1), block(request, 2) ?? {})),
  Configure: (_provider, connection, request) => {
    connection.config = block(request, 2) ?? {};
    return [];
  },
  UpgradeResourceState: (_provider, _connection, request) => {
    const raw = bytesField(request, 3);
    const json = raw === undefined ? undefined : bytesField(readFields(raw), 1);
    return [[1, writeFields([2, json])]];
  },
  ReadResource: async (provider, _connection, request) => {
    const { state, diagnostics: found } = await provider.read(textField(request, 1), block(request, 2));
    return [[1, dynamic(state)], ...diagnostics(2, found), [3, bytesField(request, 3)]];
  },
  ReadDataSource: (provider, connection, request) => [
    [1, dynamic(provider.readData(connection, textField(request, 1), block(request, 2) ?? {}))],
  ],
  PlanResourceChange: (provider, connection, request) => {
    const [prior, proposed, config] = [block(request, 2), block(request, 3), block(request, 4)];
    const result = provider.plan(connection, textField(request, 1), prior, proposed, config);
    return [
      [1, dynamic(result.planned)],
      ...result.replace.map((path): [number, FieldValue] => [2, encodePath(path)]),
      [5, result.legacy],
    ];
  },
  ApplyResourceChange: async (provider, connection, request) => {
    const [prior, planned] = [block(request, 2), block(request, 3)];
    const result = await provider.apply(connection, textField(request, 1), prior, planned);
    return [[1, dynamic(result.state)], ...diagnostics(3, result.diagnostics), [4, result.legacy]];
  },
  ImportResourceState: (provider, connection, request) => {
    const type = textField(request, 1);
    return [
      [1, writeFields([1, type], [2, dynamic(provider.import(connection, type, textField(request, 2)))])],
    ];
  },
  Stop: () => [],
};

function schemas(
  provider: OfflineProvider,
  kind: "resource" | "data",
  types: Iterable<string>,
  field: number,
): [number, FieldValue][] {
  return [...types].map((type) => [
    field,
    writeFields([1, type], [2, encodeSchema(provider.schemaOf(kind, type))]),
  ]);
}

function diagnostics(field: number, found: Diagnostic[]): [number, FieldValue][] {
  return found.map((diagnostic) => [field, encodeDiagnostic(diagnostic)]);
}

function block(request: Fields, field: number): ValueMap | null {
  const message = bytesField(request, field);
  if (message === undefined) return null;
  const bytes = bytesField(readFields(message), 1);
  const value: Value = bytes === undefined ? null : decode(bytes);
  return isMap(value) ? value : null;
}

function dynamic(value: Value): Uint8Array {
  return writeFields([1, encode(value)]);
}

/** Serves one provider on a unix socket; every connection has its own provider configuration. */
function listen(provider: OfflineProvider, socket: string): Promise<void> {
  const connections = new WeakMap<Http2Session, Connection>();
  const server = createServer();
  server.on("session", (session) => connections.set(session, { config: {} }));
  server.on("stream", (stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("error", () => stream.close());
    stream.on("end", () => {
      const path = headers[":path"] ?? "";
      const session = stream.session;
      const connection = (session === undefined ? undefined : connections.get(session)) ?? { config: {} };
      void respond(stream, provider, connection, path, Buffer.concat(chunks));
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(socket, resolve);
  });
}

async function respond(
  stream: ServerHttp2Stream,
  provider: OfflineProvider,
  connection: Connection,
  path: string,
  body: Buffer,
): Promise<void> {
  const method = path.startsWith(SERVICE) ? METHODS[path.slice(SERVICE.length)] : undefined;
  if (method === undefined) {
    finish(stream, GRPC_UNIMPLEMENTED, `${path} is not served`);
    return;
  }
  try {
    // A message has a prefix of one byte (compressed or not) and four for its length.
    const message = writeFields(...(await method(provider, connection, readFields(body.subarray(5)))));
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    finish(stream, 0, "", Buffer.concat([prefix, message]));
  } catch (error) {
    finish(stream, GRPC_INTERNAL, error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
}

function finish(stream: ServerHttp2Stream, status: number, message: string, body?: Buffer): void {
  if (stream.destroyed) return;
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => {
    stream.sendTrailers({ "grpc-status": String(status), "grpc-message": encodeURIComponent(message) });
  });
  stream.end(body);
}

/** Runs the child process: `server <cache folder> <socket folder>`. */
async function main(cacheDir: string, socketDir: string): Promise<void> {
  const providers = installedProviders().map(
    (found) => new OfflineProvider(found, new SchemaReader(found, cacheDir)),
  );
  const sockets: Record<string, string> = {};
  for (const provider of providers) {
    const socket = `${socketDir}/${provider.provider.prefix}.sock`;
    await listen(provider, socket);
    sockets[provider.provider.address] = socket;
  }
  process.on("message", (request: Request) => {
    let error: string | undefined;
    try {
      for (const provider of providers) {
        if (request.kind === "use") provider.use(request.resources, request.dataSources);
        else provider.faults = request.faults;
      }
    } catch (failure) {
      error = failure instanceof Error ? failure.message : String(failure);
    }
    send({ kind: "done", id: request.id, ...(error === undefined ? {} : { error }) });
  });
  // Without its parent nobody uses this process.
  process.on("disconnect", () => process.exit());
  send({ kind: "listening", sockets });
}

function send(answer: Answer): void {
  process.send?.(answer);
}

if (require.main === module) {
  const [cacheDir, socketDir] = process.argv.slice(2);
  if (cacheDir === undefined || socketDir === undefined)
    throw new Error("usage: server <cache folder> <socket folder>");
  void main(cacheDir, socketDir);
}
