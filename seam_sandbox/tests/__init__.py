"""Tests of the sandbox; each answer is also checked against Seam's published contract."""
