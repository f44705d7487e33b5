/* What the pages need beyond HTML and htmx: themes, dialogs, copying, ages, polite polling, double clicks. */
"use strict";
const root = document.documentElement;
const on = (type, act, target = document) => target.addEventListener(type, act);
const closest = (event, selector) => event.target instanceof Element && event.target.closest(selector);

/* --- Clicks: one listener for all, so nothing has to be set up again after a swap --- */
on("click", (event) => {
  const opener = closest(event, "[data-dialog]");
  const dialog = opener && document.getElementById(opener.dataset.dialog);
  if (dialog) { event.preventDefault(); dialog.showModal(); }
  const closer = closest(event, "[data-close]");
  if (closer?.closest("dialog[open]")) { event.preventDefault(); closer.closest("dialog").close(); }
  if (event.target instanceof HTMLDialogElement && event.target.open && isOutside(event, event.target)) event.target.close();
  const copier = closest(event, "[data-copy]");
  if (copier) navigator.clipboard?.writeText(copier.dataset.copy).then(() => say("Copied."));
  closest(event, "[data-dismiss]")?.closest(".toast")?.remove();
  const theme = closest(event, "[data-theme-set]");
  if (theme) setTheme(theme.dataset.themeSet);
  const pause = closest(event, "[data-pause]");
  if (pause) setPaused(!root.hasAttribute("data-paused"));
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});
function isOutside({ clientX: x, clientY: y }, element) {
  const box = element.getBoundingClientRect();
  return x < box.left || x > box.right || y < box.top || y > box.bottom;
}
on("keydown", (event) => {
  const typing = closest(event, "input, select, textarea, [contenteditable]");
  const search = document.getElementById("search");
  if (event.key === "/" && search && !typing && !event.ctrlKey && !event.metaKey) { event.preventDefault(); search.focus(); }
  const menu = event.key === "Escape" && closest(event, "details.menu[open]");
  if (menu) { menu.open = false; menu.querySelector("summary").focus(); }
});

/* --- Theme --- */
function setTheme(theme) {
  if (theme) root.dataset.theme = theme; else delete root.dataset.theme;
  try { theme ? localStorage.setItem("theme", theme) : localStorage.removeItem("theme"); } catch { /* for this page only */ }
  showTheme();
}
function showTheme() {
  for (const button of document.querySelectorAll("[data-theme-set]"))
    button.setAttribute("aria-pressed", String(button.dataset.themeSet === (root.dataset.theme ?? "")));
}

/* --- Ages: counted on the server's clock, which may be a simulated one --- */
let clock = { now: Date.now(), speed: 1, seen: Date.now() };
function readClock(element) {
  const source = element?.matches?.("[data-now]") ? element : element?.querySelector?.("[data-now]");
  if (source) clock = { now: Date.parse(source.dataset.now), speed: Number(source.dataset.speed ?? clock.speed), seen: Date.now() };
}
const AGES = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
function age(instant) {
  const seconds = Math.trunc((clock.now + (Date.now() - clock.seen) * clock.speed - instant) / 1000);
  if (Math.abs(seconds) < 2) return "now";
  const [size, unit] = AGES.find(([size]) => Math.abs(seconds) >= size);
  const words = `${Math.trunc(Math.abs(seconds) / size)} ${unit}`;
  return seconds > 0 ? `${words} ago` : `in ${words}`;
}
function showAges() {
  for (const time of document.querySelectorAll("time[data-ago]")) {
    const words = age(Date.parse(time.dateTime));
    if (time.textContent !== words) time.textContent = words;
  }
}
setInterval(() => document.hidden || showAges(), 10_000);

/* --- Polls wait while the page is hidden, while a person types or decides, and when paused. They have no event. --- */
const isPoll = ({ elt, requestConfig }) => !requestConfig.triggeringEvent && elt.matches('[hx-trigger*="every"]');
on("htmx:beforeRequest", (event) => {
  const busy = event.detail.elt.querySelector("dialog[open], :is(input, select, textarea):focus");
  if (isPoll(event.detail) && (document.hidden || busy || root.hasAttribute("data-paused"))) event.preventDefault();
});
function refreshPolls() {
  for (const part of document.querySelectorAll('[hx-trigger*="every"]')) window.htmx?.trigger(part, "refresh");
}
function setPaused(paused) {
  root.toggleAttribute("data-paused", paused);
  showPaused();
  if (!paused) refreshPolls();
}
function showPaused() {
  for (const button of document.querySelectorAll("[data-pause]")) button.textContent = root.hasAttribute("data-paused") ? "Resume" : "Pause";
}
on("visibilitychange", () => { if (!document.hidden) { showAges(); if (!root.hasAttribute("data-paused")) refreshPolls(); } });

/* --- Swaps: a whole page answered for a fragment is opened (log-in); focus stays where it was --- */
let focused = "";
on("htmx:beforeSwap", (event) => {
  const { xhr, target } = event.detail;
  if (xhr.status < 400 && /^\s*<!doctype/i.test(xhr.responseText)) {
    event.detail.shouldSwap = false;
    location.assign(xhr.responseURL);
  }
  const active = document.activeElement;
  focused = target.contains(active) ? active.id || active.closest("[id]")?.id : "";
});
on("htmx:afterSettle", (event) => {
  readClock(event.target);
  refreshFrame();
  const wrong = event.detail.requestConfig?.verb !== "get" && event.target.querySelector('[aria-invalid="true"]');
  const place = wrong || (focused && document.activeElement === document.body && document.getElementById(focused));
  if (!place) return;
  if (place.tabIndex < 0) place.tabIndex = -1;
  place.focus({ preventScroll: !wrong });
});
on("htmx:sendError", (event) => isPoll(event.detail) || say("The server did not answer. Reload the page to see what was done.", "bad"));
on("htmx:responseError", (event) => isPoll(event.detail) || say(`The server refused this (${event.detail.xhr.status}). Reload the page and try again.`, "bad"));

/* --- Messages, title and favicon --- */
function say(words, tone = "ok") {
  const made = document.getElementById("toast").content.cloneNode(true);
  made.querySelector("p").textContent = words;
  made.querySelector(".toast").classList.add(`tone-${tone}`);
  const box = document.getElementById("messages");
  const floating = box.querySelector(".floating") ?? box.appendChild(Object.assign(document.createElement("div"), { className: "floating" }));
  floating.replaceChildren(made);
}
function refreshFrame() {
  showAges(); showTheme(); showPaused();
  const count = Number(document.getElementById("attention-count")?.dataset.count ?? NaN);
  if (Number.isNaN(count)) return;
  document.title = (count ? `(${count}) ` : "") + document.title.replace(/^\(\d+\) /, "");
  const favicon = document.getElementById("favicon");
  const href = count ? favicon.dataset.alert : favicon.dataset.calm;
  if (favicon.getAttribute("href") !== href) favicon.setAttribute("href", href);
}

/* --- A form is sent once, however often its button is pressed --- */
const isSending = (form, sending) => {
  form.toggleAttribute("data-sending", sending);
  for (const button of form.querySelectorAll("button:not([type=button])")) button.setAttribute("aria-busy", String(sending));
};
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.hasAttribute("data-sending")) { event.preventDefault(); event.stopImmediatePropagation(); return; }
  if (form.method !== "post" || form.matches("[hx-post]")) return;
  isSending(form, true);
  setTimeout(isSending, 10_000, form, false);
}, { capture: true });
on("htmx:beforeRequest", ({ detail, defaultPrevented }) => defaultPrevented || (detail.elt.matches("form") && isSending(detail.elt, true)));
on("htmx:afterRequest", ({ detail }) => detail.elt.matches("form") && isSending(detail.elt, false));
/* --- A PIN in the open is gone from a page that is left, also for the browser's Back --- */
on("pagehide", () => { for (const secret of document.querySelectorAll("[data-secret]")) secret.replaceChildren("•••"); }, window);
on("pageshow", () => { for (const form of document.querySelectorAll("[data-sending]")) isSending(form, false); }, window);

readClock(document.body);
refreshFrame();
document.querySelector('[aria-invalid="true"]')?.focus();
