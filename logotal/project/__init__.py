"""Projects: from one's own videos and labels to a folder that can be trained.

`logotal init`, from what is found to what is written:

found.py          what a label file says, before anybody asks which videos there are
times.py          seconds out of what people write
columns.py        what columns are called
tables.py         CSV and TSV of any tool, by their headers
boris*.py         BORIS: tabular and aggregated events, projects
json_labels.py    ActivityNet, Label Studio, and which JSON is which
labels.py         every other form, and which form a file has
video_files.py    the videos and their ids
matching.py       which of them a label means
checking.py       actions that cannot be: backwards, outside their video, twice
grouping.py       which videos belong together
splitting.py      training and validation, without tearing groups apart
dividing.py       the split of each video
remarks.py        what is odd and can stay
writing.py        annotations.json and recipe.yaml
create.py         all of it

`logotal suggest`, settings that follow from what is measured: suggest.py names its parts. folder.py says what lies
where in a project.
"""
