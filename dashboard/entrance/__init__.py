"""How people get in: accounts, invitations, and the mails about both."""
