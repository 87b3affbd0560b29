import { comparisonHtml } from "./modules/compare/render/html";
import * as d from "./test/compare/render/documents";
import { writeFileSync } from "node:fs";
import puppeteer from "puppeteer-core";
(async () => {
const [,, name="comparison"] = process.argv;
const t = Date.now();
const text = comparisonHtml((d as any)[name]());
console.log("ms", Date.now()-t, "bytes", text.length);
writeFileSync(`/tmp/${name}.html`, text);
const browser = await puppeteer.launch({executablePath:"/usr/bin/chromium", args:["--no-sandbox"]});
for (const [v, width, scheme] of [["light",1280,"light"],["dark",1280,"dark"],["phone",360,"light"],["phonedark",360,"dark"]] as const) {
  const page = await browser.newPage();
  page.on("console", (m) => console.log("console", m.text()));
  await page.setViewport({width, height: 900});
  await page.emulateMediaFeatures([{name:"prefers-color-scheme", value: scheme}]);
  await page.goto(`file:///tmp/${name}.html`);
  console.log(v, await page.evaluate("document.documentElement.scrollWidth"));
  await page.screenshot({path:`/tmp/${name}-${v}.png`, fullPage:true});
  const h = await page.evaluate("document.documentElement.scrollHeight") as number;
  for (let i=0;i*1400<h && i<5;i++) await page.screenshot({path:`/tmp/${name}-${v}-${i}.png`, captureBeyondViewport:true, clip:{x:0,y:i*1400,width,height:Math.min(1400,h-i*1400)}});
}
const page = await browser.newPage(); await page.goto(`file:///tmp/${name}.html`); await page.pdf({path:`/tmp/${name}.pdf`, format:"A4"});
await browser.close();
})();
