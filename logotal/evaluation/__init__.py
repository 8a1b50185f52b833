"""Evaluation: the numbers of the field, from columns of segments, by named protocols."""
