"use strict";
// The state is the address: a file, the fields set on it, and kept plans. The
// server solves and draws; this sends changes and puts what comes back in place.
const state = JSON.parse(document.body.dataset.state);
const at = (id) => document.getElementById(id);
const fields = new Map(); // the inputs of every path; the form itself never changes
for (const input of document.querySelectorAll("[data-path]"))
  fields.set(input.dataset.path, [...(fields.get(input.dataset.path) ?? []), input]);
const inputs = (path) => fields.get(path) ?? [];
let before = state.set; // what "the plan before" is: the last committed state
let underway = null; // the request on its way
let waiting = null; // the newest change that waits for it
let tracing = null;
let timer = 0;

async function post(where, body, signal) {
  const answer = await fetch(where, {
    method: "POST", signal, body: JSON.stringify(body),
    headers: { "content-type": "application/json", "x-outlay-token": state.token },
  });
  const text = await answer.text();
  if (!answer.ok && answer.status !== 422) throw new Error(text || answer.statusText);
  return JSON.parse(text);
}

// One request at a time; of the changes made meanwhile only the newest is sent.
function ask(change, commit) {
  const job = { change, commit, since: performance.now() };
  if (!underway) return send(job);
  waiting = job;
  if (performance.now() - underway.since > 300) underway.abort.abort();
}

async function send(job) {
  underway = { since: performance.now(), abort: new AbortController() };
  at("first").classList.add("busy");
  try {
    const body = { file: state.file, set: state.set, before, change: job.change, keep: state.keep };
    const answer = await post("/plan", body, underway.abort.signal);
    answer.faults ? faults(answer.faults) : show(answer, job);
  } catch (error) {
    if (error.name !== "AbortError") say("The program does not answer: " + error.message);
  }
  underway = null;
  const next = waiting;
  waiting = null;
  if (next) send(next);
  else at("first").classList.remove("busy");
}

function show(answer, job) {
  state.set = answer.set;
  state.keep = answer.keep;
  document.title = answer.title;
  for (const part of ["first", "beside", "rest"]) at(part).innerHTML = answer[part];
  document.querySelectorAll("#rest table.sortable").forEach(sortable);
  for (const control of answer.controls) {
    for (const input of inputs(control.path)) {
      const dragged = input === document.activeElement && input.type === "range" && !job.commit;
      // A slider without a number stands at its end.
      const value = input.type === "range" ? (control.value ?? input.max) : control.text;
      if (!dragged && input.value !== String(value)) input.value = value;
      if (input.type === "range") input.setAttribute("aria-valuetext", control.text || "none");
      input.closest(".control").toggleAttribute("data-changed", control.changed);
      fault(input, "");
    }
  }
  for (const kind of ["scenario", "workbook", "report"])
    document.querySelector(`[data-download=${kind}]`).href = answer[kind];
  if (job.commit) {
    const entry = { set: state.set, keep: state.keep, depth: (history.state?.depth ?? 0) + (job.commit === "push") };
    if (job.commit === "push") history.pushState(entry, "", answer.href);
    else history.replaceState(entry, "", answer.href);
    before = state.set;
    say(answer.spoken);
    at("undo").disabled = !history.state.depth;
    trace(600);
  }
  document.body.dataset.drawn = String(Number(document.body.dataset.drawn ?? 0) + 1);
  document.body.dataset.took = String(Math.round(performance.now() - job.since));
}

function say(text) { at("say").textContent = text; }

function faults(all) {
  for (const [path, message] of Object.entries(all)) {
    const field = inputs(path).find((i) => i.type === "text");
    if (field) fault(field, message);
    say(message);
  }
}

function fault(field, message) {
  const box = field.closest(".control");
  let note = box.querySelector(".fault");
  if (message) {
    field.setAttribute("aria-invalid", "true");
    if (!note) box.append((note = document.createElement("p")));
    note.className = "fault";
    note.id = note.id || "fault-" + Math.random().toString(36).slice(2);
    note.textContent = message;
    field.setAttribute("aria-describedby", note.id);
  } else if (field.type === "text" && field.getAttribute("aria-invalid")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-describedby");
    if (note) note.remove();
  }
}

// The frontier is slower: it is traced once nothing has changed for a while.
function trace(wait) {
  clearTimeout(timer);
  if (tracing) tracing.abort();
  if (!at("over")) return;
  timer = setTimeout(async () => {
    tracing = new AbortController();
    try {
      const body = { file: state.file, set: state.set, over: at("over").value };
      at("course").innerHTML = (await post("/frontier", body, tracing.signal)).course;
    } catch (error) {
      if (error.name !== "AbortError") at("course").textContent = error.message;
    }
  }, wait);
}

function sortable(table) {
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    if (!head.textContent) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
      const order = new Intl.Collator(undefined, { numeric: true });
      const rows = [...table.tBodies[0].rows].sort((a, b) =>
        head.classList.contains("n") ? Number(key(a)) - Number(key(b)) : order.compare(key(a), key(b)));
      table.tBodies[0].append(...(down ? rows.reverse() : rows));
    });
  });
}

addEventListener("input", (event) => {
  const { path } = event.target.dataset;
  if (!path || event.target.type !== "range") return;
  ask({ [path]: Number(event.target.value) }, "");
});
addEventListener("change", (event) => {
  const { target } = event;
  if (target.id === "over") return trace(0);
  if (target.id === "file" && target.files[0]) return open(target.files[0]);
  if (!target.dataset.path) return;
  ask({ [target.dataset.path]: target.type === "range" ? Number(target.value) : target.value }, "push");
});
addEventListener("click", (event) => {
  const link = event.target.closest("a[data-change], a[data-go]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.dataset.change) return ask(JSON.parse(link.dataset.change), "push");
  const asked = new URL(link.href).searchParams;
  state.set = JSON.parse(asked.get("set") ?? "{}");
  state.keep = JSON.parse(asked.get("keep") ?? "[]");
  ask({}, "push");
});
addEventListener("popstate", (event) => {
  state.set = event.state?.set ?? {};
  state.keep = event.state?.keep ?? [];
  ask({}, "replace");
});
addEventListener("keydown", (event) => {
  const typing = event.target.matches("input[type=text]");
  if (event.key === "z" && (event.ctrlKey || event.metaKey) && !typing && !at("undo")?.disabled) history.back();
});
document.querySelector("form.controls")?.addEventListener("submit", (event) => {
  event.preventDefault();
  const field = document.activeElement;
  if (field?.dataset?.path) ask({ [field.dataset.path]: field.value }, "push");
});
at("undo")?.addEventListener("click", () => history.back());
at("keep")?.addEventListener("click", () => {
  const name = prompt("A name for this plan", "Plan " + (state.keep.length + 1));
  if (!name) return;
  state.keep = [...state.keep, { name, set: state.set }];
  ask({}, "push");
});
at("save")?.querySelector("button").addEventListener("click", async () => {
  const field = at("save").querySelector("input");
  try {
    say((await post("/save", { file: state.file, set: state.set, name: field.value })).said);
  } catch (error) {
    say(error.message);
  }
});

async function open(file) {
  say("Reading " + file.name + " ...");
  try {
    const answer = await fetch("/open?name=" + encodeURIComponent(file.name), {
      method: "POST", body: file, headers: { "x-outlay-token": state.token },
    });
    const text = await answer.text();
    if (!answer.ok) return say(text);
    location.href = JSON.parse(text).href;
  } catch (error) {
    say(error.message);
  }
}
addEventListener("dragover", (event) => { event.preventDefault(); document.body.classList.add("over"); });
addEventListener("dragleave", (event) => { if (!event.relatedTarget) document.body.classList.remove("over"); });
addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("over");
  if (event.dataTransfer.files[0]) open(event.dataTransfer.files[0]);
});

if (state.file) {
  history.replaceState({ set: state.set, keep: state.keep, depth: history.state?.depth ?? 0 }, "");
  at("undo").disabled = !history.state.depth;
  at("keep").hidden = false;
  at("save").hidden = !state.saves;
  document.querySelectorAll("#rest table.sortable").forEach(sortable);
  if (!at("course").innerHTML) trace(300);
}
