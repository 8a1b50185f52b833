"""Label, train, correct: the round in a browser, on this machine alone.

edits.py        what can be changed in the labels of a video
store.py        the labels of a project and their journal
opening.py      a project, or a folder of videos, becomes a store
adding.py       videos and label files that are added
drafts.py       what the model found and nobody has answered yet
next_places.py  what to label next
rounds.py       labels, features, training, drafts: one round
results.py      what a round found
jobs.py         a round in a process of its own, which outlives the server
playing.py      which videos browsers play
pictures.py     film strips, thumbnails and the sound of a video
films.py        what pages ask for of videos
pages.py        the pages and the frame that they share
answering.py    how requests are read and answered
security.py     who may ask
server.py       what answers the pages in static/
serve.py        all of it, until it is stopped
"""
