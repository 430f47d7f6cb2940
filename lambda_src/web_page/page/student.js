// The student the key belongs to, with their tests, as the server has them.

import { account } from "./account.js";
import { setClock } from "./clock.js";
import { ask, fetchInSight } from "./connection.js";

const FRESH_MS = 5000;
let readAt = -Infinity;

// Read the student, with attempts in sight if the view on screen waits for it (`signal`); also sets the clock.
export async function fetchStudent(signal) {
  return keepStudent(signal ? await fetchInSight("/student", {}, signal) : await ask("GET", "/student"));
}

export function keepStudent(student) {
  setClock(Date.parse(student.serverTime));
  account.student = student;
  readAt = performance.now();
  return student;
}

// The student for a view: just read, or read now, or the last one known when the server cannot be reached.
export async function currentStudent(signal) {
  const known = account.student;
  if (known && performance.now() - readAt < FRESH_MS) return known;
  try {
    return known ? keepStudent(await ask("GET", "/student", {}, { within: 8 })) : await fetchStudent(signal);
  } catch (problem) {
    if (known && problem.temporary) return known;
    throw problem;
  }
}

// The next view reads the student again: something has changed on the server.
export function expireStudent() {
  readAt = -Infinity;
}

export function testOf(student, subject, testId) {
  return student?.tests.find((test) => test.subjectName === subject && test.testId === testId);
}
