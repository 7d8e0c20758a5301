// What a page needs besides its HTML: dropping files, progress, copying a name. Plain, and all ours.
"use strict";

const token = document.querySelector("meta[name=reportgen]").content;
const WORKBOOK = /\.(xlsx|xlsm|xls|et|xlsb|ods)$/i;
const PICTURE = /\.(png|jpe?g|bmp|gif|tiff?|emf|wmf)$/i;
const LARGEST = 50 * 1024 * 1024;
const $ = (id) => document.getElementById(id);

function say(words, seconds = 4) {
  const box = $("say");
  box.textContent = words;
  box.classList.add("on");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => box.classList.remove("on"), seconds * 1000);
}

async function post(url, body, keepalive = false) {
  const isFile = body instanceof Blob;
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      keepalive,
      headers: {
        "x-reportgen": token,
        "content-type": isFile ? "application/octet-stream" : "application/json",
      },
      body: isFile ? body.slice(0, body.size, "application/octet-stream") : JSON.stringify(body || {}),
    });
  } catch {
    throw new Error("连不上程序：它可能已经退出了，请重新启动。");
  }
  const text = await answer.text();
  let data = {};
  try { data = text ? JSON.parse(text) : {}; } catch { data = { error: text }; }
  if (!answer.ok) throw new Error(data.error || "没有做成，请再试一次。");
  return data;
}

// -- files that are dropped or chosen --------------------------------------------

async function walked(entry, path, found) {
  if (entry.isFile) {
    const file = await new Promise((done, fail) => entry.file(done, fail));
    found.push({ file, name: path + file.name });
  } else if (entry.isDirectory) {
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!some.length) break;
      for (const one of some) await walked(one, `${path}${entry.name}/`, found);
    }
  }
}

async function dropped(transfer) {
  const found = [];
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
  if (entries.some((entry) => entry && entry.isDirectory)) {
    for (const entry of entries) if (entry) await walked(entry, "", found);
  } else {
    for (const file of transfer.files) found.push({ file, name: file.name });
  }
  return found;
}

const chosen = (input) =>
  [...input.files].map((file) => ({ file, name: file.webkitRelativePath || file.name }));

// what is dropped beside the place for it would take the page's place
window.addEventListener("dragover", (event) => event.preventDefault());
window.addEventListener("drop", (event) => event.preventDefault());

function onDrop(area, take) {
  let depth = 0;
  const over = (on) => area.classList.toggle("over", on);
  window.addEventListener("dragenter", (event) => { event.preventDefault(); depth += 1; over(true); });
  window.addEventListener("dragleave", () => { depth -= 1; if (depth <= 0) over(false); });
  window.addEventListener("drop", async (event) => {
    depth = 0;
    over(false);
    try { take(await dropped(event.dataTransfer)); } catch { say("读不了拖进来的东西，请改用“选择工作簿”。"); }
  });
}

const base = (name) => name.split("/").pop();
const isOffices = (name) => /^(~\$|\.)/.test(base(name));

function suitable(found, ending) {
  const good = found.filter((one) => ending.test(one.name) && !isOffices(one.name));
  const large = good.filter((one) => one.file.size > LARGEST);
  const left = found.length - good.length;
  if (large.length) say(`“${base(large[0].name)}”超过 50 MB，没有收。`, 8);
  else if (left) say(`有 ${left} 个文件不是工作簿，没有收。`, 6);
  return good.filter((one) => one.file.size <= LARGEST);
}

async function send(visit, kind, files, progress) {
  if (progress) { progress.hidden = false; progress.max = files.length; progress.value = 0; }
  for (const one of files) {
    const query = new URLSearchParams({ kind, name: one.name });
    await post(`/v/${visit}/files?${query}`, one.file);
    if (progress) progress.value += 1;
  }
}

// -- the first page ----------------------------------------------------------------

function home(form) {
  const files = new Map();
  let roster = null;

  function show() {
    const list = $("list");
    list.replaceChildren();
    for (const [name, one] of files) {
      const item = document.createElement("li");
      const text = document.createElement("span");
      text.textContent = name;
      const remove = document.createElement("button");
      remove.type = "button";
      remove.textContent = "不要";
      remove.setAttribute("aria-label", `不要 ${name}`);
      remove.addEventListener("click", () => { files.delete(name); show(); });
      item.append(text, remove);
      list.append(item);
    }
    const count = [...files.keys()].filter((name) => WORKBOOK.test(name)).length;
    $("chosen").hidden = !files.size;
    $("count").textContent = `已选工作簿 ${count} 份`;
    $("go").disabled = !count;
    if (roster) $("roster-name").textContent = roster.name;
  }

  function take(found) {
    const good = suitable(found, new RegExp(`${WORKBOOK.source}|${PICTURE.source}`, "i"));
    for (const one of good) {
      if (base(one.name).includes("名单") && WORKBOOK.test(one.name)) {
        roster = one;
        say(`“${base(one.name)}”当作单位名单。`);
      } else {
        if (files.has(one.name)) say(`“${one.name}”换成了后选的这一份。`);
        files.set(one.name, one);
      }
    }
    show();
  }

  onDrop($("drop"), take);
  for (const id of ["files", "folder"])
    $(id).addEventListener("change", (event) => { take(chosen(event.target)); event.target.value = ""; });
  $("roster").addEventListener("change", (event) => {
    roster = chosen(event.target)[0] || roster;
    show();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    $("go").disabled = true;
    $("state").textContent = "正在读取文件…";
    try {
      const { id } = await post("/visits", { kind: "workbooks" });
      await send(id, "workbook", [...files.values()], $("progress"));
      if (roster) await send(id, "roster", [roster]);
      const asked = { draft: $("draft").checked, keep: $("keep").checked };
      if ($("form")) asked.form = $("form").value;
      const { url } = await post(`/v/${id}/run`, asked);
      location.assign(url);
    } catch (error) {
      $("state").textContent = error.message;
      $("progress").hidden = true;
      $("go").disabled = false;
    }
  });
}

// -- the templates' side -----------------------------------------------------------------

async function lint(form, replaces, file) {
  const { id } = await post("/visits", { kind: "template" });
  if (file) await send(id, "template", [file]);
  const { url } = await post(`/v/${id}/lint`, { form, replaces });
  location.assign(url);
}

function word(form) {
  let file = null;
  const choices = [...document.querySelectorAll(".of-form")];
  const current = () => choices.find((one) => one.dataset.form === $("form").value);

  function show(isNew) {
    $("chosen").hidden = !file;
    if (!file) return;
    $("count").textContent = base(file.name);
    const named = choices.find((one) => [...one.querySelectorAll("option")].some((o) => o.value === base(file.name)));
    if (isNew && named) $("form").value = named.dataset.form;
    for (const one of choices) one.hidden = one !== current();
    const select = current().querySelector("select");
    const same = [...select.options].find((one) => one.value === base(file.name));
    if (same) select.value = same.value;
  }

  function take(found) {
    const good = found.filter((one) => /\.docx$/i.test(one.name) && !isOffices(one.name));
    if (!good.length) { say("请给一份 .docx 的模板。", 6); return; }
    file = good[0];
    show(true);
    $("go").focus();
  }

  onDrop($("drop"), take);
  $("files").addEventListener("change", (event) => { take(chosen(event.target)); event.target.value = ""; });
  $("form").addEventListener("change", () => show(false));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    $("go").disabled = true;
    try {
      await lint($("form").value, current().querySelector("select").value, file);
    } catch (error) {
      $("state").textContent = error.message;
      $("go").disabled = false;
    }
  });
}

for (const button of document.querySelectorAll("[data-lint]"))
  button.addEventListener("click", () => lint(button.dataset.lint, "", null).catch((error) => say(error.message, 8)));

async function look(visit, way) {
  try {
    const { url } = await post(`/v/${visit}/show`, { way });
    location.assign(`${url}?tab=preview`);
  } catch (error) { say(error.message, 8); }
}

for (const button of document.querySelectorAll("[data-show]"))
  button.addEventListener("click", () => look(button.dataset.show, button.dataset.way));
for (const input of document.querySelectorAll("[data-show-with]"))
  input.addEventListener("change", async () => {
    const good = suitable(chosen(input), WORKBOOK);
    if (!good.length) return;
    try {
      await send(input.dataset.showWith, "values", good.slice(0, 1));
      await look(input.dataset.showWith, "workbook");
    } catch (error) { say(error.message, 8); }
  });

function filterNames(box) {
  box.addEventListener("input", () => {
    const wanted = box.value.trim();
    for (const group of document.querySelectorAll(".group")) {
      let any = false;
      for (const row of group.querySelectorAll("tbody tr")) {
        row.hidden = !row.textContent.includes(wanted);
        any = any || !row.hidden;
      }
      group.hidden = !any;
    }
  });
}

// -- while the work goes on ----------------------------------------------------------

function follow(url) {
  const source = new EventSource(url);
  const bar = $("bar"), log = $("log");
  source.onmessage = (event) => {
    const news = JSON.parse(event.data);
    $("doing").textContent = "正在检查和生成…";
    if (news.units) {
      bar.max = news.units;
      bar.value = news.done;
      $("so-far").textContent = `${news.done} / ${news.units} 份`;
    }
    if (news.line) {
      const item = document.createElement("li");
      item.textContent = news.line;
      item.className = news.mark;
      log.prepend(item);
      if (log.childElementCount > 300) log.lastElementChild.remove();
    }
  };
  source.addEventListener("end", () => { source.close(); location.reload(); });
}

// -- a document, page by page --------------------------------------------------------

async function pages(url) {
  const paper = $("paper"), making = $("making");
  try {
    const made = await post(url, {});
    if (made.why) { making.textContent = `${made.why}${made.hint}`; making.className = "notice"; return; }
    $("save-pdf").href = made.save;
    $("save-pdf").hidden = false;
    if (made.pages.length) {
      making.textContent = `共 ${made.pages.length} 页`;
      made.pages.forEach((page, at) => {
        const figure = document.createElement("figure");
        const image = document.createElement("img");
        const words = document.createElement("figcaption");
        image.src = page;
        image.alt = `第 ${at + 1} 页`;
        image.loading = at < 2 ? "eager" : "lazy";
        words.textContent = `第 ${at + 1} 页，共 ${made.pages.length} 页`;
        figure.append(image, words);
        paper.append(figure);
      });
    } else {
      making.textContent = "";
      const frame = document.createElement("iframe");
      frame.src = made.pdf;
      frame.title = "打印的样子";
      paper.append(frame);
    }
  } catch (error) {
    making.textContent = error.message;
    making.className = "notice";
  }
}

// -- everywhere ----------------------------------------------------------------------

function stay(visit) {
  const tell = (body, keepalive) => post(`/v/${visit}/alive`, body, keepalive).catch(() => {});
  tell({});
  setInterval(() => tell({}), 30000);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tell({}); });
  window.addEventListener("pagehide", () => tell({ left: true }, true));
  window.addEventListener("pageshow", (event) => { if (event.persisted) tell({}); });
}

async function run(visit, asked) {
  try {
    const { url } = await post(`/v/${visit}/run`, asked);
    location.assign(url);
  } catch (error) { say(error.message, 8); }
}

for (const button of document.querySelectorAll("[data-run]"))
  button.addEventListener("click", () => {
    button.disabled = true;
    const { run: visit, pdf, draft, form } = button.dataset;
    run(visit, { pdf: !!pdf, draft: !!draft, form: form || "" });
  });

for (const area of document.querySelectorAll("[data-again]")) {
  const visit = area.dataset.again;
  const take = async (found) => {
    const good = suitable(found, WORKBOOK);
    if (!good.length) return;
    try {
      await send(visit, "workbook", good, area.querySelector("progress"));
      await run(visit, {});
    } catch (error) { say(error.message, 8); }
  };
  onDrop(area, take);
  area.querySelector("input").addEventListener("change", (event) => take(chosen(event.target)));
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest(".copy");
  if (!button) return;
  await navigator.clipboard.writeText(button.textContent);
  say(`已复制：${button.textContent}`);
});

$("quit").addEventListener("click", async () => {
  if (!confirm("退出程序？拖进来的文件会全部清除，已经下载的不受影响。")) return;
  try { await post("/quit", {}); } catch { /* it may be gone before it answers */ }
  const main = $("main");
  main.replaceChildren();
  const words = document.createElement("h1");
  words.textContent = "程序已退出，可以关掉这个网页。";
  main.append(words);
});

const { visit, events, pages: wanted } = document.body.dataset;
if (visit) stay(visit);
if (events) follow(events);
if (wanted) pages(wanted);
if ($("send")) home($("send"));
if ($("word")) word($("word"));
if ($("find")) filterNames($("find"));
if ($("back") && history.length > 1 && document.referrer)
  $("back").addEventListener("click", (event) => { event.preventDefault(); history.back(); });
