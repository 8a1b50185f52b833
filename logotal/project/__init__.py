"""Projects: from one's own videos and labels to a folder that can be trained.

`logotal init`, from what is found to what is written:

label_files.py    the label files, in the forms of `logotal.formats`
video_files.py    the videos and their ids
matching.py       which of them a label means
units.py          times become seconds of their video, unless the video shows that they cannot be
versions.py       two files that describe the same actions differently
checking.py       actions that cannot be: backwards, outside their video, twice
grouping.py       which videos belong together
splitting.py      training and validation, without tearing groups apart
dividing.py       the split of each video
earlier.py        the project that lies there already
updating.py       what it keeps, and where new videos go
changes.py        videos, actions and labels that came, went or moved
recipe.py         recipe.yaml, made or left as it is
remarks.py        what is odd and can stay
writing.py        annotations.json and recipe.yaml
create.py         all of it

`logotal agree`, two label files compared: agree.py.

`logotal suggest`, settings that follow from what is measured: suggest.py names its parts. folder.py says what lies
where in a project.
"""
