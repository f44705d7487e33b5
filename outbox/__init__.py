"""Whatever leaves: a row for each message, written with its cause and sent by a task."""
