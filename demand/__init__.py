"""Demand: from past volumes to the productive heads that each skill needs in each interval.

It imports the kernel only; volumes come in as tidy tables, the requirement leaves as kernel data.
"""
