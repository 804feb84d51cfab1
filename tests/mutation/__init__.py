"""The mutants of the pure heart: small mistakes planted by ``mutmut``, each of which must be
noticed by a test that needs no server.

``make mutants`` runs them; ``survivors.yaml`` lists those that live, each kind of them and each
single one with the reason why it may. A mutant that lives and is not listed fails the command, and
so does a kind or a single one that is listed and lives no more.
"""
