"""Pages of discovery, creators, imports and matches."""
