import type { Json } from "../support/synth";

/** What is wrong with how the states of a state machine hang together; empty is good. */
export function structureProblems(machine: Json): readonly string[] {
  const states = machine.States as Readonly<Record<string, Json>>;
  const problems: string[] = [];
  const seen = new Set<string>();
  const visit = (name: string, from: string): void => {
    const state = states[name];
    if (state === undefined) {
      problems.push(`${from} leads to ${name}, which does not exist`);
      return;
    }
    if (seen.has(name)) return;
    seen.add(name);
    const next = nextOf(state);
    const ends = state.End === true || ["Succeed", "Fail"].includes(state.Type as string);
    if (next.length === 0 && !ends) problems.push(`${name} leads nowhere`);
    if (next.length > 0 && ["Succeed", "Fail"].includes(state.Type as string))
      problems.push(`${name} ends and leads on`);
    if (state.Type === "Task" && typeof state.Resource !== "string") problems.push(`${name} has no resource`);
    for (const target of next) visit(target, name);
  };
  visit(machine.StartAt as string, "StartAt");
  problems.push(
    ...Object.keys(states).flatMap((name) => (seen.has(name) ? [] : [`${name} is never reached`])),
  );
  return problems;
}

function nextOf({ Next, Default, Choices = [], Catch = [] }: Json): readonly string[] {
  const branches = [...(Choices as readonly Json[]), ...(Catch as readonly Json[])];
  return [Next, Default, ...branches.map((branch) => branch.Next as unknown)].filter(
    (name): name is string => typeof name === "string",
  );
}

/** What a task answers: its output, or the error that it fails with after its retries. */
export type Answer = { readonly output: Json } | { readonly error: string };

/** One run: the states that it went through, and the data at its end. */
export interface Run {
  readonly path: readonly string[];
  readonly data: Json;
}

/** More than any run of these machines takes. */
const MOST_STATES = 50;

/**
 * Runs a state machine with made-up answers of its tasks. It knows as much of the language as the machines here use;
 * intrinsic functions stay as they are written.
 */
export function run(machine: Json, answers: Readonly<Record<string, readonly Answer[]>>): Run {
  const states = machine.States as Readonly<Record<string, Json>>;
  const left = new Map(Object.entries(answers).map(([name, list]) => [name, [...list]]));
  const path: string[] = [];
  let data: Json = {};
  let name = machine.StartAt as string;
  while (path.length < MOST_STATES) {
    const state = states[name] ?? {};
    path.push(name);
    switch (state.Type) {
      case "Succeed":
      case "Fail":
        return { path, data };
      case "Choice":
        name = chosen(state, data);
        continue;
      case "Pass":
        data = {
          ...data,
          [target(state)]: (state.Result as Json | undefined) ?? filled(state.Parameters as Json, data),
        };
        break;
      case "Task": {
        const answer = left.get(name)?.shift();
        if (answer === undefined) throw new Error(`no answer for ${name}`);
        if ("error" in answer) {
          const { error } = answer;
          const caught = (state.Catch as readonly Json[]).find(({ ErrorEquals }) =>
            (ErrorEquals as readonly string[]).some((each) => each === "States.ALL" || each === error),
          );
          if (caught === undefined) throw new Error(`${name} does not catch ${error}`);
          data = { ...data, [target(caught)]: { Error: error } };
          name = caught.Next as string;
          continue;
        }
        const selector = state.ResultSelector as Json | undefined;
        data = {
          ...data,
          [target(state)]: selector === undefined ? answer.output : filled(selector, answer.output),
        };
      }
    }
    name = state.Next as string;
  }
  throw new Error(`still running after ${path.join(", ")}`);
}

function target({ ResultPath }: Json): string {
  return (ResultPath as string).replace(/^\$\./, "");
}

function at(data: Json, path: string): unknown {
  return path
    .replace(/^\$\./, "")
    .split(".")
    .reduce<unknown>((value, step) => (value as Json | undefined)?.[step], data);
}

function filled(template: Json, data: Json): Json {
  return Object.fromEntries(
    Object.entries(template).map(([key, value]) =>
      key.endsWith(".$")
        ? [key.slice(0, -2), /^\$\./.test(value as string) ? at(data, value as string) : (value as unknown)]
        : [key, value as unknown],
    ),
  );
}

function chosen({ Choices, Default }: Json, data: Json): string {
  const matching = (Choices as readonly Json[]).find(({ Variable, StringEquals, NumericGreaterThan }) => {
    const value = at(data, Variable as string);
    return StringEquals === undefined
      ? (value as number) > (NumericGreaterThan as number)
      : value === StringEquals;
  });
  return (matching?.Next ?? Default) as string;
}
