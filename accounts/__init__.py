"""People: who may log in, for which organization, with which rights."""
