"""Ablations: the paper's tables and a few of ours, trained over seeds, resumed after any stop, and written as tables.

variants   the tables and their rows, and what configuration each row is
jobs       one training and evaluation for each different configuration and seed
workers    processes that do them
costs      parameters, multiplications and milliseconds of each row
tables     means, deviations and paired differences
page       the tables as Markdown and as a page
"""
