import { comparisonText } from "./modules/compare/render/text";
import * as d from "./test/compare/render/documents";
import pc from "picocolors";
const [,, name="comparison", width="80", items] = process.argv;
const doc = (d as any)[name]();
console.log(comparisonText(doc, {width:Number(width), colours: pc.createColors(false), items: items==="items"}));
