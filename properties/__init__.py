"""The domain: rental places, locks, guests, stays and access codes. Knows nothing of Seam's API."""
