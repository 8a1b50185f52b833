"""What people look at: the timeline page and the timeline as a picture."""
