"""Projects of BORIS (.boris): JSON with an ethogram and observations, whose states start and stop by turns."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from logotal.errors import InputError
from logotal.files.json import as_list, as_number, as_object
from logotal.formats.boris_events import NO_FILE, Event, Queue, States, offset_notes
from logotal.formats.form import Form, Source
from logotal.formats.label_file import Collected, LabelFile


def read_boris_project(content: Mapping[str, Any], path: Path, group_column: str | None = None) -> LabelFile:
    """The labels in a project file; `group_column` names an independent variable.

    Raises:
        InputError: the observation and the key that are not as BORIS writes them.
    """
    found = Collected(path)
    points = _points(content, path)
    notes: list[str] = []
    for name, item in as_object(content.get("observations"), f"{path}: 'observations'").items():
        where = f"{path}: observation {name!r}"
        observation = as_object(item, where)
        events = as_list(observation.get("events", []), f"{where}: 'events'", "events")
        queue = _queue(observation, where)
        if not events:
            notes.append(f"{where} has no events, so nobody coded it; its videos are not taken as background")
        elif queue is None:
            for number, _ in enumerate(events, start=1):
                found.leave_out(f"{where}, event {number}", NO_FILE)
        else:
            for file in queue.files:
                found.see(file)
                if group := _variable(observation, group_column or "group"):
                    found.say(file, "group", group, where)
            _add(found, events, queue, points, where)
            notes += offset_notes(path, {name: str(observation.get("time offset", 0))})
    return found.file("BORIS project", notes)


def _points(content: Mapping[str, Any], path: Path) -> dict[str, bool]:
    """Whether each behavior of the ethogram is a point."""
    conf = as_object(content.get("behaviors_conf"), f"{path}: 'behaviors_conf'")
    entries = [as_object(item, f"{path}: a behavior") for item in conf.values()]
    return {str(entry.get("code")): str(entry.get("type")).lower().startswith("point") for entry in entries}


def _variable(observation: Mapping[str, Any], name: str) -> str:
    variables = observation.get("independent_variables")
    known = {str(key).casefold(): value for key, value in variables.items()} if isinstance(variables, dict) else {}
    return str(known.get(name.strip().casefold(), "")).strip()


def _queue(observation: Mapping[str, Any], where: str) -> Queue | None:
    """The files that the events of an observation are about, those of its first player; None for a live one."""
    players = observation.get("file")
    if observation.get("type", "MEDIA") != "MEDIA" or not isinstance(players, dict) or not players.get("1"):
        return None
    files = [str(file) for file in as_list(players["1"], f"{where}: 'file'", "files")]
    if len(files) == 1:
        return Queue((files[0],), (0.0,))
    info = as_object(observation.get("media_info"), f"{where}: 'media_info'")
    lengths = as_object(info.get("length"), f"{where}: 'length'")
    return Queue.of(files, [as_number(lengths.get(file), f"{where}: the length of {file!r}") for file in files])


def _add(found: Collected, events: Sequence[Any], queue: Queue, points: Mapping[str, bool], where: str) -> None:
    """The events of an observation: of a state, every first starts and every second stops it."""
    states = States(found, queue)
    for time, who, place in sorted(_events(events, where), key=lambda event: event[0]):
        behavior = who[1]
        if behavior in points:
            kind = "POINT" if points[behavior] else "STOP" if who in states.running else "START"
            states.event(Event(kind, time, queue.files[queue.at(time)], who, place))
        else:
            found.leave_out(place, f"has a behavior that the ethogram lacks ({behavior})")
    states.close()


def _events(events: Sequence[Any], where: str) -> Iterator[tuple[float, tuple[str, ...], str]]:
    """The time, subject with behavior and modifiers, and place of each event."""
    for number, item in enumerate(events, start=1):
        place = f"{where}, event {number}"
        fields = as_list(item, place, "time, subject, behavior and modifiers")
        if len(fields) < 4:
            raise InputError(f"{place}: expected time, subject, behavior and modifiers, found {fields!r:.60}")
        yield as_number(fields[0], f"{place}: the time"), tuple(map(str, fields[1:4])), place


def _claims(source: Source) -> bool:
    return {"observations", "behaviors_conf"} <= set(source.object)


def _labels(source: Source) -> LabelFile:
    return read_boris_project(source.object, source.path, source.options.group)


BORIS_PROJECT = Form("BORIS project (.boris)", _claims, _labels, (".boris", ".json"))
