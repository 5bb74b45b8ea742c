"""Contracts: rules and clauses as dated data, the document, the signatures and their evidence."""
