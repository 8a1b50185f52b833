// What is written about actions: the name of a lane, the card of the selected action, the table of all.

function make(name, text = "", look = "") {
  const node = document.createElement(name);
  node.textContent = text;
  node.className = look;
  return node;
}

function laneLabel(lane) {
  const node = make("div", "", `label ink-${lane.color}`);
  node.style.height = `${lane.height}px`;
  node.title = lane.label;
  node.append(make("span", lane.label));
  return node;
}

/** The pixels that the longest of these labels asks for, within reason. */
function namesWidth(labels) {
  const longest = labels.reduce((most, label) => Math.max(most, label.length), 0);
  return Math.min(Math.max(longest * 7.5 + 46, 110), 280);
}

/** The heading and the facts of one action of a video whose actions are `actions`. */
function actionCard(action, actions, withTruth) {
  const time = (seconds) => `${seconds.toFixed(2)} s` + (seconds >= 60 ? ` (${clock(seconds, 1)})` : "");
  const facts = isMoment(action) ? [["Time", time(action.start)]]
    : [["Start", time(action.start)], ["End", time(action.end)], ["Length", `${(action.end - action.start).toFixed(2)} s`]];
  if (!action.truth) facts.push(["Score", action.score.toFixed(3)]);
  if (!action.truth && withTruth) {
    const moment = isMoment(action), found = moment ? nearest(action, actions) : bestOverlap(action, actions);
    const value = found === null ? "no truth of this label" : found.toFixed(2) + (moment ? " s" : "");
    facts.push([moment ? "To the nearest truth" : "Best tIoU with a truth", value]);
  }
  const heading = make("h2");
  const kind = make("span", action.truth ? " truth" : " prediction", "quiet");
  heading.append(make("span", "", `dot ink-${action.color}`), action.label, kind);
  const list = make("dl");
  for (const [term, value] of facts) {
    const pair = make("div");
    pair.append(make("dt", term), make("dd", value));
    list.append(pair);
  }
  return [heading, list];
}

function tableRow(action, choose) {
  const row = make("tr");
  const score = action.truth ? "truth" : action.score.toFixed(3);
  row.append(...[action.start.toFixed(2), action.end.toFixed(2), score, action.label].map((text) => make("td", text)));
  row.addEventListener("click", () => choose(action));
  return row;
}

/** A few words for the line under the heading: 3 actions, 1 truth. */
function plural(count, word) {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

/** What is to be known where the model has learned from some of the videos; empty where it has from none. */
function learnedSentence(videos) {
  const count = videos.filter((video) => video.learned).length;
  if (!count) return "";
  const which = videos.length === 1 ? "this video" : `${count} of these ${videos.length} videos, which are marked`;
  return `The model has learned from ${which}: how well it does there says nothing about new videos.`;
}
