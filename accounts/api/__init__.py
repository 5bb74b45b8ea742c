"""The API's one dialect (authentication, problems, paging, idempotency, limits) and this app's endpoints."""
