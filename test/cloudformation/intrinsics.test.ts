import { Evaluator, type StackInputs } from "../../modules/cloudformation/intrinsics";
import { regionInfo } from "../../modules/aws/regions";
import { templateOf } from "./support";

const INPUTS: StackInputs = {
  parameters: new Map([["Given", "given"]]),
  region: regionInfo("cn-north-1"),
  account: "123456789012",
  stackName: "stack",
};

const SECTIONS = `
Parameters:
  Given: { Type: String }
  Text: { Type: String, Default: text }
  List: { Type: CommaDelimitedList, Default: "a, b,c" }
  Secret: { Type: String, Default: hunter2, NoEcho: true }
  Ssm: { Type: "AWS::SSM::Parameter::Value<String>", Default: /name }
  Open: { Type: String }
Mappings:
  Map: { top: { second: value, list: [x, z], call: !Ref Text } }
Conditions:
  Yes_: !Equals [!Ref Text, text]
  No_: !Not [!Condition Yes_]
  Open_: !Equals [!Ref Open, x]
  Long: { "Fn::And": [{ Condition: Yes_ }, { "Fn::Not": [{ Condition: No_ }] }] }
  FalseWins: !And [!Condition Open_, !Condition No_]
  TrueWins: !Or [!Condition Open_, !Condition Yes_]
  Undecided: !Or [!Condition Open_, !Condition No_]
  Self: !Not [!Condition Other]
  Other: !Not [!Condition Self]
Resources:
  Bucket: { Type: AWS::S3::Bucket, Properties: { BucketName: named } }
  Nameless: { Type: AWS::S3::Bucket }
  Repo: { Type: AWS::ECR::Repository, Properties: { RepositoryName: team/model } }
  Topic: { Type: AWS::SNS::Topic, Properties: { TopicName: told } }
  Loop: { Type: AWS::S3::Bucket, Properties: { BucketName: !Ref Loop } }
  Endpoint: { Type: AWS::SageMaker::Endpoint }
`;

function evaluate(expression: string, inputs = INPUTS, symbolic = false): unknown {
  const template = templateOf(`${SECTIONS}  It: { Type: T, Properties: { P: ${expression} } }`);
  const node = template.resources.get("It")?.properties.entries.get("P")?.value;
  if (node === undefined) throw new Error("no property");
  const text = new Evaluator(template, inputs, symbolic).text(node);
  return text.kind === "text" ? text.text : text.kind === "absent" ? null : { reason: text.reason };
}

test.each([
  ["!Ref Text", "text"],
  ["!Ref Given", "given"],
  ["!Ref AWS::Region", "cn-north-1"],
  ["!Sub '${AWS::Partition} ${AWS::URLSuffix} ${AWS::StackName}'", "aws-cn amazonaws.com.cn stack"],
  ["!Sub '${!Kept} ${Text} $plain'", "${Kept} text $plain"],
  ["!Sub ['${a}-${Text}', { a: !Ref Given, Text: own }]", "given-own"],
  ["!Join ['-', [a, !Ref Text, !Ref 'AWS::NoValue', 1, true]]", "a-text-1-true"],
  ["!Join ['', !Ref List]", "abc"],
  ["!Select [1, !Ref List]", "b"],
  ["!Select ['2', !Split ['/', a/b/c]]", "c"],
  ["!FindInMap [Map, top, second]", "value"],
  ["!Select [1, !FindInMap [Map, top, list]]", "z"],
  ["!If [Yes_, a, b]", "a"],
  ["!If [No_, a, !Ref 'AWS::NoValue']", null],
  ["!If [Long, a, b]", "a"],
  ["!If [FalseWins, a, b]", "b"],
  ["!If [TrueWins, a, b]", "a"],
  ["!Base64 hällo", "aMOkbGxv"],
  ["!Ref Bucket", "named"],
  ["!Sub 's3://${Bucket}/key'", "s3://named/key"],
  ["!GetAtt Repo.RepositoryUri", "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/model"],
  ["!Ref Topic", "arn:aws-cn:sns:cn-north-1:123456789012:told"],
  ["!GetAtt [Topic, TopicArn]", "arn:aws-cn:sns:cn-north-1:123456789012:told"],
])("%s", (expression, expected) => {
  expect(evaluate(expression)).toBe(expected);
});

test.each([
  ["!Ref Open", "comes from the parameter Open, which has no default"],
  ["!Ref Secret", "comes from the parameter Secret, which is a secret (NoEcho)"],
  ["!Sub 'x-${Ssm}'", "comes from the parameter Ssm, whose value stands in SSM Parameter Store"],
  ["!Ref Nowhere", "refers to Nowhere, which the template does not have"],
  ["!Ref Nameless", "refers to Nameless (AWS::S3::Bucket), whose name CloudFormation makes up"],
  ["!GetAtt Bucket.Arn", "refers to Bucket (AWS::S3::Bucket), which the stack creates"],
  ["!Ref Loop", "refers to Loop, whose name refers to itself"],
  ["!ImportValue x", "is imported from another stack (Fn::ImportValue), and only AWS knows its value"],
  ["{ Fn::Transform: { Name: AWS::Include } }", "is made by a macro (Fn::Transform), which is not run"],
  ["!Cidr [10.0.0.0/16, 2, 8]", "divides an address range (Fn::Cidr), which is not evaluated"],
  ["!Unheard of", "uses Fn::Unheard, which is not evaluated"],
  ["!Select [9, !Ref List]", "selects item 9 of a list of 3"],
  ["!FindInMap [Map, top, none]", 'finds nothing in the mapping "Map"."top"."none"'],
  ["!FindInMap [Map, top, call]", "finds no plain value in its mapping"],
  [
    "!If [Undecided, a, b]",
    "hangs on the condition Undecided, which hangs on the condition Open_, which comes from the parameter Open, which has no default",
  ],
  [
    "!If [Self, a, b]",
    "hangs on the condition Self, which hangs on the condition Other, which hangs on the condition Self, which refers to itself",
  ],
  ["!Join [a]", "has a malformed Fn::Join"],
  ["!Split ['', a]", "has a malformed Fn::Split"],
  ["!Ref List", "is a list or a map where text belongs"],
  ["'{{resolve:ssm:/name:1}}'", "is a dynamic reference to an SSM parameter, which only AWS can read"],
  [
    "!Sub 'x{{resolve:secretsmanager:${Text}}}'",
    "is a dynamic reference to a secret, which only AWS can read",
  ],
  [
    '"a\\u0007b"',
    "text has a control character or an unpaired surrogate, which Terraform would not carry unchanged",
  ],
])("%s is not evaluated", (expression, reason) => {
  expect(evaluate(expression)).toEqual({ reason });
});

test("without region and account, what hangs on them stays open", () => {
  const none = { ...INPUTS, region: undefined, account: undefined, stackName: undefined };
  expect(evaluate("!Ref AWS::Region", none)).toEqual({ reason: "hangs on the region" });
  expect(evaluate("!Sub '${AWS::AccountId}'", none)).toEqual({ reason: "hangs on the account" });
  expect(evaluate("!Ref AWS::StackName", none)).toEqual({ reason: "has the stack's name in it" });
});

test("a symbolic evaluator says the same of the same, and marks what has no name yet", () => {
  const symbol = (expression: string) => evaluate(expression, { ...INPUTS, parameters: new Map() }, true);
  expect(symbol("!Sub 'endpoint/${Endpoint.EndpointName}/x'")).toBe("endpoint/\u0000Endpoint\u0000/x");
  expect(symbol("!Join [/, [endpoint, !GetAtt Endpoint.EndpointName, x]]")).toBe(
    "endpoint/\u0000Endpoint\u0000/x",
  );
  expect(symbol("!Select [1, !Split [/, !Ref Endpoint]]")).toBe("\u0000Endpoint\u0000");
  expect(symbol("!Ref Open")).toBe("\u0000Open\u0000");
});

test("values that double at every level end", () => {
  const twice = (depth: number): string =>
    depth === 0 ? "!Ref Text" : `!Sub ['\${x}\${x}', { x: ${twice(depth - 1)} }]`;
  expect(evaluate(twice(20))).toEqual({ reason: "has over 16384 characters once it is put together" });
  const split = "!Split [a, !Join ['', [aaaaaaaaaa, aaaaaaaaaa]]]";
  expect(evaluate(`!Join ['${"b".repeat(2000)}', ${split}]`)).toEqual({
    reason: "has over 16384 characters once it is put together",
  });
});
