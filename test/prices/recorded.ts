/** A product of the AWS Price List, briefly. */
export interface Recorded {
  readonly serviceCode: string;
  readonly sku: string;
  readonly family?: string;
  readonly attributes: Readonly<Record<string, string>>;
  /** `[beginRange, endRange, USD]`, as the list spells them. */
  readonly dimensions: readonly (readonly [string, string, string])[];
  readonly published: string;
}

/** A product in the form that GetProducts returns it. */
export function productText({
  serviceCode,
  sku,
  family,
  attributes,
  dimensions,
  published,
}: Recorded): string {
  const term = `${sku}.JRTCKXETXF`;
  return JSON.stringify({
    product: {
      ...(family === undefined ? {} : { productFamily: family }),
      attributes: { servicecode: serviceCode, locationType: "AWS Region", ...attributes },
      sku,
    },
    serviceCode,
    terms: {
      OnDemand: {
        [term]: {
          priceDimensions: Object.fromEntries(
            dimensions.map(([beginRange, endRange, usd], index) => [
              `${term}.${index}`,
              { unit: "unit", beginRange, endRange, description: "", pricePerUnit: { USD: usd } },
            ]),
          ),
          sku,
          effectiveDate: published,
          offerTermCode: "JRTCKXETXF",
          termAttributes: {},
        },
      },
    },
    version: published.replace(/\D/g, "").slice(0, 14),
    publicationDate: published,
  });
}

const flat = (usd: string): Recorded["dimensions"] => [["0", "Inf", usd]];
const ireland = { regionCode: "eu-west-1", location: "EU (Ireland)" };

/** Rows of the price lists of eu-west-1 as published in September and October 2026, and rows beside them to be told apart. */
export const IRELAND: readonly Recorded[] = [
  ...(
    [
      ["K4EXFQ5YFQCP98EN", "EU-Fargate-vCPU-Hours:perCPU", "0.0404800000"],
      ["UP5ETC3QSW2QZGEY", "EU-Fargate-GB-Hours", "0.0044450000"],
      ["KXC9CEUQGJQPNZPY", "EU-Fargate-ARM-vCPU-Hours:perCPU", "0.0323800000"],
      ["MGJ5EB5GSHR8QZDF", "EU-Fargate-ARM-GB-Hours", "0.0035600000"],
      ["WINDOWSVCPU00000", "EU-Fargate-Windows-vCPU-Hours:perCPU", "0.0465520000"],
    ] as const
  ).map(([sku, usagetype, usd]) => ({
    serviceCode: "AmazonECS",
    sku,
    family: "Compute",
    attributes: { ...ireland, usagetype },
    dimensions: flat(usd),
    published: "2026-09-11T12:44:25Z",
  })),
  {
    serviceCode: "AWSLambda",
    sku: "SGGKTWDV7PGMPPSJ",
    family: "Serverless",
    attributes: { ...ireland, usagetype: "EU-Lambda-GB-Second", group: "AWS-Lambda-Duration" },
    // Not in order, as the list gives them.
    dimensions: [
      ["6000000000", "15000000000", "0.0000150000"],
      ["15000000000", "Inf", "0.0000133334"],
      ["0", "6000000000", "0.0000166667"],
    ],
    published: "2026-10-01T18:47:46Z",
  },
  {
    serviceCode: "AWSLambda",
    sku: "B5V2RNHAWGVJBZD3",
    family: "Serverless",
    attributes: { ...ireland, usagetype: "EU-Request", group: "AWS-Lambda-Requests" },
    dimensions: flat("0.0000002000"),
    published: "2026-10-01T18:47:46Z",
  },
  {
    serviceCode: "AmazonSNS",
    sku: "SNSREQUESTS00000",
    family: "API Request",
    attributes: { ...ireland, usagetype: "EU-Requests-Tier1" },
    dimensions: [
      ["0", "1000000", "0.0000000000"],
      ["1000000", "Inf", "0.0000005000"],
    ],
    published: "2026-09-15T15:19:44Z",
  },
  ...(
    [
      ["ALBHOUR000000000", "EU-LoadBalancerUsage", "0.0252000000"],
      ["ALBLCU0000000000", "EU-LCUUsage", "0.0080000000"],
      ["ALBTRUST00000000", "EU-TS-LoadBalancerUsage", "0.0050000000"],
      ["ALBOUTPOST000000", "EU-Outposts-LCUUsage", "0.0000000000"],
      ["ALBRESERVED00000", "EU-ReservedLCUUsage", "0.0100000000"],
    ] as const
  ).map(([sku, usagetype, usd]) => ({
    serviceCode: "AWSELB",
    sku,
    family: "Load Balancer-Application",
    attributes: { ...ireland, usagetype, operation: "LoadBalancing:Application" },
    dimensions: flat(usd),
    published: "2026-09-11T12:45:44Z",
  })),
  ...(
    [
      ["Host", "Hosting", "0.2570000000"],
      ["Tsform", "BatchTransform", "0.2570000000"],
      ["Train", "Training", "0.2570000000"],
    ] as const
  ).map(([usage, component, usd]) => ({
    serviceCode: "AmazonSageMaker",
    sku: `SAGEMAKER${usage.toUpperCase()}`,
    family: "ML Instance",
    attributes: {
      ...ireland,
      usagetype: `EU-${usage}:ml.m5.xlarge`,
      operation: "RunInstance",
      component,
      instanceName: "ml.m5.xlarge",
      instanceType: `ml.m5.xlarge-${component}`,
    },
    dimensions: flat(usd),
    published: "2026-10-05T21:21:51Z",
  })),
  {
    serviceCode: "AmazonSageMaker",
    sku: "SERVERLESS2GB000",
    family: "ML Serverless",
    attributes: {
      ...ireland,
      usagetype: "EU-ServerlessInf:Mem-2GB",
      operation: "Serverless",
      group: "ServerlessInf",
    },
    dimensions: flat("0.0000448000"),
    published: "2026-10-05T21:21:51Z",
  },
  ...(["m5.xlarge", "m5.2xlarge"] as const).map((instanceType, index) => ({
    serviceCode: "AmazonEC2",
    sku: `EC2LINUX${index}`,
    family: "Compute Instance",
    attributes: {
      ...ireland,
      usagetype: `EU-BoxUsage:${instanceType}`,
      instanceType,
      operatingSystem: "Linux",
      tenancy: "Shared",
      preInstalledSw: "NA",
      capacitystatus: "Used",
      operation: "RunInstances",
      marketoption: "OnDemand",
    },
    dimensions: flat(index === 0 ? "0.2140000000" : "0.4280000000"),
    published: "2026-09-25T00:00:00Z",
  })),
  ...(
    [
      ["EU-NatGateway-Hours", "0.0480000000"],
      ["EU-NatGateway-Bytes", "0.0480000000"],
      ["EU-RegionalNatGateway-Hours", "0.0480000000"],
    ] as const
  ).map(([usagetype, usd], index) => ({
    serviceCode: "AmazonEC2",
    sku: `NAT${index}`,
    family: "NAT Gateway",
    attributes: { ...ireland, usagetype },
    dimensions: flat(usd),
    published: "2026-09-25T00:00:00Z",
  })),
  {
    serviceCode: "AmazonVPC",
    sku: "CNZ4XSXPRJXGA4ZF",
    family: "VpcEndpoint",
    attributes: { ...ireland, usagetype: "EU-PublicIPv4:InUseAddress" },
    dimensions: flat("0.0050000000"),
    published: "2026-09-17T19:05:28Z",
  },
  {
    serviceCode: "awskms",
    sku: "KMSKEYS000000000",
    family: "Encryption Key",
    attributes: { ...ireland, usagetype: "eu-west-1-KMS-Keys" },
    dimensions: flat("1.0000000000"),
    published: "2026-09-11T12:00:00Z",
  },
  {
    serviceCode: "AWSDataTransfer",
    sku: "FSEU4E6BRE95JTX8",
    family: "Data Transfer",
    attributes: {
      fromRegionCode: "eu-west-1",
      transferType: "AWS Outbound",
      toLocation: "External",
      usagetype: "EU-DataTransfer-Out-Bytes",
    },
    dimensions: [
      ["0", "10240", "0.0900000000"],
      ["10240", "51200", "0.0850000000"],
      ["51200", "153600", "0.0700000000"],
      ["153600", "Inf", "0.0500000000"],
    ],
    published: "2026-09-16T13:22:08Z",
  },
];

/** Whether a product has the attributes that a request filters by, as the Price List compares them. */
export function passes(
  { family = "", attributes }: Recorded,
  filters: readonly { readonly Field?: string; readonly Value?: string }[],
): boolean {
  return filters.every(({ Field = "", Value = "" }) => {
    const own = Field === "productFamily" ? family : (attributes[Field] ?? "");
    return own.toLowerCase() === Value.toLowerCase();
  });
}
