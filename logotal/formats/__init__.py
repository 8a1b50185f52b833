"""Files that hold what happens in videos: one form is one file here and a line in `labels.FORMS`."""
