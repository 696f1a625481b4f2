"""The break engine: which breaks a shift has, where they may lie, and who takes them when.

It imports only the kernel and numpy.
"""
