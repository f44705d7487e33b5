"""The outside world: everything that speaks Seam's API, and the tasks that do so."""
