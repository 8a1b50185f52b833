"""Label, train, correct: the round in a browser, on this machine alone.

edits.py      what can be changed in the labels of a video
store.py      the labels of a project and their journal
opening.py    a project, or a folder of videos, becomes a store
drafts.py     what the model found and nobody has looked at yet
pictures.py   film strips, thumbnails and the sound of a video
rounds.py     labels, features, training, score, drafts: one round
jobs.py       a round in a process of its own, which outlives the server
security.py   who may ask
server.py     what answers the pages in static/
serve.py      all of it, until it is stopped
"""
