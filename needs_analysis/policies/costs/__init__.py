"""What a policy costs and what comes of it: plain functions, a module a kind.

Amounts in EUR, shares 0-1; every number of law, price or assumption is an argument, and a row of
``parameters.csv`` where :mod:`needs_analysis.policies.rules` calls them.
"""
