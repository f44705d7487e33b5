"""Real processes, a random day of people's work, everything that breaks, and a look from outside afterwards."""
