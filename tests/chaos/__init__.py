"""The kill test: processes are killed at random under load, and nothing may be lost or doubled.

``load`` works the sites, ``campaign`` kills, ``invariants`` compares both sides afterwards, and
``mutants`` plants known mistakes, each of which must make an invariant fail.
"""
