"""Tests of the sandbox, one file per rule. Every answer they provoke is checked against what Seam publishes."""
