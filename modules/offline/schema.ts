/** A Terraform type in the JSON notation of the plugin protocol. */
export type CtyType =
  | "string"
  | "number"
  | "bool"
  | "dynamic"
  | ["list" | "set" | "map", CtyType]
  | ["object", Record<string, CtyType>];

export interface Attribute {
  name: string;
  type: CtyType;
  required: boolean;
  optional: boolean;
  computed: boolean;
  sensitive: boolean;
  /** Read from the configuration at apply, never stored: plan and state hold null. */
  writeOnly: boolean;
}

export type Nesting = "single" | "list" | "set" | "map";

export interface NestedBlock {
  name: string;
  nesting: Nesting;
  /** Fewest and most blocks of this name; a `max` of 0 is no limit. */
  min: number;
  max: number;
  block: Block;
}

export interface Block {
  attributes: Attribute[];
  blocks: NestedBlock[];
}

/** A resource, a data source, or the provider's own configuration. */
export type SchemaKind = "resource" | "data" | "provider";
