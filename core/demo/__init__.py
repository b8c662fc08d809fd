"""The demo: three tenants with people of every role and reach, and an index of it all."""
