// What HTML and CSS cannot do, once, for every page. Each page works without it.
// No state, no network, no markup from strings.

const root = document.documentElement;
const one = (selector, from = document) => from.querySelector(selector);
const all = (selector, from = document) => [...from.querySelectorAll(selector)];
root.dataset.js = "";

// ---- what needs attention first
(one("#error-summary") ?? one('#flash[role="alert"]'))?.focus();

// ---- relative times: the rules of crates/ui/src/rel_time.rs
function relative(seconds) {
  const ago = Math.abs(seconds);
  const say = (amount) => (seconds >= 0 ? `${amount} ago` : `in ${amount}`);
  if (ago < 45) return seconds >= 0 ? "just now" : "in under a minute";
  if (ago < 3570) return say(`${Math.max(1, Math.floor((ago + 30) / 60))} min`);
  if (ago < 84600) return say(`${Math.floor((ago + 1800) / 3600)} h`);
  if (ago >= 2592000) return null;
  const days = Math.floor((ago + 43200) / 86400);
  return say(days === 1 ? "1 day" : `${days} days`);
}

function refreshTimes() {
  if (document.hidden) return;
  for (const time of all("time[data-relative]")) {
    const text = relative(Math.trunc((Date.now() - Date.parse(time.dateTime)) / 1000));
    if (text && text !== time.textContent.trim()) time.textContent = text;
  }
}
setInterval(refreshTimes, 30000);
document.addEventListener("visibilitychange", refreshTimes);

// ---- clicks
const live = document.createElement("div");
live.className = "sr-only";
live.setAttribute("role", "status");
document.body.append(live);

async function copy(button) {
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    const use = one("use", button);
    use?.setAttribute("href", "/icons.svg#check");
    button.dataset.copied = "";
    live.textContent = "Copied";
    setTimeout(() => {
      use?.setAttribute("href", "/icons.svg#copy");
      delete button.dataset.copied;
      live.textContent = "";
    }, 1500);
  } catch {
    live.textContent = "Copying is not allowed here";
  }
}

document.addEventListener("click", (event) => {
  const target = event.target.closest?.("[data-copy],[data-show],[data-dialog],[data-close],[commandfor]");
  for (const menu of all("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  if (!target || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { copy: text, show, dialog, close } = target.dataset;
  if (text !== undefined) return void copy(target);
  if (show) {
    const input = document.getElementById(show);
    const on = input.type === "password";
    input.type = on ? "text" : "password";
    return target.setAttribute("aria-pressed", on);
  }
  if (dialog) {
    const box = document.getElementById(dialog);
    if (!box?.showModal) return;
    event.preventDefault();
    return box.showModal();
  }
  if (close !== undefined) {
    const box = target.closest("dialog[open]");
    if (!box) return;
    event.preventDefault();
    return box.close();
  }
  // Browsers without invoker commands (before December 2025).
  if (!("command" in target)) document.getElementById(target.getAttribute("commandfor"))?.showModal?.();
});

// ---- a form is sent once
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method === "get" || form.method === "dialog") return;
  if (form.dataset.sent !== undefined) return event.preventDefault();
  form.dataset.sent = "";
  setTimeout(release, 15000);
  const button = event.submitter;
  if (!button) return;
  button.setAttribute("aria-busy", "true");
  const label = one("span", button);
  if (button.dataset.pending && label) {
    button.dataset.label = label.textContent;
    label.textContent = button.dataset.pending;
  }
});
// Back from the next page, or a download that did not leave this one.
function release() {
  for (const form of all("form[data-sent]")) delete form.dataset.sent;
  for (const button of all("[aria-busy][type=submit]")) {
    button.removeAttribute("aria-busy");
    if (button.dataset.label) one("span", button).textContent = button.dataset.label;
  }
}
addEventListener("pageshow", release);

// ---- chosen rows
function count(form) {
  const chosen = all("[data-select]:checked", form).length;
  for (const place of all("[data-selected-count]", form)) place.textContent = chosen || "";
}
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-select]") && event.target.form) count(event.target.form);
});
all("form:has([data-select])").forEach(count);

// ---- keys
const typing = (el) => el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && !/^(checkbox|radio|button|submit)$/.test(el.type);
let going = 0;

function move(step) {
  const rows = all("[data-row]").filter((row) => one("[data-row-link]", row));
  const at = rows.indexOf(document.activeElement.closest("[data-row]"));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (next) one("[data-row-link]", next).focus();
}

const keys = {
  "/": () => one("[data-search]")?.focus(),
  "?": () => one("#shortcuts")?.showModal(),
  j: () => move(1),
  k: () => move(-1),
  x: () => one("[data-select]", document.activeElement.closest("[data-row]") ?? document.createElement("i"))?.click(),
  g: () => { going = Date.now(); },
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = event.target.closest("details.menu[open]") ?? one("details.menu[open]");
    if (menu) {
      menu.open = false;
      one("summary", menu).focus();
    }
    return;
  }
  if (root.dataset.shortcuts === "off" || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (typing(event.target) || one("dialog[open]")) return;
  if (Date.now() - going < 1500) {
    going = 0;
    const link = one(`[data-go="${CSS.escape(event.key)}"]`);
    if (link) {
      event.preventDefault();
      link.click();
    }
    return;
  }
  const act = Object.hasOwn(keys, event.key) && keys[event.key];
  if (act) {
    event.preventDefault();
    act();
  }
});
