"""Use-cases of campaigns: one function each, called alike by pages, API, tasks and the demo."""
