"""Campaigns, briefs and partnerships over the API: thin shells on the same services as the pages."""
