"""What reportgen costs, beside what else one could use: `python -m benchmarks`."""
