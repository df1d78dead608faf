"""Tabular benchmarks: results that are looked up instead of trained. In reading order:

table           Table, the evaluator that asks it, and regret
course_table    the files of the course's own table, and how they are read
published/      an annex: NAS-Bench-101 and NAS-Bench-201 from their official files
"""
