import { comparisonMarkdown } from "./modules/compare/render/markdown";
import * as d from "./test/compare/render/documents";
console.log(comparisonMarkdown((d as any)[process.argv[2]??"comparison"]()));
