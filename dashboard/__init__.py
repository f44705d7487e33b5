"""The pages for people with a log-in, and what they are made of."""
