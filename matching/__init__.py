"""Which creator suits which brief: observed data, signals, semantic space, search and ranking."""
