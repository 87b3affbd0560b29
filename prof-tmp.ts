import { comparisonText } from "./modules/compare/render/text";
import * as d from "./test/compare/render/documents";
import pc from "picocolors";
for (const n of ["comparison","longNames","manyTargets","fleet"]) for (const w of [40,80,160,240]) { const t=Date.now(); comparisonText((d as any)[n](), {width:w, colours: pc.createColors(false), items:true}); console.log(n,w,Date.now()-t); }
