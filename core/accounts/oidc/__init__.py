"""
Signing in and registering with Google, Microsoft or another OpenID Connect provider.

An identity is (tenant, issuer, subject): valid at that tenant only, never found by an e-mail address. Who is signed in
connects one, who holds an invitation accepts it with one, and who registers may bring one along.
"""
