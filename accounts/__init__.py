"""Who: people, workspaces, creators, API clients, and the record of what they did."""
