// Edits of a document and their inverses.
//
// An edit is {put: [action], remove: [id], labelled, rejected, ignored, drafts}; each of the four lists is changed by
// {add: [item], remove: [item]}, so that the edits of two people to one list can be joined.

const SENT_LISTS = ["labelled", "rejected", "ignored"];
const LISTS = [...SENT_LISTS, "drafts"];

/** What of a server's answer edits change. */
export function readState(answer) {
  const state = { actions: new Map(answer.actions.map((action) => [action.id, action])) };
  for (const name of LISTS) state[name] = answer[name];
  return state;
}

/** A copy of a state, which edits of the other leave as it is. */
export function copyState(state) {
  return { ...state, actions: new Map(state.actions) };
}

/** What an item of a list is known by. */
export function keyOf(item) {
  return (Array.isArray(item) ? item : [item.start, item.end, item.label]).join(" ");
}

/** Applies an edit to a state, and gives the edit that takes it back. */
export function apply(state, edit) {
  const inverse = { put: [], remove: [] };
  for (const id of edit.remove ?? []) {
    if (state.actions.has(id)) inverse.put.push(state.actions.get(id));
    state.actions.delete(id);
  }
  for (const action of edit.put ?? []) {
    if (state.actions.has(action.id)) inverse.put.push(state.actions.get(action.id));
    else inverse.remove.push(action.id);
    state.actions.set(action.id, action);
  }
  for (const name of LISTS) if (edit[name]) inverse[name] = changeList(state, name, edit[name]);
  return inverse;
}

/** Changes a list of a state, and gives the change that takes it back. */
function changeList(state, name, { add = [], remove = [] }) {
  const leaving = new Set(remove.map(keyOf));
  const kept = state[name].filter((item) => !leaving.has(keyOf(item)));
  const there = new Set(kept.map(keyOf));
  const added = add.filter((item) => !there.has(keyOf(item)));
  const gone = state[name].filter((item) => leaving.has(keyOf(item)));
  state[name] = [...kept, ...added];
  return { add: gone, remove: added };
}

/** Applies an edit as the server tells it, where lists are whole. */
export function applySent(state, edit) {
  for (const id of edit.remove ?? []) state.actions.delete(id);
  for (const action of edit.put ?? []) state.actions.set(action.id, action);
  for (const name of SENT_LISTS) if (edit[name]) state[name] = edit[name];
}

/** An edit as it is sent, where `after` is the state that it leads to. */
export function toSend(edit, video, after) {
  const sent = { video, put: edit.put ?? [], remove: edit.remove ?? [] };
  for (const name of SENT_LISTS) if (edit[name]) sent[name] = after[name];
  return sent;
}

/** Whether an edit that the server tells of is this edit of ours, of which no answer came. */
export function isSame(told, edit) {
  const put = (each) => (each.put ?? []).map((action) => `${action.id} ${keyOf(action)}`);
  const named = (each) => [...put(each), ...(each.remove ?? [])];
  const sameLists = SENT_LISTS.every((name) => Boolean(told[name]) === Boolean(edit[name]));
  return sameLists && named(told).sort().join() === named(edit).sort().join();
}

/** The edit that leads from one state to another. */
export function difference(from, to) {
  const put = [...to.actions.values()].filter((action) => !sameAction(from.actions.get(action.id), action));
  const remove = [...from.actions.keys()].filter((id) => !to.actions.has(id));
  const edit = { put, remove };
  for (const name of LISTS) {
    const left = new Set(from[name].map(keyOf)), right = new Set(to[name].map(keyOf));
    const add = to[name].filter((item) => !left.has(keyOf(item)));
    const gone = from[name].filter((item) => !right.has(keyOf(item)));
    if (add.length || gone.length) edit[name] = { add, remove: gone };
  }
  return edit;
}

function sameAction(one, other) {
  return one !== undefined && Object.keys(other).every((key) => one[key] === other[key]);
}
