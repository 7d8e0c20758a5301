// What a user of Node would write: SheetJS reads the workbook, one of four libraries fills the
// template. One line of JSON in (which, workbook, target), an empty line out when the document is
// written, so that a warm process takes its turns with others.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import fs from "node:fs";
import path from "node:path";

const require = createRequire(import.meta.url);
const XLSX = require("xlsx");
const PizZip = require("pizzip");
const Docxtemplater = require("docxtemplater");
const { TemplateHandler } = require("easy-template-x");
const { createReport } = require("docx-templates");
const carbone = require("carbone");

const folder = process.argv[2];
const curly = fs.readFileSync(path.join(folder, "curly.docx"));
const plus = fs.readFileSync(path.join(folder, "docx-templates.docx"));
const handler = new TemplateHandler();

const OUTLINES = ["主要职责", "工作成效", "问题和措施"];
const SHEETS = ["基本信息", "收支", "项目明细", "绩效指标", ...OUTLINES];
const ABOVE = 5;
const AMOUNTS = ["指标总额", "财政资金", "支出总额", "支出财政资金"];
const PLACES = { 绿地面积: 2, 水面面积: 2, 步道长度: 1 };

const percent = (value) => (value * 100).toFixed(2) + "%";
const label = (cell) => String(cell).replace(/＊$/, "").split("（")[0];

/** What the template prints, from the workbook; only the sheets that it needs are read. */
function read(workbook) {
  const book = XLSX.readFile(workbook, { sheets: SHEETS, dense: true, cellFormula: false,
    cellHTML: false, cellText: false, cellDates: true, UTC: true });
  const rows = (title) => XLSX.utils.sheet_to_json(book.Sheets[title],
    { header: 1, range: ABOVE, UTC: true }).filter((row) => row[0] !== undefined);
  const said = {};
  for (const [name, value] of rows("基本信息")) said[label(name)] = value;
  said.办结率 = percent(said.办结件数 / said.诉求件数);
  said.满意率 = percent(said.满意率);
  for (const name in PLACES) said[name] = said[name].toFixed(PLACES[name]);
  const day = said.填报日期;
  said.填报日期 = `${day.getUTCFullYear()}年${day.getUTCMonth() + 1}月${day.getUTCDate()}日`;
  const totals = { 年初预算数: 0, 调整数: 0, 全年预算数: 0, 决算数: 0 };
  for (const [row, planned, change, , spent] of rows("收支")) {
    const amounts = { 年初预算数: planned, 调整数: change, 全年预算数: planned + change, 决算数: spent };
    for (const column in amounts) {
      totals[column] += amounts[column];
      said[`收支_${row}_${column}`] = amounts[column].toFixed(2);
    }
    said[`收支_${row}_执行率`] = percent(spent / (planned + change));
  }
  for (const column in totals) said[`收支_合计_${column}`] = totals[column].toFixed(2);
  said.整体支出 = said.收支_合计_决算数;
  const projects = rows("项目明细");
  said.项目支出 = projects.reduce((sum, row) => sum + row[5], 0).toFixed(2);
  said.项目明细 = projects.map((row) => ({ 项目名称: row[0], 项目类型: row[1], 资金用途: row[2],
    ...Object.fromEntries(AMOUNTS.map((name, n) => [name, row[3 + n].toFixed(2)])) }));
  said.绩效指标 = rows("绩效指标").map((row) => ({ 一级指标: row[0], 二级指标: row[1],
    三级指标: row[2], 年度指标值: row[3], 实际完成值: row[4], 分值: row[5].toFixed(1),
    得分: row[6].toFixed(1), 偏差原因: row[7] || "无" }));
  for (const title of OUTLINES)
    said[title] = rows(title).map((row, n) => ({ 编号: `${n + 1}.`, 标题: row[1], 正文: row[2] }));
  return said;
}

const render = {
  docxtemplater(said) {
    const made = new Docxtemplater(new PizZip(curly), { paragraphLoop: true, linebreaks: true });
    made.render(said);
    return made.getZip().generate({ type: "nodebuffer", compression: "DEFLATE" });
  },
  "easy-template-x": (said) => handler.process(curly, said),
  "docx-templates": (said) =>
    createReport({ template: plus, data: said, cmdDelimiter: "+++", noSandbox: true }),
  carbone: (said) => new Promise((resolve, reject) =>
    carbone.render(path.join(folder, "carbone.docx"), said,
      (error, made) => (error ? reject(error) : resolve(made)))),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { which, workbook, target } = JSON.parse(line);
  fs.writeFileSync(target, await render[which](read(workbook)));
  console.log();
}
