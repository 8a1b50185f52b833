// The earlier states of the video, each of which can be brought back.

import { get } from "/static/api.js";
import { $, make, plural, sentence } from "/static/navigation.js";
import { say, state } from "/static/state.js";

/** Shows the earlier states. */
export async function showHistory() {
  $("states").replaceChildren(make("li", "Loading."));
  if (!$("history").open) $("history").showModal();
  try {
    const { states } = await get(`/api/history/${encodeURIComponent(state.video.id)}`);
    $("states").replaceChildren(...states.map(stateRow));
    if (!states.length) $("states").append(make("li", "Nothing has been changed yet."));
  } catch (error) {
    $("states").replaceChildren(make("li", sentence(error)));
  }
}

function stateRow({ version, time, actions, what }, index) {
  const row = make("li"), facts = make("span"), when = new Date(time).toLocaleString();
  facts.append(make("b", when), make("br"), `${plural(actions, "action")}: ${what}`);
  row.append(facts);
  if (index === 0) {
    row.append(make("span", "now", "quiet"));
  } else {
    const back = make("button", "Bring back");
    back.type = "button";
    back.setAttribute("aria-label", `Bring back the state of ${when}, ${plural(actions, "action")}`);
    back.addEventListener("click", () => bringBack(version));
    row.append(back);
  }
  return row;
}

async function bringBack(version) {
  try {
    await state.video.restore(version);
    $("history").close();
    say("Brought back. Undo takes it back again.");
  } catch (error) {
    $("states").prepend(make("li", sentence(error)));
  }
}
