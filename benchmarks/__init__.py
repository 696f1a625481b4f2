"""Benchmarks: figures on real and generated input, printed as JSON lines."""
