// The document of one video: its actions and lists, undo and redo, and the exchange of edits with the server.
//
// What is shown is what the server is known to have (`confirmed`) with the edits on top that still wait (`pending`).
// Edits of other tabs go below those that wait, so that nobody's work is lost.

import { get, post } from "/static/api.js";
import { apply, applySent, copyState, difference, isSame, readState, toSend } from "/static/edits.js";

const PAUSE = 1000; // milliseconds between two looks at what others changed

export class VideoDocument {
  constructor(answer) {
    Object.assign(this, { id: answer.id, duration: answer.duration, fps: answer.fps || 25, moments: answer.moments });
    Object.assign(this, { media: answer.media, playable: answer.playable });
    this.labels = [...answer.labels];
    this.address = `/api/videos/${encodeURIComponent(this.id)}`;
    this.storage = `logotal unsent ${this.id}`;
    this.pending = []; // steps that the server does not have yet
    this.done = []; // steps to undo
    this.undone = []; // steps to redo
    this.problem = null; // why the last exchange failed
    this.own = new Set(); // versions that are ours although we have not seen those before them
    this.tasks = []; // what is done between two edits
    this.stale = false; // whether the drafts may be others by now
    this.unsure = false; // whether an edit may have arrived although no answer did
    this.changed = () => {}; // called after every change
    this.told = () => {}; // called with a sentence about what the server or somebody else did
    this.wake = () => {};
    this.#take(answer);
  }

  /** Makes an edit, which is one step of undo. */
  edit(edit, what) {
    this.done.push(this.#perform(edit, what));
    this.undone = [];
    this.changed();
  }

  /** Takes the last step back, and says which; null where there is none. */
  undo() {
    return this.#turn(this.done, this.undone);
  }

  /** Makes the last undone step again, and says which; null where there is none. */
  redo() {
    return this.#turn(this.undone, this.done);
  }

  #turn(from, to) {
    const last = from.pop();
    if (!last) return null;
    to.push(this.#perform(last.inverse, last.what));
    this.changed();
    return last.what;
  }

  #perform(edit, what) {
    const step = { edit, what, inverse: apply(this.state, edit), clashed: false };
    this.#learnLabels(edit.put);
    this.pending.push(step);
    this.wake();
    return step;
  }

  #learnLabels(actions = []) {
    for (const { label } of actions ?? []) if (!this.labels.includes(label)) this.labels.push(label);
  }

  #take(answer) {
    this.version = answer.version;
    this.confirmed = readState(answer);
    this.#learnLabels(answer.actions);
    this.#rebuild();
  }

  /** What is shown, from what the server has and what waits. */
  #rebuild() {
    this.state = copyState(this.confirmed);
    for (const step of this.pending) step.inverse = apply(this.state, step.edit);
    this.changed();
  }

  /** Exchanges edits with the server as long as the page is open. */
  async exchange() {
    this.#takeUp();
    for (;;) {
      await this.#exchangeOnce();
      if (this.problem || !this.pending.length) {
        await new Promise((resolve) => { this.wake = resolve; setTimeout(resolve, PAUSE); });
      }
    }
  }

  async #exchangeOnce() {
    try {
      if (this.unsure) await this.#look();
      while (this.pending.length) await this.#sendFirst();
      while (this.tasks.length) await this.tasks.shift()();
      await this.#look();
      this.problem = null;
    } catch (error) {
      this.problem = error;
    }
    this.#keep();
    this.changed();
  }

  async #sendFirst() {
    const [step] = this.pending, after = copyState(this.confirmed);
    apply(after, step.edit);
    let version;
    try {
      ({ version } = await post("/api/edits", { base: this.version, edit: toSend(step.edit, this.id, after) }));
    } catch (error) {
      return this.#notTaken(step, error);
    }
    this.confirmed = after;
    this.problem = null;
    this.stale ||= this.draftsNumber > 0; // the server knows which drafts the edit answers
    if (this.pending[0] === step) this.pending.shift();
    else this.#rebuild(); // given up meanwhile, and too late
    this.changed();
    if (version === this.version + 1) {
      this.version = version;
    } else { // others came before, and the next edit is based on theirs too
      this.own.add(version);
      await this.#look();
    }
  }

  /** After a conflict the edit goes on top of what the other made; after everything else it waits. */
  #notTaken(step, error) {
    const clash = error.status === 409 && error.body?.video && !step.clashed;
    this.unsure = !clash;
    step.clashed = clash; // a second time in a row it waits for the next exchange
    if (!clash) throw error;
    this.#take({ drafts: this.confirmed.drafts, ...error.body.video });
    this.stale = true;
    this.told(`${error.message}. Yours is kept; undo brings the other back.`);
  }

  /** Gives up the first edit that waits, which the server refuses. */
  giveUp() {
    const [step] = this.pending.splice(0, 1);
    for (const steps of [this.done, this.undone]) if (steps.includes(step)) steps.splice(steps.indexOf(step), 1);
    this.problem = null;
    this.#rebuild();
    this.wake();
  }

  /** Asks what changed since, and takes over what others changed. */
  async #look() {
    const { version, changes, replaced = [], drafts } = await get(`/api/changes?since=${this.version}`);
    const others = changes.filter((change) => !this.own.has(change.version) && change.edit.video === this.id);
    for (const { edit } of others) this.#takeOver(edit);
    if (replaced.includes(this.id)) this.#take(await get(this.address)); // as after an import
    this.stale ||= this.draftsNumber !== undefined && drafts > this.draftsNumber;
    if (this.stale) this.confirmed.drafts = (await get(this.address)).drafts;
    if (others.length || this.stale) this.#rebuild();
    this.own.clear();
    Object.assign(this, { version, draftsNumber: drafts, unsure: false, stale: false });
  }

  #takeOver(edit) {
    const [step] = this.pending;
    if (this.unsure && step && isSame(edit, step.edit)) {
      this.pending.shift();
      apply(this.confirmed, step.edit);
    } else {
      applySent(this.confirmed, edit);
      this.#learnLabels(edit.put);
      this.stale ||= this.draftsNumber > 0;
      this.told("Somebody else changed this video; the page shows it.");
    }
  }

  /** Brings an earlier state of the video back, which is one step of undo. */
  restore(version) {
    return this.#between(async () => {
      const before = copyState(this.state);
      await post("/api/restore", { video: this.id, version });
      this.#take(await get(this.address));
      this.done.push({ inverse: difference(this.state, before), what: "bringing back" });
      this.undone = [];
      this.changed();
    });
  }

  #between(task) {
    return new Promise((resolve, reject) => {
      this.tasks.push(() => task().then(resolve, reject));
      this.wake();
    });
  }

  /** Keeps what could not be sent in the browser, in case that the page is closed. */
  #keep() {
    const edits = JSON.stringify(this.pending.map(({ edit }) => edit));
    try {
      if (this.pending.length) localStorage.setItem(this.storage, edits);
      else if (this.kept) localStorage.removeItem(this.storage);
      this.kept = this.pending.length > 0;
    } catch { /* the storage is full: the open page alone keeps them */ }
  }

  /** Takes up what an earlier page could not send. */
  #takeUp() {
    const edits = JSON.parse(localStorage.getItem(this.storage) ?? "[]");
    for (const edit of edits) this.edit(edit, "an edit of an earlier page");
    if (edits.length) this.told(`${edits.length} edits that an earlier page could not send are sent now.`);
  }
}
