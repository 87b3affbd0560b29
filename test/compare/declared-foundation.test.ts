import { declaredFoundationNote } from "../../modules/compare/declared-foundation";
import { type FoundationNeeds, NO_NEEDS } from "../../modules/foundation/needs";
import { bookOf, sizingOf, steady } from "./support";

const { asked } = sizingOf([{ label: "t.small", slots: 1, hourly: 0.1 }], steady(1));
const billing = {
  book: bookOf({ "vpc/interface-endpoint-hour": 0.01, "kms/key": 1 }),
  region: "eu-west-1",
  freeTier: false,
};
const note = (needs: Readonly<Record<string, Partial<FoundationNeeds>>>) =>
  declaredFoundationNote(
    Object.entries(needs).map(([target, some]) => ({ target, needs: { ...NO_NEEDS, ...some } })),
    asked.plan,
    billing,
  );
const network = (...endpoints: string[]) => ({ network: { endpoints, public: false } });

test("says what the foundation of all declared targets adds to the bill of each", () => {
  // Each endpoint stands in two zones: 2 x 730 h x 0.01 USD.
  expect(
    note({
      lambda: {},
      "sagemaker-realtime": {},
      "ecs-fargate": network("logs", "ecr.api"),
      eks: network("logs"),
    }),
  ).toBe(
    "The foundation is made for every target under `targets` (lambda, sagemaker-realtime, ecs-fargate, eks), and each bill " +
      "has only what its own target needs; as long as all are declared it adds $29.20 a month to each of lambda, " +
      "sagemaker-realtime, $14.60 a month to eks.",
  );
});

test("says whose own parts stand in it, whichever is chosen", () => {
  expect(note({ lambda: {}, eks: { own: ["eks"] } })).toBe(
    "The foundation is made for every target under `targets` (lambda, eks), and each bill has only what its own target " +
      "needs; what eks has there is paid for whichever is chosen.",
  );
});

test("says nothing where all need the same, or only one is declared", () => {
  expect(note({ lambda: { key: true }, "ecs-fargate": { key: true } })).toBeNull();
  expect(note({ eks: { own: ["eks"], ...network("logs") } })).toBeNull();
  expect(note({})).toBeNull();
});
