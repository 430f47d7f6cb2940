// One test of the class: its results, the last report's figures, and each student.

import { localTime, secondsUntil } from "./clock.js";
import { ask, fetchInSight } from "./connection.js";
import { button, el, link } from "./elements.js";
import { histogram } from "./plots.js";
import { closes, points, titleOf } from "./test_facts.js";
import { beginning, clean, plain } from "./text.js";
import { address, say, show, showLoading } from "./view.js";

const STATUS = { open: "Not begun", begun: "Begun", submitted: "Submitted", scored: "Scored", missing: "Missing" };

export async function showResults(signal, subject, testId) {
  showLoading("Results");
  const query = { subjectName: subject, testId };
  const found = await fetchInSight("/class/results", query, signal);
  if (signal.aborted) return;
  show(titleOf(found), el("p", { class: "lead" }, plain(subject), opening(found), " · ", closes(found)),
    el("div", { class: "actions" }, link(address("preview", subject, testId), "button", "Preview the test"), link("#/", "button", "All tests")),
    found.statistics ? figures(found.statistics) : el("p", { class: "card" }, "The figures appear here once the test has been scored."),
    reportList(found), el("h2", {}, "Students"), studentTable(found, query, signal));
}

function opening({ opensAt }) {
  return opensAt && secondsUntil(opensAt) > 0 ? [" · opens ", localTime(opensAt)] : null;
}

function figures(statistics) {
  const { scored, students, mean, deviation, distribution, questions } = statistics;
  const lines = distribution.map((number, at) => `${at * 10} to ${at * 10 + 10} percent: ${number}`);
  const facts = [`${scored} of ${students} students graded`];
  if (mean !== null) facts.push(`mean ${mean.toFixed(1)}%`);
  if (deviation !== null) facts.push(`standard deviation ${deviation.toFixed(1)}%`);
  return [
    el("h2", {}, "Distribution"),
    el("figure", { class: "card" }, histogram(distribution, `Number of results by percentage of the points. ${lines.join("; ")}.`),
      el("figcaption", { class: "quiet" }, `Results by percentage of the points. ${facts.join(", ")}. As of `, localTime(statistics.asOf), ".")),
    el("h2", {}, "Questions"), suspicion(questions),
    el("div", { class: "card wide", tabindex: "0", role: "region", "aria-label": "Questions" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Question", "Facility", "Discrimination", "Efficiency"].map((name) => el("th", { scope: "col" }, name)))),
      el("tbody", {}, questions.map(questionRow)))),
    el("p", { class: "quiet after" }, "Facility: the mean share of the points. Discrimination: how well the question distinguishes strong students from weak ones. Efficiency: discrimination compared with the best that these points allow. A dash: undefined."),
    el("h2", {}, "Answers"),
    el("p", { class: "quiet" }, "How many gave each answer. The halves are by the points for the other questions."),
    questions.map(choices),
  ];
}

function suspicion(questions) {
  const numbers = questions.filter((question) => question.suspects.length).map((question) => question.number);
  return numbers.length ? el("div", { class: "panel warn" }, el("p", {}, el("b", {}, `Check the key of question ${numbers.join(", ")}`), ": see the answers below.")) : null;
}

// How often each answer to a question, or in each of its gaps, was given: by the halves of the class or, if there are
// none, by all.
function choices(question) {
  return el("details", { class: "card choices", open: question.suspects.length > 0 },
    el("summary", {}, `${question.number}. `, beginning(question.text)),
    question.gaps ? question.gaps.map((gap) => [el("p", {}, `Gap ${gap.id}`), counts(gap)]) : counts(question));
}

// Of a question, or of a gap.
function counts({ type, options, items, suspects }) {
  const typed = type === "number" || type === "text";
  const given = typed || type === "order";
  const name = (option) => {
    if (!option.option) return "No answer";
    if (!given) return [`${option.option}. `, beginning(option.text)];
    return option.option === "other" ? "Other answers" : typed ? plain(option.text) : beginning(option.text);
  };
  const row = (option) => [[name(option), option.right ? " (right)" : null], option.upper === null ? [option.lower] : [option.upper, option.lower]];
  return [
    suspects.length ? el("p", { class: "error" }, "Check the key: ", plain(suspects.map((each) => (typed ? `"${each}"` : each)).join(", ")),
      ` was ${given ? "given" : "chosen"} by more of the upper half than ${typed ? "all right answers together" : "the right answer"}.`) : null,
    items ? items.map((item, at) => [el("p", {}, `${at + 1}. `, beginning(item.text)), countTable("Option", options.map((option) => [
      [name(option), option.option && option.option === item.right ? " (right)" : null], item.counts[option.option]]))])
      : countTable(given ? "Answer" : "Option", options.map(row)),
  ];
}

// `rows`: what was answered, and how many of each half, or of all, did.
function countTable(heading, rows) {
  const halves = rows[0]?.[1].length === 2;
  return el("table", {},
    el("thead", {}, el("tr", {}, [heading, ...(halves ? ["Upper half", "Lower half"] : ["Students"])].map((name) => el("th", { scope: "col" }, name)))),
    el("tbody", {}, rows.map(([name, counts]) => el("tr", {}, el("th", { scope: "row" }, name), counts.map((count) => el("td", {}, `${count}`))))));
}

function questionRow(question) {
  const values = [question.facility, question.discrimination, question.efficiency];
  return el("tr", {},
    el("th", { scope: "row" }, `${question.number}. `, beginning(question.text), question.shown === undefined ? null : ` (drawn for ${question.shown})`, question.dropped ? " (dropped)" : null,
      question.correction ? el("span", { class: "quiet" }, plain(question.correction)) : null),
    values.map((value) => el("td", {}, value === null ? "–" : `${Math.round(value)}%`)));
}

function reportList({ subjectName, testId, reports }) {
  if (!reports.length) return null;
  return [
    el("h2", {}, "Reports"),
    el("ul", { class: "plain-list" }, reports.map((report) => el("li", {},
      link(`${address("report", subjectName, testId)}/${report.digest}`, "", "Report of ", localTime(report.writtenAt))))),
  ];
}

// The students, and a button for more of them in a large class.
function studentTable(found, query, signal) {
  const rows = el("tbody", {}, found.students.map(studentRow));
  const table = el("div", { class: "card wide", tabindex: "0", role: "region", "aria-label": "Students" }, el("table", {},
    el("thead", {}, el("tr", {}, ["Student", "State", "Points"].map((name) => el("th", { scope: "col" }, name)))), rows));
  let { next } = found;
  const error = el("p", { class: "error", role: "alert" });
  const more = button("Show more students", "button", async () => {
    more.disabled = true;
    try {
      const part = await ask("GET", "/class/results", { ...query, after: next });
      if (signal.aborted) return;
      rows.append(...part.students.map(studentRow));
      say(`${part.students.length} more students.`);
      next = part.next;
      more.hidden = !next;
      error.textContent = "";
    } catch (problem) {
      error.textContent = problem.temporary ? "The server could not be reached. Try again." : clean(problem.message);
    } finally {
      more.disabled = false;
    }
  });
  more.hidden = !next;
  return [table, error, el("div", { class: "actions" }, more)];
}

function studentRow(student) {
  return el("tr", {},
    el("th", { scope: "row" }, link(`#/person/${student.studentId}`, "", plain(student.name)), el("span", { class: "quiet" }, plain(student.email))),
    el("td", {}, STATUS[student.status], student.submittedAt ? el("span", { class: "quiet" }, localTime(student.submittedAt)) : null, student.late ? el("span", { class: "quiet" }, "late") : null),
    el("td", {}, student.points === null ? "–" : points(student)));
}

export async function showPerson(signal, studentId) {
  showLoading("Student");
  const student = await fetchInSight("/class/student", { studentId }, signal);
  if (signal.aborted) return;
  const rows = student.tests.map((test) => el("tr", {},
    el("th", { scope: "row" }, link(address("results", test.subjectName, test.testId), "", titleOf(test)), el("span", { class: "quiet" }, plain(test.subjectTitle))),
    el("td", {}, STATUS[test.status], el("span", { class: "quiet" }, test.submittedAt ? localTime(test.submittedAt) : closes(test))),
    el("td", {}, test.points === null ? "–" : points(test))));
  show(plain(student.name), el("p", { class: "lead" }, student.studentId, " · ", plain(student.email)),
    rows.length ? el("div", { class: "card wide", tabindex: "0", role: "region", "aria-label": "Tests" }, el("table", {},
      el("thead", {}, el("tr", {}, ["Test", "State", "Points"].map((name) => el("th", { scope: "col" }, name)))), el("tbody", {}, rows)))
      : el("p", { class: "card" }, "This student has no tests."),
    el("div", { class: "actions" }, link("#/", "button", "All tests")));
}
