// Where a text has a gap, people are shown its name: [gap 1]. The same as in common/shared/gaps.py. A test compares the two.

const MARK = /\{\{([0-9]+)\}\}/g;

// A test or a review with the names of its gaps in the texts of its questions, and in what they are plain renditions of.
export function withGapsNamed(test) {
  return { ...test, questions: test.questions.map((question) => (question.type === "gaps" ? { ...question, ...named(question) } : question)) };
}

function named({ text, nodes }) {
  return nodes ? { text: marked(text), nodes: nodes.map(node) } : { text: marked(text) };
}

function node(whole) {
  const found = { ...whole };
  if (whole.text) found.text = marked(whole.text);
  if (whole.children) found.children = whole.children.map(node);
  return found;
}

function marked(text) {
  return text.replace(MARK, "[gap $1]");
}
