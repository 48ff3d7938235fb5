"""PubGrub over a finite catalog: from what is asked to one version per package, or why not.

The solver (`solver`, `propagation`, `conflict_resolution`, `decisions`, `agenda`, `late_rules`,
`partial_solution`, `incompatibility`, `term`, `provider`, `reporter`) knows integers only: a
package is a number, a set of its versions is the bits of an integer. What a
catalog means in those terms is said in `catalog_provider`; what an answer or a refusal means
to people is said in `answer`, `conflict`, `explanation`, `fixes`, `why` and their siblings.
"""
