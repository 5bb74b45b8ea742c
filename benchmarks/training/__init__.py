"""Scripts that fit the small models whose parameters are kept in the project. The data are never copied."""
