// The types of questions. This is the only place that knows all of them. Each type has
//
// - `hint`: what to do;
// - `fitting(question, answer)`: the answer as the API takes it, without what the question no longer has; null if nothing
//   of it fits;
// - only if something is typed: `cleaned(question, given)`, what counts of what was given, and `wrong(question, given)`, what
//   of it is no answer: rows as those of `rows`, each with its `problem`;
// - `brief(question, answer)`: the answer in a few characters;
// - `rows(question, answer)`: its parts, `{item, gap, option, typed}`, for answer_view.js;
// - `compared(question, answer, right)`: the entries of a list that shows the answer and what is right, both as in a review;
// - `control(question, given)`: what the answer is given with: `content`, `show(answer)`, `focus()`, and, if the question is
//   the label of a field, that field's ID (`labelled`). `given` is called with each answer, in a form that `fitting` takes.

import { gaps } from "./gaps_field.js";
import { match } from "./match_field.js";
import { multiple, single } from "./option_field.js";
import { order } from "./order_field.js";
import { number, text } from "./typed_field.js";

const TYPES = { single, multiple, number, text, order, match, gaps };

export function typeOf(question) {
  return TYPES[question.type];
}
