"""Pages of people, workspaces and creators."""
