"""A hostile site: it writes every nasty thing on its own topics with its own credential, for the
whole time, while the other sites work and are measured.

``packing`` makes batches of records, well and badly formed; ``kinds`` says what is sent;
``attacker`` is the process that sends it; ``measures`` looks at the others meanwhile; ``run``
brings the country up, lets all of them at it and holds the others against their bounds.
"""
