"""The graph of a resolution, and drawings of it: SVG, Mermaid, DOT, JSON. Pure, and no Graphviz.

``resolution_graph`` makes the value, ``around`` cuts a neighbourhood out of it, ``render`` draws
it. Every drawing shows each node and each edge exactly once, and is the same bytes for the same
graph.
"""
