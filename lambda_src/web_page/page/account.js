// The API key of whoever is signed in, and the student as last read from the server. A trainer is never remembered.

import { kept, session } from "./storage.js";

export const account = {
  get shelf() {
    return session.get("key") ? session : kept;
  },
  get key() {
    return this.shelf.get("key");
  },
  get student() {
    return this.shelf.get("student");
  },
  set student(student) {
    this.shelf.set("student", student);
  },
  signIn(key, student, remember) {
    this.forget();
    const shelf = remember ? kept : session;
    shelf.set("key", key);
    shelf.set("student", student);
  },
  get trainer() {
    return session.get("trainer");
  },
  set trainer(trainer) {
    session.set("trainer", trainer);
  },
  signInTrainer(key, trainer) {
    this.forget();
    session.set("key", key);
    this.trainer = trainer;
  },
  forget() {
    for (const shelf of [session, kept]) for (const name of ["key", "student", "trainer"]) shelf.remove(name);
  },
};
