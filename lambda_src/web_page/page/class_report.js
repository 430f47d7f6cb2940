// A report as it was mailed, put together anew from its text: the page accepts no HTML and no style from elsewhere.

import { account } from "./account.js";
import { Problem } from "./api.js";
import { el, link } from "./elements.js";
import { BASE } from "./storage.js";
import { address, show, showLoading } from "./view.js";

const KEPT = new Set(["H2", "H3", "P", "TABLE", "TBODY", "THEAD", "TR", "TH", "TD", "UL", "OL", "LI", "B", "STRONG", "I", "EM", "BR", "CODE", "PRE"]);
const LEFT_OUT = new Set(["HEAD", "SCRIPT", "STYLE", "TITLE", "TEMPLATE", "IMG", "SVG"]);

export async function showReport(signal, subject, testId, digest) {
  showLoading("Report");
  const report = await read(signal, { subjectName: subject, testId, digest });
  if (signal.aborted) return;
  show("Report", el("div", { class: "actions" }, link(address("results", subject, testId), "button", "Results of the test"), link("#/", "button", "All tests")),
  el("div", { class: "card report wide", tabindex: "0", role: "region", "aria-label": "Report" }, rebuilt(report.body)));
}

// The browser parses the reply into a document that is never shown and whose scripts never run.
function read(signal, fields) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("GET", `${BASE}/v1/class/report?${new URLSearchParams(fields)}`);
    request.responseType = "document";
    request.timeout = 20000;
    request.setRequestHeader("x-api-key", account.key);
    request.setRequestHeader("accept", "text/html");
    request.onload = () => {
      if (request.status === 200 && request.response?.body) resolve(request.response);
      else reject(new Problem(request.status, request.status === 404 ? "ReportNotFound" : "", "This report is not kept any more."));
    };
    request.onerror = request.ontimeout = () => reject(new Problem(0, "Unreachable", ""));
    signal.addEventListener("abort", () => request.abort());
    request.send();
  });
}

// Tables for the layout become blocks, and everything that is not text or structure is left out.
function rebuilt(node) {
  return [...node.childNodes].map((child) => {
    if (child.nodeType === Node.TEXT_NODE) return child.textContent;
    if (child.nodeType !== Node.ELEMENT_NODE || LEFT_OUT.has(child.tagName.toUpperCase())) return null;
    const content = rebuilt(child);
    if (child.closest("table")?.getAttribute("role") === "presentation" && /^(TABLE|TR|TD)$/.test(child.tagName)) return el("div", { class: child.tagName === "TR" ? "row" : null }, content);
    return KEPT.has(child.tagName) ? el(child.tagName.toLowerCase(), child.tagName === "TH" ? { scope: "col" } : {}, content) : content;
  });
}
