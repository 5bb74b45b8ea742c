"""Use-cases of people and workspaces: one function each."""
