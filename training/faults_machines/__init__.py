"""Failing appliances and machines off line: every figure of the public recordings, with its baselines."""
