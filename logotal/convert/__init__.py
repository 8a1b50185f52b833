"""Checkpoints of ActionFormer, TriDet and TemporalMaxer become run folders."""
