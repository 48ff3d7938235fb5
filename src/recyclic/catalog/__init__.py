"""Everything known: names, versions, manifests. Pure; reading files is ``manifest``'s job."""
